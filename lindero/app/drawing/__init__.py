"""Charts and maps as SVG, the sheets around them, and the map of a notebook. All colours come from `output.design`."""
