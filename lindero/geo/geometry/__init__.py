"""Coordinates, projections, areas and rings, on which all other measurements are based."""
