"""What a page gives as a file: pictures, briefs, pocket maps."""
