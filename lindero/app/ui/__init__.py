"""Parts of pages: maps, tables, charts and forms."""
