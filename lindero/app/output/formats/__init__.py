"""
The formats in which an answer can be written; those that only programs of others open have modules here.

The help of a command lists the formats, and loads no writer.
"""

from enum import StrEnum

KINDS = ("geojson", "gpkg", "fgb", "parquet", "csv", "json", "xlsx", "kml", "shp")
"""Files that hold a layer, to be read again."""

EVERY_KIND = (*KINDS, "gpx", "kml-phone")  # to be looked at, not to be read again: each row is there more than once
TOGETHER = ("smp", "kml-phone", "kmz", "gpx", "qgz")  # hold several layers: for phones, and for QGIS


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    GEOJSON = "geojson"
    GPKG = "gpkg"
    PARQUET = "parquet"
    XLSX = "xlsx"
