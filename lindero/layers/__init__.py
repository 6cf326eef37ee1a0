"""Files, services and the database: what was received, and what is kept of it."""
