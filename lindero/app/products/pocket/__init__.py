"""The pocket map: the surroundings of one place of a published map, as one page that needs no server or network."""
