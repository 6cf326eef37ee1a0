"""Statistics of places and events: hotspots, densities, rates, exposure, rankings, and tests of timing."""
