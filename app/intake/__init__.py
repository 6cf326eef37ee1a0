"""From received files to a map: adding, fetching, reading in, laying over, the build."""
