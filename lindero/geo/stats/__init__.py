"""Statistics of places and events: hotspots, rates, rankings, before and after."""
