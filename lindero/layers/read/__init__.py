"""Received files as numbered rows."""
