"""What Lindero knows about single countries: a folder of data for each, and `world` for what concerns several."""
