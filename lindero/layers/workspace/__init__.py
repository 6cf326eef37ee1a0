"""A workspace: its manifest, received files and decisions, and its backup."""
