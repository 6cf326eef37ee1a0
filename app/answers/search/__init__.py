"""The place that somebody means."""
