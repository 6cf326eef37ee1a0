"""Validation of rows: which are kept, repaired or rejected, and why."""
