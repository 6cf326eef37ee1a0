"""Geometry and statistics of territory: frames in, frames out."""
