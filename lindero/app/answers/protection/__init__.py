"""Gaps in protection: what regions and communities need, and the protection that they have."""
