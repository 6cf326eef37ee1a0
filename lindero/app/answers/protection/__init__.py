"""Where protection is missing: what regions and communities need, and what they have of it."""
