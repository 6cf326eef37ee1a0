"""Routes beside the pages: the light page, tiles, feeds and health."""
