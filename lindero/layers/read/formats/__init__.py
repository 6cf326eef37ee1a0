"""Kinds of files and how each is read; run inside the sandbox."""
