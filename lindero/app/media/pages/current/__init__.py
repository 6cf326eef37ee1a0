"""The map that this process serves, with its layers and answers, which are cached while that map is current."""
