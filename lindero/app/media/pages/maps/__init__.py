"""Maps on pages."""
