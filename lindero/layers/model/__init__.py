"""What the map holds: layers, columns, codes, ids, and what its figures mean."""
