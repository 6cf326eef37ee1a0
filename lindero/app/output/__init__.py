"""Answers written down: files, symbols of maps, and how each figure was made."""
