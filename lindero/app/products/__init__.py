"""Products written as files: the printed brief, the dossier for courts, the pocket map and the publication."""
