"""A workspace: what was received, decided and kept, and its backup."""
