"""Polygons over polygons: what they share, counted once, cut, apportioned, and how sure it is."""
