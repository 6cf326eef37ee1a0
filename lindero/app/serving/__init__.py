"""One process and one port: the server, its routes and headers, the login."""
