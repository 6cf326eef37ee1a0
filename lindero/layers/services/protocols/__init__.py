"""The kinds of services that are known, and what they have in common."""
