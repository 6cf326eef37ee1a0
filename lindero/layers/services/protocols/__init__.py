"""The supported kinds of services, and their common interface."""
