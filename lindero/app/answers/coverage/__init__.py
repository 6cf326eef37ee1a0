"""The areas where the map has data, and the texts for areas without data."""
