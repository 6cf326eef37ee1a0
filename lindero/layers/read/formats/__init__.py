"""File formats: detection and reading. This code runs inside the sandbox."""
