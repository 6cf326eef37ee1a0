"""The map's database on disk: writing, opening and querying it."""
