"""Renderers of answers as HTML, plain text and JSON."""
