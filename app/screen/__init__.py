"""The parts that pages are made of: maps, lists, charts, questions."""
