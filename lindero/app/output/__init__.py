"""Output of answers: files, map symbols, and the provenance of each figure."""
