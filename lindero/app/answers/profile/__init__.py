"""Answers with everything that a map knows of one community, holder or region."""
