"""Coordinate reference systems. This is the only module that contains EPSG codes."""

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
LATITUDE_FIRST = "EPSG:4326"  # WGS 84 with latitude first, the axis order of the EPSG register
PSAD56 = {17: "EPSG:24877", 18: "EPSG:24878", 19: "EPSG:24879"}  # older cadastres: UTM zones 17S to 19S

ELLIPSOID = pyproj.Geod(ellps="WGS84")

_YEAR = re.compile(r"(?<!\d)(?:(?:19|20)\d\d|[6-9]\d)(?=\D)")
_NONE_CHOSEN = "unavailable until"  # PROJ's description when it has several operations and has used none yet
_CONTINENT = 60.0  # degrees of longitude; PSAD56 is used along half of South America
_COUNTRIES = 25.0  # degrees of longitude: the width of a few neighbouring countries
_ZONE = 6.0
_SATELLITE_ELLIPSOIDS = ("GRS 1980", "WGS 84")
_BALLPARK = "ballpark"  # PROJ's word for an operation that does not shift the datum, because the shift is unknown


@cache
def degrees_transformer(crs: str) -> pyproj.Transformer:
    """Return the transformer from a CRS, east before north, to OGC:CRS84. It is cached.

    PROJ may search up to a tenth of a second for the operation.
    """
    return pyproj.Transformer.from_crs(crs, DEGREES, always_xy=True)


@cache
def national_systems(country: str) -> tuple[str, ...]:
    """Return the projected systems that EPSG's register lists for a country (English name), newest first."""
    if not country:
        return ()
    named = re.compile(rf"(?<!New )\b{re.escape(country)}\b")
    systems = [info for area, info in _projected_systems() if not info.deprecated and named.search(area.name or "")]
    return tuple(f"EPSG:{info.code}" for info in sorted(systems, key=lambda info: -_datum_year(info.name)))


@cache
def country_bounds(country: str) -> tuple[float, float, float, float] | None:
    """Return a bounding box around all areas of use that EPSG's register names for a country.

    The box covers the country's own areas and those of datums that it shares with a few neighbours. Without these it
    covers the zones named for the country, plus one zone on each side, because the register does not name every country
    that a zone crosses.

    Returns: west, south, east, north in degrees; None if the register does not name the country.
    """
    if not country:
        return None
    name = re.escape(country)
    own_pattern, name_pattern = (
        re.compile(rf"(?:The )?{name}\b[^.;]*\.$|(?:The )?{name} - [^;]*$"),
        re.compile(rf"\b{name}\b"),
    )
    degrees, metres = ([area for area, _ in systems] for systems in (_geographic_systems(), _projected_systems()))
    boxes = [_area_bounds(area) for area in (*degrees, *metres) if own_pattern.match(area.name or "")]
    boxes += [
        _area_bounds(area)
        for area in degrees
        if _width_degrees(area) < _COUNTRIES and name_pattern.search(area.name or "")
    ]
    margin = 0.0 if boxes else _ZONE
    boxes = boxes or [
        _area_bounds(area) for area in metres if _width_degrees(area) <= _ZONE and name_pattern.search(area.name or "")
    ]
    bounds = np.array([box for box in boxes if box[0] < box[2]])
    if not len(bounds):
        return None
    (west, south), (east, north) = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    return float(west) - margin, float(south), float(east) + margin, float(north)


@cache
def _geographic_systems() -> list[tuple[AreaOfUse, CRSInfo]]:
    """List EPSG's geographic 2D systems with their areas of use.

    The result is cached, because PROJ needs time to list them.
    """
    return _query_systems("GEOGRAPHIC_2D_CRS")


@cache
def _projected_systems() -> list[tuple[AreaOfUse, CRSInfo]]:
    return _query_systems("PROJECTED_CRS")


def _query_systems(kind: str) -> list[tuple[AreaOfUse, CRSInfo]]:
    from pyproj.database import query_crs_info  # imported here because few calls need it
    from pyproj.enums import PJType

    return [(info.area_of_use, info) for info in query_crs_info("EPSG", PJType[kind]) if info.area_of_use]


def _is_within(area: AreaOfUse, lon: float, lat: float) -> bool:
    return bool((lon - area.west) % 360 <= _width_degrees(area) and area.south <= lat <= area.north)


def _area_bounds(area: AreaOfUse) -> tuple[float, float, float, float]:
    return area.west, area.south, area.east, area.north


