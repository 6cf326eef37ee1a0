"""Joins layers and geo: the command line, the build, the pages and the tile server."""
