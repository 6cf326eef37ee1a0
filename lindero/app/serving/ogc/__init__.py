"""OGC API Features at `/ogc`: the layers of the served map, for QGIS, GDAL and other clients."""
