"""What is compiled, each beside the plain shapely way that the tests hold it to."""
