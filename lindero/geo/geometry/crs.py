"""The coordinate reference systems in use: the only module that names an EPSG code."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyproj
import shapely

if TYPE_CHECKING:
    import numpy.typing as npt
    from pyproj.aoi import AreaOfUse
    from pyproj.database import CRSInfo

DEGREES = "OGC:CRS84"  # longitude, latitude on WGS 84, in this order
EQUAL_AREA = "EPSG:6933"  # EASE-Grid 2.0, cylindrical equal-area on WGS 84, true scale at 30°
WEB_MERCATOR = "EPSG:3857"
LATITUDE_FIRST = "EPSG:4326"  # WGS 84 in the order that its register says
PSAD56 = {17: "EPSG:24877", 18: "EPSG:24878", 19: "EPSG:24879"}  # Peru's older cadastres: UTM zones 17S to 19S

ELLIPSOID = pyproj.Geod(ellps="WGS84")

_YEAR = re.compile(r"(?<!\d)(?:(?:19|20)\d\d|[6-9]\d)(?=\D)")
_NONE_CHOSEN = "unavailable until"  # PROJ has several operations, and used none
_CONTINENT = 60.0  # degrees of longitude; PSAD56 is used along half of South America
_COUNTRIES = 25.0  # … and what a few neighbours are wide together
_ZONE = 6.0
_OF_SATELLITES = ("GRS 1980", "WGS 84")
_BALLPARK = "ballpark"  # PROJ's word for what leaves the datum as it is, as nobody knows how it lies


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
    own = [one for area, one in _of_metres() if not one.deprecated and named.search(area.name or "")]
    return tuple(f"EPSG:{one.code}" for one in sorted(own, key=lambda one: -_year(one.name)))


@cache
def about_where(country: str) -> tuple[float, float, float, float] | None:
    """
    Give a box, in degrees, about all areas that EPSG's register names for a country (its English name).

    Areas that are its own, and those of datums that it shares with a few neighbours; else the zones that it is named
    for, with one more on each side, as the register does not name every country that a zone crosses. None without any.
    """
    if not country:
        return None
    name = re.escape(country)
    own, named = re.compile(rf"(?:The )?{name}\b[^.;]*\.$|(?:The )?{name} - [^;]*$"), re.compile(rf"\b{name}\b")
    degrees, metres = ([area for area, _ in systems] for systems in (_of_degrees(), _of_metres()))
    boxes = [_box(area) for area in (*degrees, *metres) if own.match(area.name or "")]
    boxes += [_box(area) for area in degrees if _width(area) < _COUNTRIES and named.search(area.name or "")]
    beside = 0.0 if boxes else _ZONE
    boxes = boxes or [_box(area) for area in metres if _width(area) <= _ZONE and named.search(area.name or "")]
    bounds = np.array([each for each in boxes if each[0] < each[2]])
    if not len(bounds):
        return None
    (west, south), (east, north) = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    return float(west) - beside, float(south), float(east) + beside, float(north)


@cache
def _of_degrees() -> list[tuple[AreaOfUse, CRSInfo]]:
    """Give the systems of EPSG's register of degrees that are for an area, and this: PROJ lists them for a while."""
    return _listed("GEOGRAPHIC_2D_CRS")


@cache
def _of_metres() -> list[tuple[AreaOfUse, CRSInfo]]:
    return _listed("PROJECTED_CRS")


def _listed(kind: str) -> list[tuple[AreaOfUse, CRSInfo]]:
    from pyproj.database import query_crs_info  # with pyproj, which few questions need
    from pyproj.enums import PJType

    return [(one.area_of_use, one) for one in query_crs_info("EPSG", PJType[kind]) if one.area_of_use]


def _is_within(area: AreaOfUse, lon: float, lat: float) -> bool:
    return bool((lon - area.west) % 360 <= _width(area) and area.south <= lat <= area.north)


def _box(area: AreaOfUse) -> tuple[float, float, float, float]:
    return area.west, area.south, area.east, area.north


