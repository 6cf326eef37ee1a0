"""Files that programs of others open: one or two modules a format."""
