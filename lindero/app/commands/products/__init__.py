"""Commands whose answer leaves as files."""
