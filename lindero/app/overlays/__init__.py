"""Overlaps of layers, computed by a build and on demand, in memory, on disk, on a cluster."""
