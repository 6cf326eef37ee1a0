"""The published map, with the proof that nobody can be found by it."""
