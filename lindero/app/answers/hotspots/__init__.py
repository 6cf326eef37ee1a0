"""Where more is on record than expected: the question, the places, the report."""
