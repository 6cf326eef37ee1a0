"""Attacks, cases, measures and commitments as they are counted and told."""
