"""Builds the map: adds files, ingests their rows and stores what follows from them."""
