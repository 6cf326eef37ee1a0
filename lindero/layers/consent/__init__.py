"""Withdrawn consent: keeping withdrawn records out permanently."""