@cache
def find_old_systems(lon: float, lat: float) -> tuple[str, ...]:
    """List EPSG's systems for a place with a datum older than satellites: geographic first, then projected ones.

    Datums of satellites agree within a metre or two, and PROJ needs seconds to find how some of them differ.
    """
    systems = [
        info
        for area, info in (*_geographic_systems(), *_projected_systems())
        if not info.deprecated and _width_degrees(area) < _CONTINENT and _is_within(area, lon, lat)
    ]
    return tuple(f"EPSG:{info.code}" for info in systems if _is_old(f"EPSG:{info.code}"))


def _is_old(crs: str) -> bool:
    """Return whether a system has an old datum, according to its ellipsoid: satellite datums use one of two."""
    ellipsoid = pyproj.CRS(crs).ellipsoid
    return ellipsoid is not None and ellipsoid.name not in _SATELLITE_ELLIPSOIDS


def _width_degrees(area: AreaOfUse) -> float:
    """Return the width of an area of use in degrees of longitude, also across the antimeridian."""
    return float((area.east - area.west) % 360) or 360.0


def _datum_year(name: str) -> int:
    """Return the year in the name of a datum, such as POSGAR 2007 or ITRF92; 0 if there is none."""
    year = _YEAR.search(name)
    return 0 if year is None else int(year[0]) if len(year[0]) > 2 else 1900 + int(year[0])  # noqa: PLR2004  digits


def utm(zone: int, *, south: bool) -> str:
    """Return the EPSG code of a WGS 84 / UTM zone.

    `zone`: UTM zone, 1 to 60. Returns: the code, such as `EPSG:32718` for 18S.
    """
    return f"EPSG:{(32700 if south else 32600) + zone}"


# The datum transformation of a CRS to WGS 84: PROJ's operation and its accuracy in metres.


class DatumShift(NamedTuple):
    """A datum transformation: its name in PROJ's register, and its accuracy in metres (None if PROJ states none)."""

    operation: str
    accuracy_m: float | None

    @property
    def is_known(self) -> bool:
        """Whether PROJ knows a transformation to WGS 84. Without one, places may be hundreds of metres off."""
        return _BALLPARK not in self.operation.casefold()


@lru_cache(maxsize=128)
def _cached_transformer(crs: pyproj.CRS) -> pyproj.Transformer:
    """Return the transformer from a CRS object to OGC:CRS84, cached for all files and snapshots of a source."""
    return pyproj.Transformer.from_crs(crs, DEGREES, always_xy=True)


def reproject_shapes(shapes: npt.NDArray[np.object_], crs: pyproj.CRS) -> npt.NDArray[np.object_]:
    """Reproject shapes to OGC:CRS84, with the operation that `datum_shift` returns. Heights are transformed, too.

    `shapes`: geometries in `crs`, east before north. `crs`: the CRS of the shapes. Returns: geometries in degrees.
    """
    transform, reprojected, is_high = _cached_transformer(crs).transform, shapes.copy(), shapely.has_z(shapes)
    for rows, include_z in ((is_high, True), (~is_high, False)):
        if rows.any():
            reprojected[rows] = shapely.transform(
                shapes[rows], lambda vertices: np.column_stack(transform(*vertices.T)), include_z=include_z
            )
    return reprojected


def datum_shift(crs: pyproj.CRS, shapes: npt.NDArray[np.object_]) -> DatumShift | None:
    """Return the operation that transforms geometry in a CRS to WGS 84.

    PROJ selects the operation by place. If several are used, the one for the median vertex is returned: a file of one
    country mostly uses one.

    `crs`: the CRS of the geometry. `shapes`: geometry in `crs`, east before north. Non-finite vertices are ignored.
    """
    transformer = _cached_transformer(crs)
    if not any(len(_finite_vertices(shape)) for shape in shapes):
        return None
    if transformer.description.startswith(_NONE_CHOSEN):
        transformer.transform(*np.median(_finite_vertices(shapes), axis=0))
        try:
            transformer = transformer.get_last_used_operation()
        except pyproj.exceptions.ProjError:  # PROJ has none for this place
            return None
    parts = [part for part in transformer.description.split(" + ") if not part.startswith("axis order change")]
    if not parts:  # only an axis order change, which moves nothing; not every PROJ version states its accuracy
        return DatumShift("", 0.0)
    return DatumShift(" + ".join(parts), transformer.accuracy if transformer.accuracy >= 0 else None)


def _finite_vertices(shapes: npt.NDArray[np.object_] | shapely.Geometry | None) -> npt.NDArray[np.float64]:
    vertices = shapely.get_coordinates(shapes)
    return vertices[np.isfinite(vertices).all(axis=1)]
