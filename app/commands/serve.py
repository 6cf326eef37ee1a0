"""The command that opens the map."""
