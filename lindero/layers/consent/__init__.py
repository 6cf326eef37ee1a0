"""Consent withdrawn: what keeps a record out for good."""
