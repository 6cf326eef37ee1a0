"""Commands over records that are not public."""
