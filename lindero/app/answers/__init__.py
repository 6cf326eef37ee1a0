"""Answers of the map: overlaps, nearby features, exposure, hotspots, changes, time. No pages and no commands."""
