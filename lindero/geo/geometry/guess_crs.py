"""Where coordinates lie: whether they can be degrees, which reference system they fit, which rows lie oddly."""

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

from lindero.geo.geometry.chunks import parts_of
from lindero.geo.geometry.crs import DEGREES, ELLIPSOID, PSAD56, WEB_MERCATOR, national, to_degrees, utm
from lindero.geo.geometry.projection import Bounds, Geometries

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

ANTARCTIC = -60.0  # latitude; south of it the Antarctic Treaty leaves no territory to map
NULL_ISLAND_DEGREES = 1e-3  # about 100 m round 0, 0, which is open sea

_AREA_MARGIN = 1.0  # degrees by which a register draws over the edge of a zone
_DATUM_MARGIN = 0.1  # degrees; what any two datums differ by is less than half of it
_NEW_DATUM_M = 5.0  # within which all datums of satellites agree
_UTM_EASTING = (100_000, 900_000)  # what a zone reaches, with some overlap into its neighbours
_UTM_NORTHING = {False: (0, 9_400_000), True: (1_000_000, 10_000_000)}  # by `south`; 84°N and 80°S
_HALF_ROUND = 180.0  # degrees
_STEPS = 21  # along bounds, to see how they bend
_FEWEST, _FAR, _TIMES = 5, 10.0, 20.0  # rows, degrees, and the median row's distance: what is far from all others
_ZONE = re.compile(
    r"(?<![0-9])(?P<zone>[1-9]|[1-5][0-9]|60)[ _-]?(?P<side>n|s|norte|north|sur|south)(?![a-z])", re.IGNORECASE
)
_EPSG = re.compile(r"(?<![0-9])(?P<code>32[67][0-9]{2}|2487[789])(?![0-9])")


@dataclass(frozen=True)
class Candidate:
    """
    A reference system that coordinates may be in, and the evidence for it.

    `away_m` is how far the middle of the rows lies from where it lies in the best candidate.
    """

    crs: str
    evidence: tuple[str, ...]  # of hint_names_it, lies_in_expected, range_fits
    away_m: float = 0.0


def looks_like_degrees(bounds: Bounds) -> bool:
    """Tell whether west, south, east, north can be longitudes and latitudes (longitudes counted to 360 pass)."""
    return bool(are_degrees(np.array([bounds]))[0])


