"""What the files of Peru's institutions hold."""
