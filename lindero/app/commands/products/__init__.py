"""Commands that write their answer as files."""
