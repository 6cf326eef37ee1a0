"""The parts that pages are made of: maps, tables, charts, forms."""
