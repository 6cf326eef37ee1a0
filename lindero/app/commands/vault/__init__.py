"""Commands for records that are not public."""
