"""Downloads of a page: pictures, briefs and pocket maps."""
