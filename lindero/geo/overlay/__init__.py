"""Overlay of polygon layers: shared and covered areas, clipping, apportionment, and the certainty of overlaps."""
