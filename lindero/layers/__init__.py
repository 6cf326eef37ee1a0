"""Files, services and the database: received data, and the data derived from them."""
