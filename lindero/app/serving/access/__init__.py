"""Access control: origin of requests, login, and limits on requests."""
