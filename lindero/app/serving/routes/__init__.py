"""What is answered: pages, tiles, feeds, health."""
