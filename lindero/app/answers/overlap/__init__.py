"""Which features lie on which: of which rows, and which pairs are wanted."""
