"""Fetching the sources of a workspace again, and accepting or putting aside what came."""
