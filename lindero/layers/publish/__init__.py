"""Publishing a map: the rules of what may be published, and the search of a publication for leaks."""
