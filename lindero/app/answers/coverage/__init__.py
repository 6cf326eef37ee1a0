"""How far the map has data, and what it says where it has none."""
