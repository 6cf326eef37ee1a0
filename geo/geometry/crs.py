"""The coordinate reference systems in use: the only module that names an EPSG code."""

import re
from functools import cache

import pyproj
from pyproj.database import query_crs_info
from pyproj.enums import PJType

DEGREES = "OGC:CRS84"  # longitude, latitude on WGS 84, in this order
EQUAL_AREA = "EPSG:6933"  # EASE-Grid 2.0, cylindrical equal-area on WGS 84, true scale at 30°
WEB_MERCATOR = "EPSG:3857"
LATITUDE_FIRST = "EPSG:4326"  # WGS 84 in the order that its register says
PSAD56 = {17: "EPSG:24877", 18: "EPSG:24878", 19: "EPSG:24879"}  # Peru's older cadastres: UTM zones 17S to 19S

ELLIPSOID = pyproj.Geod(ellps="WGS84")

_YEAR = re.compile(r"(?<!\d)(?:(?:19|20)\d\d|[6-9]\d)(?=\D)")


@cache
def to_degrees(crs: str) -> pyproj.Transformer:
    """Give what brings east and north of a system into `DEGREES`: PROJ looks up how for up to a tenth of a second."""
    return pyproj.Transformer.from_crs(crs, DEGREES, always_xy=True)


@cache
def national(country: str) -> tuple[str, ...]:
    """Name the projected systems of EPSG's register that are made for a country (its English name), newest first."""
    if not country:
        return ()
    named = re.compile(rf"(?<!New )\b{re.escape(country)}\b")
    known = query_crs_info("EPSG", PJType.PROJECTED_CRS)
    own = [one for one in known if one.area_of_use and not one.deprecated and named.search(one.area_of_use.name or "")]
    return tuple(f"EPSG:{one.code}" for one in sorted(own, key=lambda one: -_year(one.name)))


def _year(name: str) -> int:
    """Give the year in the name of a datum, such as POSGAR 2007 or ITRF92; 0 where there is none."""
    year = _YEAR.search(name)
    return 0 if year is None else int(year[0]) if len(year[0]) > 2 else 1900 + int(year[0])  # noqa: PLR2004  digits


def utm(zone: int, *, south: bool) -> str:
    """Name the WGS 84 / UTM reference system of a `zone` (1 to 60)."""
    return f"EPSG:{(32700 if south else 32600) + zone}"
