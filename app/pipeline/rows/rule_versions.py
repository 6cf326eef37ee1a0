"""Versions of the rules by which rows are read: raise one when the same file would give something else."""

READER = "16"  # of rows: builds then read every file again
COVERAGE = "3"  # of the coverage that is made of rows: builds then read every file again
