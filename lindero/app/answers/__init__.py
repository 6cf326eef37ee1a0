"""What the map answers: overlaps, nearness, exposure, hotspots, change, time; no page and no command."""
