"""Checks of coordinates: whether they can be degrees, which CRS they fit, and which rows are in unlikely places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from lindero.geo.geometry.chunks import split_geometries
from lindero.geo.geometry.crs import (
    DEGREES,
    ELLIPSOID,
    PSAD56,
    WEB_MERCATOR,
    degrees_transformer,
    national_systems,
    utm,
)
from lindero.geo.geometry.projection import Bounds, Geometries

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

ANTARCTIC = -60.0  # latitude; south of it the Antarctic Treaty leaves no territory to map
NULL_ISLAND_DEGREES = 1e-3  # about 100 m round 0, 0, which is open sea

_AREA_MARGIN = 1.0  # degrees; registers extend this far beyond the area of use of their zone
_DATUM_MARGIN = 0.1  # degrees, more than twice the largest shift between any two datums
_NEW_DATUM_M = 5.0  # metres within which all satellite-based datums agree
_UTM_EASTING = (100_000, 900_000)  # eastings of a UTM zone, with some overlap into its neighbours
_UTM_NORTHING = {False: (0, 9_400_000), True: (1_000_000, 10_000_000)}  # northings by `south`, to 84°N and 80°S
_HALF_ROUND = 180.0  # degrees
_STEPS = 21  # points along each axis of a bounding box, because its sides curve when reprojected
_FEWEST, _FAR, _TIMES = 5, 10.0, 20.0  # rows, degrees, and a multiple of the median distance: rows beyond are outliers
_ZONE = re.compile(
    r"(?<![0-9])(?P<zone>[1-9]|[1-5][0-9]|60)[ _-]?(?P<side>n|s|norte|north|sur|south)(?![a-z])", re.IGNORECASE
)
_EPSG = re.compile(r"(?<![0-9])(?P<code>32[67][0-9]{2}|2487[789])(?![0-9])")


@dataclass(frozen=True)
class Candidate:
    """A CRS in which coordinates may be, with the evidence for it.

    `away_m` is the distance in metres between the centre of the rows in this CRS and in the best candidate.
    """

    crs: str
    evidence: tuple[str, ...]  # some of hint_names_it, lies_in_expected, range_fits
    away_m: float = 0.0


def looks_like_degrees(bounds: Bounds) -> bool:
    """Return whether a bounding box can be in degrees.

    Parameters
    ----------
    bounds
        West, south, east, north. Longitudes up to 360° are accepted.

    Returns
    -------
    bool
        True if the numbers are possible longitudes and latitudes.

    Examples
    --------
    >>> looks_like_degrees((-75, -10, -74, -9)), looks_like_degrees((500_000, 9_000_000, 510_000, 9_010_000))
    (True, False)
    """
    return bool(are_degrees(np.array([bounds]))[0])


def are_degrees(bounds: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return a mask of the bounding boxes that can be in degrees.

    `bounds`: west, south, east, north of each shape. Longitudes up to 360° are accepted.
    """
    west, south, east, north = bounds.T
    around = (west >= -180) & (west <= east) & (east <= 360)  # noqa: PLR2004  degrees of the whole Earth
    return np.asarray(around & (south >= -90) & (south <= north) & (north <= 90))  # noqa: PLR2004


def likely_crs(
    bounds: Bounds, *, hint: str = "", expected: BaseGeometry | None = None, country: str = ""
) -> list[Candidate]:
    """List the coordinate reference systems in which coordinates may be, best supported first.

    Parameters
    ----------
    bounds
        West, south, east, north as received, in unknown units.
    hint
        Text that came with the coordinates: a file name such as `17s_100326.geojson`, or the title of a layer.
    expected
        The area where the coordinates should be, in degrees: a country.
    country
        English name of the country. Its national systems are tried, too.

    Returns
    -------
    list of Candidate
        The evidence is `hint_names_it` (the hint contains the UTM zone or the EPSG code), `lies_in_expected` (the
        bounds in degrees intersect `expected` and the area of use of the CRS) and `range_fits` (easting and northing
        are in the range of the CRS). If several systems fit the range, those without other evidence are left out. If
        `expected` is given, so are systems that place the rows elsewhere. Among systems that place the rows at the same
        location, only the best supported is kept.

    Examples
    --------
    >>> candidates = likely_crs((200_000, 9_000_000, 210_000, 9_010_000), hint="17s_mines.geojson")
    >>> candidates[0].crs, candidates[0].evidence
    ('EPSG:32717', ('hint_names_it', 'range_fits'))
    """
    if not np.isfinite(bounds).all():
        return []
    named = set(_find_named_systems(hint))
    candidates = []
    systems = list(
        dict.fromkeys([*_systems_in_range(bounds), *(() if looks_like_degrees(bounds) else national_systems(country))])
    )
    for crs in systems:
        evidence = ["hint_names_it"] if crs in named else []
        with suppress(pyproj.exceptions.ProjError):  # a grid of many zones, or a projection that PROJ does not have
            if expected is not None and _intersects_area(bounds, crs, expected):
                evidence.append("lies_in_expected")
        if evidence or (len(systems) == 1 and expected is None and crs != WEB_MERCATOR):  # Web Mercator fits any metres
            candidates.append(Candidate(crs, (*evidence, "range_fits")))
    ordered = sorted(candidates, key=lambda candidate: _sort_key(candidate, bounds, psad_named="psad" in hint.lower()))
    return _drop_duplicates(ordered, bounds)


