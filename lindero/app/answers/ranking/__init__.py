"""Communities ranked by what their land is exposed to, and the weights of rankings."""
