"""The dossier: the answers of the map about a community with all their data, signed so that others can verify it."""
