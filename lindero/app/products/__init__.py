"""What leaves the map as files: the printed brief, the folder for courts, pictures, the pocket map, the public copy."""
