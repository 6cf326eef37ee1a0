"""What a build derives from layers and keeps: overlaps, ground counted once, cells, and the index of edges."""
