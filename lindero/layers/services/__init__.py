"""Services of the web that give layers: asked only when the user asks, and never by a process that serves pages."""
