"""The server: one process on one port, with its routes, headers and login."""
