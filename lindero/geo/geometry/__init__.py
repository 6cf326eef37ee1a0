"""Coordinates, projections, areas and rings: what everything else measures on."""