@cache
def old_systems_at(lon: float, lat: float) -> tuple[str, ...]:
    """
    Name the systems of EPSG's register for a place whose datum is none of satellites: of degrees, and of metres.

    Datums of satellites are within a metre or two of one another; how some differ PROJ looks up for seconds.
    """
    systems = [
        one
        for area, one in (*_of_degrees(), *_of_metres())
        if not one.deprecated and _width(area) < _CONTINENT and _is_within(area, lon, lat)
    ]
    return tuple(f"EPSG:{one.code}" for one in systems if _is_old(f"EPSG:{one.code}"))


def _is_old(crs: str) -> bool:
    """Tell a datum by its ellipsoid: those of satellites have one of two."""
    ellipsoid = pyproj.CRS(crs).ellipsoid
    return ellipsoid is not None and ellipsoid.name not in _OF_SATELLITES


def _width(area: AreaOfUse) -> float:
    """Give the degrees of longitude that an area spans, across the 180th meridian too."""
    return float((area.east - area.west) % 360) or 360.0


def _year(name: str) -> int:
    """Give the year in the name of a datum, such as POSGAR 2007 or ITRF92; 0 where there is none."""
    year = _YEAR.search(name)
    return 0 if year is None else int(year[0]) if len(year[0]) > 2 else 1900 + int(year[0])  # noqa: PLR2004  digits


def utm(zone: int, *, south: bool) -> str:
    """Name the WGS 84 / UTM reference system of a `zone` (1 to 60)."""
    return f"EPSG:{(32700 if south else 32600) + zone}"


# How well a reference system's coordinates are brought onto WGS 84: by which operation, to how many metres.


class DatumShift(NamedTuple):
    """The operation as PROJ's register names it, and its accuracy in metres; missing where it states none."""

    operation: str
    accuracy_m: float | None

    @property
    def is_known(self) -> bool:
        """Whether anything brings the datum onto WGS 84; else places may be hundreds of metres off."""
        return _BALLPARK not in self.operation.casefold()


@lru_cache(maxsize=128)
def _looked_up(crs: pyproj.CRS) -> pyproj.Transformer:
    """Look up once for the files of a source and all its snapshots what `to_degrees` gives of a system by its name."""
    return pyproj.Transformer.from_crs(crs, DEGREES, always_xy=True)


def brought(shapes: npt.NDArray[np.object_], crs: pyproj.CRS) -> npt.NDArray[np.object_]:
    """Bring shapes in a system, east before north, onto WGS 84, by what `datum_shift` tells; heights with them."""
    transform, placed, is_high = _looked_up(crs).transform, shapes.copy(), shapely.has_z(shapes)
    for some, high in ((is_high, True), (~is_high, False)):
        if some.any():
            placed[some] = shapely.transform(shapes[some], lambda at: np.column_stack(transform(*at.T)), include_z=high)
    return placed


def datum_shift(crs: pyproj.CRS, corners: npt.NDArray[np.float64]) -> DatumShift | None:
    """
    Give the operation that brings corners (n, 2) in a system, east before north, onto WGS 84; None if none does.

    PROJ chooses by place. Of several the one for the median corner is told: a file of one country has one, mostly.
    """
    transformer = _looked_up(crs)
    finite = corners[np.isfinite(corners).all(axis=1)]
    if not len(finite):
        return None
    transformer.transform(*np.median(finite, axis=0))
    try:
        transformer = transformer.get_last_used_operation()
    except pyproj.exceptions.ProjError:  # there is one operation only, or none for this place
        if transformer.description.startswith(_NONE_CHOSEN):
            return None
    parts = [part for part in transformer.description.split(" + ") if not part.startswith("axis order change")]
    if not parts:  # only the order of axes, which moves nothing: not every PROJ states an accuracy of that
        return DatumShift("", 0.0)
    return DatumShift(" + ".join(parts), transformer.accuracy if transformer.accuracy >= 0 else None)
