"""The map's database on disk: written, opened, queried."""
