"""Attacks, cases, protection measures and commitments: counted, and described in sentences."""
