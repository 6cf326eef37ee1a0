"""Commands that answer from the map."""
