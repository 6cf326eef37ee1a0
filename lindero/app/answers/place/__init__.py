"""Search for a place, and the answer about it: its communities and concessions, and features near it."""
