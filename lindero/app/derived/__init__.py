"""Data that a build derives from layers and stores: overlaps, footprints, grid cells, and the index of edges."""
