"""What the program brings along: places, regions, names, commitments."""
