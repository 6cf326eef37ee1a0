"""Plans for adding a file: what would be stored, shown before anything is stored."""
