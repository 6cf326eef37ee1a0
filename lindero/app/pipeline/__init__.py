"""From received files to a map: adding and fetching files, reading them, and building the map."""
