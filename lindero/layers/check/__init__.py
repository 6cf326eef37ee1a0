"""Rows validated: kept, repaired or rejected, and why."""
