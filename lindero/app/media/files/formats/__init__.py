"""The formats of answers. Formats that only other programs open have modules here.

Listing the formats in the help of a command loads no writer.
"""

from enum import StrEnum

KINDS = ("geojson", "gpkg", "fgb", "parquet", "csv", "json", "xlsx", "kml", "shp")
"""Files that hold a layer, to be read again."""

EVERY_KIND = (*KINDS, "gpx", "kml-phone")  # the added formats are for viewing only: they contain each row several times
MULTI_LAYER_FORMATS = ("smp", "kml-phone", "kmz", "gpx", "qgz")  # formats with several layers: for phones, and for QGIS


class Format(StrEnum):
    """A format of an answer."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    GEOJSON = "geojson"
    GPKG = "gpkg"
    PARQUET = "parquet"
    GEOPARQUET = "geoparquet"
    XLSX = "xlsx"
