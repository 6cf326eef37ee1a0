"""Changes in registers, for pages, feeds and watch lists."""
