"""Overlaps of features: the selection of rows, the filters on pairs, and the reports."""
