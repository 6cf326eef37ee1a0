"""Charts and maps as SVG, sheets that carry them, the map of a notebook; all colours are those of `output.design`."""
