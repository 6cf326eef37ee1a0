"""Layers of a GIS as they are read and written: what GDAL is given, and what it passes over without a word."""
