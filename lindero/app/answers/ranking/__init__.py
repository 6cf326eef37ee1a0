"""Communities ranked by the exposure of their land, and the weights of rankings."""
