"""Registers compared: which records are the same, and what changed."""
