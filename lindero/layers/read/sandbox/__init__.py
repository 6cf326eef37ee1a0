"""The process that opens untrusted files: its client, its limits, its protocol."""
