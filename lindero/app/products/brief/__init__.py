"""The printed brief: what the map answers of a community, a holder or a region, on two to four pages of PDF."""
