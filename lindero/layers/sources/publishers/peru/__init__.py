"""Field mappings of the files of Peru's institutions."""
