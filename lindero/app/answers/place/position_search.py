"""Positions as they are written, judged by where they lie: taken, asked about with the evidence, or refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import floor

import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.answers.place.topic_search import Topic
from lindero.geo.positions import plus_code
from lindero.geo.positions.notation import PositionError, Reading
from lindero.layers.errors import N_
from lindero.layers.reference import base_data
from lindero.layers.reference.gazetteer import Place

MARGIN_DEGREES = 0.2  # some 20 km round a country: its coast, and how coarsely its border is drawn
KM_PER_DEGREE = 111.2
HARMLESS = frozenset({"zone", "hemisphere", "order", "tile"})  # suppositions that one place alone can confirm
MOST = 8


@dataclass(frozen=True)
class Found:
    """
    The place that was meant: latitude and longitude on WGS 84, in degrees.

    `place` is there where it was named; `doubts` and `zone` tell how a position was read
    (`geo.positions.position.Reading`); `country` (ISO 3166-1 alpha-2) and `from_land_km` (0 on land) where it lies;
    `beside`, what has the same name near.
    """

    latitude: float
    longitude: float
    place: Place | None = None
    doubts: tuple[str, ...] = ()
    zone: str = ""
    country: str = ""
    from_land_km: float = 0.0
    beside: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Candidates:
    """
    Places of which one may be meant, the likeliest first; `more` were left out.

    `why`: `alike` (none has this very name), `several` (more than one has), `doubtful` (a position that can be read in
    several ways), `elsewhere` (a position that does not lie in the map's country, nor on land). `topics` are holders
    and cases that may be meant instead; `abroad` says that another country has a place of such a name.
    """

    choices: tuple[Found, ...]
    why: str
    more: int = 0
    topics: tuple[Topic, ...] = ()
    abroad: bool = False


@dataclass(frozen=True)
class Unknown:
    """Nothing was found: `reason` if it is a position that is none; `abroad` if another country knows such a name."""

    abroad: bool = False
    reason: PositionError | None = None


def judge(readings: Sequence[Reading], country: str) -> Found | Candidates | None:
    """
    Take the reading that is certain, else ask with all that are possible; None for no reading.

    A position is taken if it lies in the map's country (or anywhere on known land, where the map has none) as it is
    written, or if of all that had to be supposed only one reading lies there. Where a sign or the order of axes would
    have to be mended, or nothing lies there, it is asked.
    """
    found = [_found(reading) for reading in readings]
    if not found:
        return None
    at_home = [each for each in found if _is_home(each, country)]
    if at_home and (not at_home[0].doubts or (len(at_home) == 1 and HARMLESS.issuperset(at_home[0].doubts))):
        return at_home[0]
    as_written = [each for each in found if not each.doubts]
    others = as_written or ([] if at_home else found)
    choices = tuple(dict.fromkeys([*at_home, *others]))[:MOST]
    return Candidates(choices, why="doubtful" if at_home else "elsewhere")


def of_short_code(code: str, country: str) -> Found | Candidates:
    """
    Complete a short plus code by the map's country.

    Raises
    ------
    PositionError
        If it names too many places there.
    """
    shape = _home(country)
    found: list[Reading] = []
    if shape is not None:
        side = plus_code.tile_degrees(code)
        west, south, east, north = shape.bounds
        steps = (range(floor(low / side), floor(high / side) + 2) for low, high in ((south, north), (west, east)))
        near = ((lat * side, lon * side) for lat, lon in product(*steps))
        found = list(dict.fromkeys(plus_code.complete(code, place) for place in near))
        found = [each for each in found if shape.distance(shapely.Point(each.longitude, each.latitude)) == 0]
    answer = judge(found, country) if len(found) <= MOST else None
    if answer is None:
        raise PositionError(N_("{text} is a short plus code: write the town behind it"), text=code)
    return answer


def zones_of(country: str) -> tuple[int, ...]:
    """Give the UTM zones of a country, from west to east; none where it is not known."""
    shape = _home(country) if country else None
    if shape is None:
        return ()
    west, _, east, _ = shape.bounds
    return tuple(range(_zone(west), _zone(east) + 1))


def found_at(latitude: float, longitude: float) -> Found:
    """Tell of a place pressed on a map in which country it lies, and how far from land."""
    return _found(Reading(latitude, longitude))


def _found(reading: Reading) -> Found:
    point = shapely.Point(reading.longitude, reading.latitude)
    codes, shapes, tree = _countries()
    at = tree.query(point, predicate="intersects")
    km = 0.0 if len(at) else float(shapes[tree.nearest(point)].distance(point)) * KM_PER_DEGREE
    return Found(
        reading.latitude,
        reading.longitude,
        doubts=reading.doubts,
        zone=reading.zone,
        country=codes[at[0]] if len(at) else "",
        from_land_km=km,
    )


def _is_home(found: Found, country: str) -> bool:
    point = shapely.Point(found.longitude, found.latitude)
    if country:
        shape = _home(country)
        return shape is None or bool(shape.distance(point) <= MARGIN_DEGREES)
    _codes, shapes, tree = _countries()  # to join them all takes a third of a second, and tells the same
    return bool(shapes[tree.nearest(point)].distance(point) <= MARGIN_DEGREES)


@cache
def _countries() -> tuple[list[str], list[BaseGeometry], shapely.STRtree]:
    countries = base_data.columns("countries", "code", "geometry")
    return countries["code"], countries["geometry"], shapely.STRtree(countries["geometry"])


@cache
def _home(country: str) -> BaseGeometry | None:
    """Give the ground of a country, or of all that are known; None for one that is not known."""
    codes, shapes, _tree = _countries()
    chosen = [shape for code, shape in zip(codes, shapes, strict=True) if country in {"", code}]
    if not chosen:
        return None
    return shapely.union_all(chosen)


def _zone(longitude: float) -> int:
    return floor((longitude + 180) / 6) + 1
