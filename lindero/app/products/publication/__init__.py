"""The publication: the public copy of a map, selected, written and verified."""
