"""Check typed positions by their location: accept them, ask the reader with the evidence, or reject them."""

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

MARGIN_DEGREES = 0.2  # about 20 km around a country, because its coast and border are coarse
KM_PER_DEGREE = 111.2
HARMLESS = frozenset({"zone", "hemisphere", "order", "tile"})  # assumptions confirmed if one reading is in the country
MAX_CHOICES = 8


@dataclass(frozen=True)
class FoundPlace:
    """A place that was found: latitude and longitude on WGS 84, in degrees.

    `place` is set if it was found by its name. `doubts` and `zone` are the assumptions made to read a position
    (`geo.positions.notation.Reading`). `country` is the country that contains it (ISO 3166-1 alpha-2), empty at sea.
    `land_distance_km` is its distance from land, 0 on land. `namesakes` are the places of the same name nearby.
    """

    latitude: float
    longitude: float
    place: Place | None = None
    doubts: tuple[str, ...] = ()
    zone: str = ""
    country: str = ""
    land_distance_km: float = 0.0
    namesakes: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Candidates:
    """Places that a text may mean, the most likely first. `more` is the number of those left out.

    `why` is one of these. `alike`: only similar names were found. `several`: several places have this name. `doubtful`:
    the position has several readings. `elsewhere`: the position is neither in the map's country nor on land.

    `topics` are holders and cases that may be meant instead. `abroad` is set if another country has a place with such a
    name.
    """

    choices: tuple[FoundPlace, ...]
    why: str
    more: int = 0
    topics: tuple[Topic, ...] = ()
    abroad: bool = False


@dataclass(frozen=True)
class UnknownPlace:
    """The result of a search without a match.

    `reason` is set if the text is an invalid position. `abroad` is set if another country has a place with such a name.
    """

    abroad: bool = False
    reason: PositionError | None = None


def choose_reading(readings: Sequence[Reading], country: str) -> FoundPlace | Candidates | None:
    """Return the certain reading of a position, else all possible readings; None without any reading.

    A reading is accepted if it is in the map's country as it is written. It is also accepted if it is the only one
    there and needs only harmless assumptions. Without a country, any known land is used. The reader is asked if a sign
    or the order of axes would have to be corrected, or if no reading is there.
    """
    places = [_locate_reading(reading) for reading in readings]
    if not places:
        return None
    at_home = [candidate for candidate in places if _is_in_country(candidate, country)]
    if at_home and (not at_home[0].doubts or (len(at_home) == 1 and HARMLESS.issuperset(at_home[0].doubts))):
        return at_home[0]
    as_written = [candidate for candidate in places if not candidate.doubts]
    other_places = as_written or ([] if at_home else places)
    choices = tuple(dict.fromkeys([*at_home, *other_places]))[:MAX_CHOICES]
    return Candidates(choices, why="doubtful" if at_home else "elsewhere")


def complete_short_code(code: str, country: str) -> FoundPlace | Candidates:
    """Resolve a short plus code by the map's country."""
    shape = _country_land(country)
    readings: list[Reading] = []
    if shape is not None:
        side = plus_code.tile_degrees(code)
        west, south, east, north = shape.bounds
        steps = (range(floor(low / side), floor(high / side) + 2) for low, high in ((south, north), (west, east)))
        tiles = ((lat * side, lon * side) for lat, lon in product(*steps))
        readings = list(dict.fromkeys(plus_code.complete_code(code, place) for place in tiles))
        readings = [
            reading for reading in readings if shape.distance(shapely.Point(reading.longitude, reading.latitude)) == 0
        ]
    answer = choose_reading(readings, country) if len(readings) <= MAX_CHOICES else None
    if answer is None:
        raise PositionError(N_("{text} is a short plus code; write the town after it"), text=code)
    return answer


def country_utm_zones(country: str) -> tuple[int, ...]:
    """Return the UTM zones of a country from west to east; empty for an unknown country."""
    shape = _country_land(country) if country else None
    if shape is None:
        return ()
    west, _, east, _ = shape.bounds
    return tuple(range(_utm_zone(west), _utm_zone(east) + 1))


def locate_position(latitude: float, longitude: float) -> FoundPlace:
    """Return the place at a position, with its country and its distance from land."""
    return _locate_reading(Reading(latitude, longitude))


def _locate_reading(reading: Reading) -> FoundPlace:
    point = shapely.Point(reading.longitude, reading.latitude)
    codes, shapes, tree = _country_shapes()
    positions = tree.query(point, predicate="intersects")
    km = 0.0 if len(positions) else float(shapes[tree.nearest(point)].distance(point)) * KM_PER_DEGREE
    return FoundPlace(
        reading.latitude,
        reading.longitude,
        doubts=reading.doubts,
        zone=reading.zone,
        country=codes[positions[0]] if len(positions) else "",
        land_distance_km=km,
    )


def _is_in_country(candidate: FoundPlace, country: str) -> bool:
    point = shapely.Point(candidate.longitude, candidate.latitude)
    if country:
        shape = _country_land(country)
        return shape is None or bool(shape.distance(point) <= MARGIN_DEGREES)
    _codes, shapes, tree = _country_shapes()  # a union of all takes a third of a second and gives the same result
    return bool(shapes[tree.nearest(point)].distance(point) <= MARGIN_DEGREES)


@cache
def _country_shapes() -> tuple[list[str], list[BaseGeometry], shapely.STRtree]:
    countries = base_data.read_columns("countries", "code", "geometry")
    return countries["code"], countries["geometry"], shapely.STRtree(countries["geometry"])


@cache
def _country_land(country: str) -> BaseGeometry | None:
    """Return the land of a country, or of all countries if the code is empty; None for an unknown code."""
    codes, shapes, _tree = _country_shapes()
    selected = [shape for code, shape in zip(codes, shapes, strict=True) if country in {"", code}]
    if not selected:
        return None
    return shapely.union_all(selected)


def _utm_zone(longitude: float) -> int:
    return floor((longitude + 180) / 6) + 1