def are_degrees(bounds: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell it of the bounds of each of several shapes, a row each; those that are no numbers are none."""
    west, south, east, north = bounds.T
    around = (west >= -180) & (west <= east) & (east <= 360)  # noqa: PLR2004  degrees of the whole Earth
    return np.asarray(around & (south >= -90) & (south <= north) & (north <= 90))  # noqa: PLR2004


def likely_crs(
    bounds: Bounds, *, hint: str = "", expected: BaseGeometry | None = None, country: str = ""
) -> list[Candidate]:
    """
    Say which reference systems coordinates may be in, the best supported first.

    Parameters
    ----------
    bounds
        West, south, east, north as received, in unknown units.
    hint
        Text that came with the coordinates: a file name such as `17s_100326.geojson`, a layer's title.
    expected
        Where they should lie, in degrees: a country.
    country
        Its English name, by which its own systems are tried.

    Returns
    -------
    list of Candidate
        Evidence is `hint_names_it` (the hint holds the UTM zone or the EPSG code), `lies_in_expected` (the bounds,
        taken back to degrees, meet `expected` and the system's own area) and `range_fits` (easting and northing are
        those of the system). Where several systems fit the range, those that nothing else speaks for are left out: any
        UTM zone would do; and so is, where it is known where the rows should lie, what puts them elsewhere. Of systems
        that put them in one place the best supported is given.
    """
    if not np.isfinite(bounds).all():
        return []
    named = set(_named(hint))
    found = []
    systems = list(dict.fromkeys([*_systems(bounds), *(() if looks_like_degrees(bounds) else national(country))]))
    for crs in systems:
        evidence = ["hint_names_it"] if crs in named else []
        with suppress(pyproj.exceptions.ProjError):  # a grid of many zones, or a projection that PROJ has not
            if expected is not None and _lies_in(bounds, crs, expected):
                evidence.append("lies_in_expected")
        if evidence or (len(systems) == 1 and expected is None and crs != WEB_MERCATOR):  # which any metres fit
            found.append(Candidate(crs, (*evidence, "range_fits")))
    ordered = sorted(found, key=lambda one: _weight(one, bounds, psad_named="psad" in hint.lower()))
    return _apart(ordered, bounds)


def _weight(candidate: Candidate, bounds: Bounds, *, psad_named: bool) -> tuple[bool, bool, bool]:
    """Order candidates: named first, then well placed, then new datums before old ones unless the hint names those."""
    return (
        "hint_names_it" not in candidate.evidence,
        "lies_in_expected" not in candidate.evidence,
        _is_old(candidate.crs, bounds) != psad_named,
    )


def _is_old(crs: str, bounds: Bounds) -> bool:
    """Tell whether a system's own degrees differ from those of WGS 84 by more than a new datum's do."""
    if crs == DEGREES:
        return False
    x, y = _middle(bounds)
    own = pyproj.Proj(crs)(x, y, inverse=True)
    return _metres(own, _in_degrees(x, y, crs)) > _NEW_DATUM_M


def _apart(candidates: list[Candidate], bounds: Bounds) -> list[Candidate]:
    """Leave out what puts the rows where a better candidate does, and tell how far apart the others put them."""
    kept: list[tuple[Candidate, tuple[float, float]]] = []
    for candidate in candidates:
        at = _in_degrees(*_middle(bounds), candidate.crs)
        if all(_metres(at, other) > _NEW_DATUM_M for _, other in kept):
            away = _metres(at, kept[0][1]) if kept else 0.0
            kept.append((replace(candidate, away_m=away), at))
    return [candidate for candidate, _ in kept]


def _middle(bounds: Bounds) -> tuple[float, float]:
    west, south, east, north = bounds
    return (west + east) / 2, (south + north) / 2


def _metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    if not np.isfinite([*one, *other]).all():
        return float("inf")
    return float(ELLIPSOID.inv(*one, *other)[2])


def _named(hint: str) -> Iterator[str]:
    """Give the reference systems that a text names by EPSG code or UTM zone."""
    yield from (f"EPSG:{match['code']}" for match in _EPSG.finditer(hint))
    for match in _ZONE.finditer(hint):
        zone, south = int(match["zone"]), match["side"].lower().startswith("s")
        yield utm(zone, south=south)
        if south and zone in PSAD56:
            yield PSAD56[zone]


def _systems(bounds: Bounds) -> Iterator[str]:
    """Give the systems whose range the bounds fit."""
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


def _lies_in(bounds: Bounds, crs: str, expected: BaseGeometry) -> bool:
    """Tell whether bounds, taken back to degrees, meet a place, and their middle the area that the system is for."""
    system, middle = pyproj.CRS(crs), _middle(bounds)
    # in its own degrees first: how its datum lies to others PROJ looks up for longer than all else takes
    if _is_plain(system) and _misses_plainly(system, bounds, expected):
        return False
    at = _in_degrees(*middle, crs)
    if not np.isfinite(at).all() or _misses(system, at):
        return False
    west, south, east, north = to_degrees(crs).transform_bounds(*bounds)
    if not np.isfinite([west, south, east, north]).all():
        return False
    return bool(shapely.box(west, south, east + 360 * (west > east), north).intersects(expected))


def _misses_plainly(system: pyproj.CRS, bounds: Bounds, expected: BaseGeometry) -> bool:
    """Tell whether bounds lie off the area of a system, or off a place, by more than its datum could move them."""
    own = pyproj.Proj(system)
    if _misses(system, own(*_middle(bounds), inverse=True), _DATUM_MARGIN):
        return True
    with np.errstate(over="ignore", invalid="ignore"):  # of numbers that are none of metres
        x, y = np.meshgrid(np.linspace(*bounds[::2], _STEPS), np.linspace(*bounds[1::2], _STEPS))
    placed = np.column_stack(own(x.ravel(), y.ravel(), inverse=True))
    (west, south), (east, north) = placed.min(axis=0), placed.max(axis=0)
    if not np.isfinite(placed).all() or east - west > _HALF_ROUND:  # about the 180th meridian, or a pole
        return False
    about = shapely.box(west - _DATUM_MARGIN, south - _DATUM_MARGIN, east + _DATUM_MARGIN, north + _DATUM_MARGIN)
    return not about.intersects(expected)


def _is_plain(system: pyproj.CRS) -> bool:
    """Tell whether a system counts metres to the east and north, and its degrees from Greenwich."""
    plain = {axis.direction for axis in system.axis_info} <= {"east", "north"}
    return system.is_projected and plain and system.prime_meridian is not None and not system.prime_meridian.longitude


def _misses(system: pyproj.CRS, at: tuple[float, float], more: float = 0.0) -> bool:
    """Tell whether a place lies off the area of a system, its margin and `more` degrees; False where nobody says."""
    area, margin, (lon, lat) = system.area_of_use, _AREA_MARGIN + more, at
    return (
        area is not None
        and bool(np.isfinite(at).all())
        and not (area.west - margin <= lon <= area.east + margin and area.south - margin <= lat <= area.north + margin)
    )


def _in_degrees(x: float, y: float, crs: str) -> tuple[float, float]:
    lon, lat = to_degrees(crs).transform(x, y)
    return float(lon), float(lat)


def oddly_placed(geometry: gpd.GeoSeries, land: gpd.GeoDataFrame, *, expected: str | None = None) -> pd.DataFrame:
    """
    Find rows that lie where territory seldom does. A statement, not a verdict: a marine park does lie in the sea.

    Parameters
    ----------
    geometry
        Longitude and latitude in degrees, under row labels.
    land
        Countries as polygons in degrees, with `name`.
    expected
        The name of the country that the rows should be in.

    Returns
    -------
    DataFrame
        `row`, `finding`, `detail`: `out_of_range` (latitude beyond 90 or longitude beyond 360; detail: the bounds),
        `null_island` (at 0, 0), `swapped_axes` (not on land, or not in `expected`, but would be with longitude and
        latitude exchanged; detail: the country there), `in_the_ocean` (touches no land north of 60°S; detail: longitude
        and latitude of its middle). One finding a row, the first of these that holds.
    """
    import pandas as pd

    shapes = np.asarray(geometry.to_numpy(), dtype=object)
    at = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    bounds = shapely.bounds(shapes[at])
    finding, detail = (np.full(len(at), "", dtype=object) for _ in range(2))

    impossible = ~((np.abs(bounds[:, [1, 3]]) <= 90) & (np.abs(bounds[:, [0, 2]]) <= 360)).all(axis=1)  # noqa: PLR2004
    finding[impossible] = "out_of_range"
    null = np.abs(bounds).max(axis=1, initial=0) <= NULL_ISLAND_DEGREES
    finding[null] = "null_island"
    strange = np.flatnonzero(finding != "")
    detail[strange] = [" ".join(f"{edge:.6g}" for edge in box) for box in bounds[strange]]

    rest = np.flatnonzero(finding == "")
    for part in parts_of(shapes[at[rest]]):
        some = rest[part]
        finding[some], detail[some] = _misplaced(shapes[at[some]], land, expected)
    odd = np.flatnonzero(finding != "")
    return pd.DataFrame({"row": geometry.index[at[odd]], "finding": finding[odd], "detail": detail[odd]})


def far_from_the_rest(geometry: gpd.GeoSeries) -> pd.DataFrame:
    """
    Find rows far from all others, as a sign left out or two axes exchanged in one row put it, and shapes too wide.

    Parameters
    ----------
    geometry
        Longitude and latitude in degrees, under row labels.

    Returns
    -------
    DataFrame
        `row`, `finding`, `detail`: `far_from_the_rest` (its middle lies 10 degrees from the median of all, and 20 times
        as far as the median row; detail: longitude and latitude) and `round_the_earth` (wider than 180 degrees, as what
        crosses the 180th meridian is when it is not cut there; detail: the bounds).
    """
    import pandas as pd

    bounds = shapely.bounds(np.asarray(geometry.to_numpy(), dtype=object))
    located = np.flatnonzero(np.isfinite(bounds).all(axis=1))
    middles = bounds[located].reshape(-1, 2, 2).mean(axis=1)
    wide = [row for row in located[_widths(bounds[located]) > _HALF_ROUND] if _is_uncut(geometry.iloc[int(row)])]
    findings = [(row, "round_the_earth", " ".join(f"{edge:.6g}" for edge in bounds[row])) for row in wide]
    if len(located) >= _FEWEST:
        away = np.abs(middles - np.median(middles, axis=0)).max(axis=1)
        far = np.flatnonzero(away > max(_FAR, _TIMES * float(np.median(away))))
        findings += [(located[at], "far_from_the_rest", f"{middles[at, 0]:.6g} {middles[at, 1]:.6g}") for at in far]
    labels = geometry.index[[int(row) for row, _, _ in findings]]
    return pd.DataFrame(
        {"row": labels, "finding": [each[1] for each in findings], "detail": [each[2] for each in findings]}
    )


def _widths(bounds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(bounds[:, 2] - bounds[:, 0])


def _is_uncut(shape: BaseGeometry) -> bool:
    """Tell whether a shape that reaches round half the Earth does so in one piece; cut at the meridian it does not."""
    return bool((_widths(shapely.bounds(shapely.get_parts(shape))) > _HALF_ROUND).any())


def _misplaced(shapes: Geometries, land: gpd.GeoDataFrame, expected: str | None) -> tuple[Geometries, Geometries]:
    """Name what is odd about the place of each shape, and the detail; empty where nothing is."""
    finding, detail = (np.full(len(shapes), "", dtype=object) for _ in range(2))
    country = _country(shapes, land, expected)
    suspect = np.flatnonzero(country == "" if expected is None else country != expected)
    swapped = _country(shapely.transform(shapes[suspect], lambda xy: xy[:, ::-1]), land, expected)
    would_fit = swapped != "" if expected is None else swapped == expected
    finding[suspect[would_fit]] = "swapped_axes"
    detail[suspect[would_fit]] = swapped[would_fit]

    at_sea = np.flatnonzero((country == "") & (finding == ""))
    finding[at_sea] = "in_the_ocean"
    middles = shapely.bounds(shapes[at_sea]).reshape(-1, 2, 2).mean(axis=1)
    detail[at_sea] = [f"{longitude:.6g} {latitude:.6g}" for longitude, latitude in middles]
    return finding, detail


def _country(shapes: Geometries, land: gpd.GeoDataFrame, expected: str | None) -> Geometries:
    """Name a country that each shape touches (`expected` if it does), empty where none; Antarctica counts as none."""
    names = np.full(len(shapes), "", dtype=object)
    grounds = land.geometry.to_numpy()
    inhabited = shapely.bounds(grounds)[:, 3] > ANTARCTIC
    # the countries are asked of a tree of the shapes: it prepares what asks, and countries are what has many corners
    which, at = shapely.STRtree(shapes).query(grounds[inhabited], predicate="intersects")
    touched = land["name"].to_numpy(dtype=object)[inhabited][which]
    names[at] = touched
    names[at[touched == expected]] = expected
    return names
