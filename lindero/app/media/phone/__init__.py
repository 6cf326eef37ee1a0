"""The pocket map: one file for a phone without network."""
