"""Vector formats that GDAL and Arrow read, and checks for content that GDAL skips without a warning."""
