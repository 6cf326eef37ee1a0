"""The dossier: what the map answers of a community with all that it rests on, sealed so that others can check it."""