def _sort_key(candidate: Candidate, bounds: Bounds, *, psad_named: bool) -> tuple[bool, bool, bool]:
    """Return the sort key of a candidate: named by the hint, then in the expected area, then with a new datum.

    Old datums come first if the hint names one (`psad_named`).
    """
    return (
        "hint_names_it" not in candidate.evidence,
        "lies_in_expected" not in candidate.evidence,
        _has_old_datum(candidate.crs, bounds) != psad_named,
    )


def _has_old_datum(crs: str, bounds: Bounds) -> bool:
    """Return whether a CRS's own degrees differ from WGS 84 by more than those of a modern datum."""
    if crs == DEGREES:
        return False
    x, y = _centre(bounds)
    geodetic = pyproj.Proj(crs)(x, y, inverse=True)
    return _distance_m(geodetic, _to_lon_lat(x, y, crs)) > _NEW_DATUM_M


def _drop_duplicates(candidates: list[Candidate], bounds: Bounds) -> list[Candidate]:
    """Drop candidates at the location of a better candidate, and set the distance of the others from the best one."""
    distinct: list[tuple[Candidate, tuple[float, float]]] = []
    for candidate in candidates:
        centre = _to_lon_lat(*_centre(bounds), candidate.crs)
        if all(_distance_m(centre, place) > _NEW_DATUM_M for _, place in distinct):
            away_m = _distance_m(centre, distinct[0][1]) if distinct else 0.0
            distinct.append((replace(candidate, away_m=away_m), centre))
    return [candidate for candidate, _ in distinct]


def _centre(bounds: Bounds) -> tuple[float, float]:
    west, south, east, north = bounds
    return (west + east) / 2, (south + north) / 2


def _distance_m(start: tuple[float, float], end: tuple[float, float]) -> float:
    if not np.isfinite([*start, *end]).all():
        return float("inf")
    return float(ELLIPSOID.inv(*start, *end)[2])


def _find_named_systems(hint: str) -> Iterator[str]:
    """Yield the systems that a text names by EPSG code or UTM zone."""
    yield from (f"EPSG:{match['code']}" for match in _EPSG.finditer(hint))
    for match in _ZONE.finditer(hint):
        zone, south = int(match["zone"]), match["side"].lower().startswith("s")
        yield utm(zone, south=south)
        if south and zone in PSAD56:
            yield PSAD56[zone]


def _systems_in_range(bounds: Bounds) -> Iterator[str]:
    """Yield the systems that have the bounds within their range of coordinates."""
    west, south, east, north = bounds
    if looks_like_degrees(bounds):
        yield DEGREES
        return
    if _UTM_EASTING[0] <= west and east <= _UTM_EASTING[1]:
        for below, (low, high) in _UTM_NORTHING.items():
            if low <= south and north <= high:
                yield from (utm(zone, south=below) for zone in range(1, 61))
                yield from PSAD56.values() if below else ()
    if max(map(abs, bounds)) <= 20_037_509:  # noqa: PLR2004  half the equator
        yield WEB_MERCATOR


def _intersects_area(bounds: Bounds, crs: str, expected: BaseGeometry) -> bool:
    """Return whether bounds in a CRS intersect an expected area, and their centre is in the CRS's area of use."""
    system, centre = pyproj.CRS(crs), _centre(bounds)
    # First compare in degrees of the CRS's own datum: PROJ's search for a datum shift takes most of the time.
    if _is_simple_projection(system) and _clearly_misses(system, bounds, expected):
        return False
    centre_degrees = _to_lon_lat(*centre, crs)
    if not np.isfinite(centre_degrees).all() or _is_outside_area_of_use(system, centre_degrees):
        return False
    west, south, east, north = degrees_transformer(crs).transform_bounds(*bounds)
    if not np.isfinite([west, south, east, north]).all():
        return False
    return bool(shapely.box(west, south, east + 360 * (west > east), north).intersects(expected))


