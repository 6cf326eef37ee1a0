"""Commands that change what a workspace holds."""
