"""The printed brief: the answers of the map about a community, a holder or a region, on two to four PDF pages."""