def _clearly_misses(system: pyproj.CRS, bounds: Bounds, expected: BaseGeometry) -> bool:
    """Return whether bounds are outside the CRS's area of use, or an expected area, by more than any datum shift."""
    projection = pyproj.Proj(system)
    if _is_outside_area_of_use(system, projection(*_centre(bounds), inverse=True), _DATUM_MARGIN):
        return True
    with np.errstate(over="ignore", invalid="ignore"):  # coordinates that are not metres overflow
        x, y = np.meshgrid(np.linspace(*bounds[::2], _STEPS), np.linspace(*bounds[1::2], _STEPS))
    degrees = np.column_stack(projection(x.ravel(), y.ravel(), inverse=True))
    (west, south), (east, north) = degrees.min(axis=0), degrees.max(axis=0)
    if not np.isfinite(degrees).all() or east - west > _HALF_ROUND:  # across the antimeridian, or around a pole
        return False
    region = shapely.box(west - _DATUM_MARGIN, south - _DATUM_MARGIN, east + _DATUM_MARGIN, north + _DATUM_MARGIN)
    return not region.intersects(expected)


def _is_simple_projection(system: pyproj.CRS) -> bool:
    """Return whether a projected CRS has axes to the east and north, and counts degrees from Greenwich."""
    has_simple_axes = {axis.direction for axis in system.axis_info} <= {"east", "north"}
    return (
        system.is_projected
        and has_simple_axes
        and system.prime_meridian is not None
        and not system.prime_meridian.longitude
    )


def _is_outside_area_of_use(system: pyproj.CRS, place: tuple[float, float], extra_degrees: float = 0.0) -> bool:
    """Return whether a place is outside a CRS's area of use, which is widened by a margin plus `extra_degrees`.

    The result is False if the area of use is unknown.
    """
    area, margin, (lon, lat) = system.area_of_use, _AREA_MARGIN + extra_degrees, place
    return (
        area is not None
        and bool(np.isfinite(place).all())
        and not (area.west - margin <= lon <= area.east + margin and area.south - margin <= lat <= area.north + margin)
    )


def _to_lon_lat(x: float, y: float, crs: str) -> tuple[float, float]:
    lon, lat = degrees_transformer(crs).transform(x, y)
    return float(lon), float(lat)


def find_misplaced_rows(
    geometry: gpd.GeoSeries, land: gpd.GeoDataFrame, *, expected: str | None = None
) -> pd.DataFrame:
    """Find rows in places where territory is unlikely to be. Findings are not errors: a marine park is at sea.

    Parameters
    ----------
    geometry : GeoSeries, n geometries
        Longitude and latitude in degrees (OGC:CRS84), with row labels as index.
    land
        Countries as polygons in degrees, with `name`.
    expected
        Name of the country in which the rows should be.

    Returns
    -------
    DataFrame
        `row`, `finding`, `detail`, with at most one finding for each row. The findings, in the order in which they are
        tested: `out_of_range` (latitude beyond 90° or longitude beyond 360°; detail: the bounds), `null_island` (at 0,
        0), `swapped_axes` (outside all land or outside `expected`, but inside if longitude and latitude are swapped;
        detail: the country found), `in_the_ocean` (intersects no land north of 60°S; detail: longitude and latitude of
        the centre).

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point, box
    >>> land = gpd.GeoDataFrame({"name": ["Peru"]}, geometry=[box(-81, -18, -69, 0)], crs="OGC:CRS84")
    >>> points = [Point(-75, -10), Point(-10, -75), Point(0, 0), Point(-100, -10)]
    >>> find_misplaced_rows(gpd.GeoSeries(points, crs="OGC:CRS84"), land).to_numpy().tolist()
    [[1, 'swapped_axes', 'Peru'], [2, 'null_island', '0 0 0 0'], [3, 'in_the_ocean', '-100 -10']]
    """
    import pandas as pd

    shapes = np.asarray(geometry.to_numpy(), dtype=object)
    positions = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    bounds = shapely.bounds(shapes[positions])
    finding, detail = (np.full(len(positions), "", dtype=object) for _ in range(2))

    is_impossible = ~((np.abs(bounds[:, [1, 3]]) <= 90) & (np.abs(bounds[:, [0, 2]]) <= 360)).all(axis=1)  # noqa: PLR2004
    finding[is_impossible] = "out_of_range"
    is_null = np.abs(bounds).max(axis=1, initial=0) <= NULL_ISLAND_DEGREES
    finding[is_null] = "null_island"
    strange = np.flatnonzero(finding != "")
    detail[strange] = [" ".join(f"{edge:.6g}" for edge in box) for box in bounds[strange]]

    rest = np.flatnonzero(finding == "")
    for part in split_geometries(shapes[positions[rest]]):
        chunk = rest[part]
        finding[chunk], detail[chunk] = _check_places(shapes[positions[chunk]], land, expected)
    odd = np.flatnonzero(finding != "")
    return pd.DataFrame({"row": geometry.index[positions[odd]], "finding": finding[odd], "detail": detail[odd]})


