"""From received files to a map: adding, fetching, reading in, the build."""
