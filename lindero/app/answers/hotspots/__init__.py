"""Places with more on record than expected: the question, the places, and the report."""
