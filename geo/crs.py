"""The coordinate reference systems in use: the only module that names an EPSG code."""

import re
from functools import cache

import pyproj
from pyproj.database import query_crs_info
from pyproj.enums import PJType

DEGREES = "OGC:CRS84"  # longitude, latitude on WGS 84, in this order
EQUAL_AREA = "EPSG:6933"  # EASE-Grid 2.0, cylindrical equal-area on WGS 84, true scale at 30°
WEB_MERCATOR = "EPSG:3857"
PSAD56 = {17: "EPSG:24877", 18: "EPSG:24878", 19: "EPSG:24879"}  # Peru's older cadastres: UTM zones 17S to 19S

ELLIPSOID = pyproj.Geod(ellps="WGS84")


@cache
def national(country: str) -> tuple[str, ...]:
    """Name the projected systems of EPSG's register that are made for a country (its English name), newest first."""
    if not country:
        return ()
    named = re.compile(rf"(?<!New )\b{re.escape(country)}\b")
    known = query_crs_info("EPSG", PJType.PROJECTED_CRS)
    places = ((one.code, one.area_of_use.name or "") for one in known if one.area_of_use and not one.deprecated)
    return tuple(f"EPSG:{code}" for code, place in sorted(places, key=_newest) if named.search(place))


def _newest(known: tuple[str, str]) -> int:
    return -int(known[0])


def utm(zone: int, *, south: bool) -> str:
    """Name the WGS 84 / UTM reference system of a `zone` (1 to 60)."""
    return f"EPSG:{(32700 if south else 32600) + zone}"
