"""Features of a layer as services give them: page by page, and filtered in CQL2."""
