"""All that a map knows of one community, holder or region, as an answer."""
