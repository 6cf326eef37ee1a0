"""Comparison of registers: matching records, changes between snapshots, displacements and spatial extents."""
