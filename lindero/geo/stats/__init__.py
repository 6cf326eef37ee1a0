"""Statistics of places and events: hotspots, rates, exposure, rankings, and tests of timing."""
