"""OGC API Features at `/ogc`: the layers of the map that is served, for QGIS, GDAL and whatever else speaks it."""
