"""The pocket map: a published map's surroundings of one place as one page that needs neither server nor network."""
