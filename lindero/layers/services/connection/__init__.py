"""Connections to one host only: address checks, HTTP requests and unmodified responses."""
