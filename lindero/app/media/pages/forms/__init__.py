"""Forms and choices on pages."""
