"""Files for a moment, folders that take another's place, and what a machine refuses."""
