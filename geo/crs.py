"""The coordinate reference systems in use: the only module that names an EPSG code."""

import pyproj

DEGREES = "OGC:CRS84"  # longitude, latitude on WGS 84, in this order
EQUAL_AREA = "EPSG:6933"  # EASE-Grid 2.0, cylindrical equal-area on WGS 84, true scale at 30°
WEB_MERCATOR = "EPSG:3857"
PSAD56 = {17: "EPSG:24877", 18: "EPSG:24878", 19: "EPSG:24879"}  # Peru's older cadastres: UTM zones 17S to 19S

ELLIPSOID = pyproj.Geod(ellps="WGS84")


def utm(zone: int, *, south: bool) -> str:
    """Name the WGS 84 / UTM reference system of a `zone` (1 to 60)."""
    return f"EPSG:{(32700 if south else 32600) + zone}"
