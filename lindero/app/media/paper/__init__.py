"""Drawings and briefs for print."""
