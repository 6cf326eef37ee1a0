"""Commands that change the content of a workspace."""
