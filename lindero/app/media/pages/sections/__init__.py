"""The parts of the pages, page by page: what each shows, in the order in which it answers."""