def find_outliers(geometry: gpd.GeoSeries) -> pd.DataFrame:
    """Find rows far from all other rows, and shapes that are too wide.

    A row is far away if, for example, a minus sign is missing or its axes are swapped.

    `geometry`: longitude and latitude in degrees (OGC:CRS84), with row labels as index. Returns: `row`, `finding`,
    `detail`. `far_from_the_rest`: the centre is more than 10 degrees from the median centre, and 20 times as far as the
    median row (detail: longitude and latitude). `round_the_earth`: wider than 180 degrees in one piece, as polygons are
    that cross the antimeridian without a cut (detail: the bounds).
    """
    import pandas as pd

    bounds = shapely.bounds(np.asarray(geometry.to_numpy(), dtype=object))
    located = np.flatnonzero(np.isfinite(bounds).all(axis=1))
    middles = bounds[located].reshape(-1, 2, 2).mean(axis=1)
    too_wide = [
        row for row in located[_widths_degrees(bounds[located]) > _HALF_ROUND] if _is_uncut(geometry.iloc[int(row)])
    ]
    findings = [(row, "round_the_earth", " ".join(f"{edge:.6g}" for edge in bounds[row])) for row in too_wide]
    if len(located) >= _FEWEST:
        distance = np.abs(middles - np.median(middles, axis=0)).max(axis=1)
        far = np.flatnonzero(distance > max(_FAR, _TIMES * float(np.median(distance))))
        findings += [
            (located[position], "far_from_the_rest", f"{middles[position, 0]:.6g} {middles[position, 1]:.6g}")
            for position in far
        ]
    labels = geometry.index[[int(row) for row, _, _ in findings]]
    return pd.DataFrame(
        {"row": labels, "finding": [finding[1] for finding in findings], "detail": [finding[2] for finding in findings]}
    )


def _widths_degrees(bounds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(bounds[:, 2] - bounds[:, 0])


def _is_uncut(shape: BaseGeometry) -> bool:
    """Return whether a single part of a shape spans more than 180 degrees. Shapes cut at the antimeridian do not."""
    return bool((_widths_degrees(shapely.bounds(shapely.get_parts(shape))) > _HALF_ROUND).any())


def _check_places(shapes: Geometries, land: gpd.GeoDataFrame, expected: str | None) -> tuple[Geometries, Geometries]:
    """Return the finding and the detail for each shape; both are empty where the place is plausible."""
    finding, detail = (np.full(len(shapes), "", dtype=object) for _ in range(2))
    country = _country_names(shapes, land, expected)
    suspects = np.flatnonzero(country == "" if expected is None else country != expected)
    swapped = _country_names(shapely.transform(shapes[suspects], lambda xy: xy[:, ::-1]), land, expected)
    would_fit = swapped != "" if expected is None else swapped == expected
    finding[suspects[would_fit]] = "swapped_axes"
    detail[suspects[would_fit]] = swapped[would_fit]

    at_sea = np.flatnonzero((country == "") & (finding == ""))
    finding[at_sea] = "in_the_ocean"
    middles = shapely.bounds(shapes[at_sea]).reshape(-1, 2, 2).mean(axis=1)
    detail[at_sea] = [f"{longitude:.6g} {latitude:.6g}" for longitude, latitude in middles]
    return finding, detail


def _country_names(shapes: Geometries, land: gpd.GeoDataFrame, expected: str | None) -> Geometries:
    """Return the name of a country that each shape intersects, `expected` if possible; empty for none or Antarctica."""
    names = np.full(len(shapes), "", dtype=object)
    grounds = land.geometry.to_numpy()
    inhabited = shapely.bounds(grounds)[:, 3] > ANTARCTIC
    # Countries query a tree of the shapes: STRtree prepares the query geometry, and countries have most vertices.
    country, positions = shapely.STRtree(shapes).query(grounds[inhabited], predicate="intersects")
    touched = land["name"].to_numpy(dtype=object)[inhabited][country]
    names[positions] = touched
    names[positions[touched == expected]] = expected
    return names
