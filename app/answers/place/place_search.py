"""
The place that somebody means: one home for pages, commands and the light page.

A name is looked for on the map itself and in its country, in other countries only on request; what fits exactly comes
before what is alike, and what is alike, or one of several, is asked and never taken. Positions, plus codes and links to
maps are judged by where they lie (`app.answers.place.position_search`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import shapely

from lindero.app.answers.place.position_search import Candidates, Found, Unknown, judge, of_short_code, zones_of
from lindero.geo.geometry import geodesic
from lindero.geo.near.window import window
from lindero.geo.positions import notation, plus_code
from lindero.geo.positions.notation import PositionError
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries
from lindero.layers.reference.gazetteer import Gazetteer, Place, country_code, of_country, parts_of
from lindero.layers.reference.name_index import key

MOST = 8  # choices that are shown at once
LOOKED_AT = 40  # alike ones from which these are chosen
SAME_KM = 5.0  # two towns of one name that are closer are one, told by two registers
BESIDE_KM = 30.0  # within which others of the same name are told with an answer
LONGEST = 4_000  # characters that are read; to read a text takes the square of its length
CITY = 20_000  # inhabitants of a place that is meant rather than
DWARFED = 100  # times smaller ones of its name, unless they are on the map

Meant = Found | Candidates | Unknown


def find_place(
    text: str, con: Connection, country: str, *, gazetteer: Gazetteer | None = None, abroad: bool = False
) -> Meant:
    """
    Find the place that a text means: a name, a position, a plus code or a link to a map.

    Parameters
    ----------
    text
        As somebody writes, pastes or forwards it.
    con
        The map.
    country
        ISO 3166-1 alpha-2 code of the map's country; empty where it has none: then all countries are looked through.
    gazetteer
        `layers.database.queries.map_queries.gazetteer` of the map, if it is at hand.
    abroad
        Look through other countries, too.

    Returns
    -------
    Found, Candidates or Unknown
        What is certain; what has to be chosen from, with what tells the choices apart; or why nothing was found.
    """
    text = text[:LONGEST]
    names = _Names(map_queries.gazetteer(con) if gazetteer is None else gazetteer, country, abroad=abroad)
    try:
        wanted = notation.in_text(text) or text
        answer = _of_code(wanted, names) or _of_position(wanted, country) or names.find(wanted)
    except PositionError as error:
        return Unknown(reason=error)
    return _on_ground(con, answer)


def _of_position(text: str, country: str) -> Meant | None:
    zones = zones_of(country) if any(map(str.isdigit, text)) else ()  # a name is not held against the country's shape
    found = notation.readings(text, zones=zones)
    return judge(found, country) if found else None


def _of_code(text: str, names: "_Names") -> Meant | None:
    """Read a short plus code by the place that is written beside it, or by the map's country."""
    code, beside = plus_code.find(notation.plain(text)) or ("", "")
    if not code or not plus_code.is_short(code):
        return None
    if not beside:
        return of_short_code(code, names.country)
    answer = names.find(beside)
    near = [answer] if isinstance(answer, Found) else list(answer.choices) if isinstance(answer, Candidates) else []
    found = [plus_code.complete(code, (each.latitude, each.longitude)) for each in near]
    return judge([replace(reading, doubts=("tile",)) for reading in dict.fromkeys(found)], names.country) or answer


class _Names:
    """The names of the map, of its country and, on request, of the others."""

    def __init__(self, own: Gazetteer, country: str, *, abroad: bool) -> None:
        self.own = own
        self.country = country
        self.abroad = abroad or not country

    def find(self, text: str) -> Meant:
        """Find a place by its name, and perhaps by what it lies in."""
        parts = parts_of(text)
        if (other := _country_named(parts)) and other != self.country:
            return _Names(Gazetteer([]), other, abroad=False).find(", ".join(parts[:-1]) or text)
        exact = self._exact(key(text), parts)
        if exact:
            return self._one_of(exact)
        alike = self._alike(parts)
        if alike:
            return _choice(alike, "alike", self)
        return Unknown(abroad=not self.abroad and self._is_known_abroad(parts[0]))

    def everywhere(self) -> Iterator[Gazetteer]:
        """Give the gazetteers in which to look, the map's own first."""
        yield self.own
        yield of_country(None if self.abroad else self.country)

    def namesakes(self, place: Place) -> tuple[Place, ...]:
        """Give what goes by the same name near a place, or by one that sounds alike."""
        near = window(place.longitude, place.latitude, BESIDE_KM)
        found = [
            other
            for gazetteer in self.everywhere()
            for other in gazetteer.sounding_in(key(place.name), near)
            if not other.is_area and _km(place, other) <= BESIDE_KM
        ]
        return tuple(other for other in _apart(found) if not _is_same(place, other))

    def _is_known_abroad(self, name: str) -> bool:
        return bool(of_country(None).sounding(name))

    def _exact(self, whole: str, parts: Sequence[str]) -> list[Place]:
        name, *within = parts
        tries = [(whole, []), (name, within), *([] if within else _splits(name))]
        for wanted, around in tries:
            found = [place for gazetteer in self.everywhere() for place in gazetteer.named(wanted, around)]
            if found:
                return _apart(found)
        return []

    def _alike(self, parts: Sequence[str]) -> list[Place]:
        name, *within = parts
        found = [place for gazetteer in self.everywhere() for place in gazetteer.like(name, within, limit=LOOKED_AT)]
        if not found and within:
            return self._alike([name])
        titles_last = sorted(_apart(found), key=lambda place: (place.layer == "concessions", -place.score))
        return sorted(titles_last[:MOST], key=lambda place: (-place.score, place.is_area))

    def _one_of(self, exact: list[Place]) -> Meant:
        """Take the one that is meant, if that is certain: a town before the area that it lies in; else ask."""
        spots = [place for place in exact if not place.is_area and place.layer != "concessions"]
        spots = spots or [place for place in exact if place.layer == "concessions"]
        city = _city_among(spots)
        spots = [city] if city else spots
        areas = [place for place in exact if place.is_area]
        if len(spots) == 1 and all(_holds(area, spots[0]) for area in areas):
            return _found(spots[0], self)
        if not spots:  # the middle of an area is where nobody is: towns that sound alike are offered, too
            alike = (place for each in self.everywhere() for place in each.sounding(key(areas[0].name)))
            spots = [place for place in _apart(alike) if not place.is_area and place.layer != "concessions"]
        spots, areas = (sorted(some, key=_likeliest_first) for some in (spots, areas))
        shown = spots[: max(MOST - len(areas), 1)]
        return _choice([*shown, *areas, *spots[len(shown) :]], "several", self)


def _likeliest_first(place: Place) -> tuple[bool, float]:
    return not place.layer, -place.prominence


def _found(place: Place, names: _Names) -> Found:
    return Found(place.latitude, place.longitude, place=place, beside=names.namesakes(place))


def _choice(places: Sequence[Place], why: str, names: _Names) -> Candidates:
    shown = tuple(_found(place, names) for place in places[:MOST])
    return Candidates(shown, why=why, more=len(places) - len(shown))


def _on_ground(con: Connection, answer: Meant) -> Meant:
    """Move what the map holds from the middle of its box onto its ground."""
    if isinstance(answer, Candidates):
        moved = (_on_ground(con, choice) for choice in answer.choices)
        return replace(answer, choices=tuple(each for each in moved if isinstance(each, Found)))
    if isinstance(answer, Unknown) or answer.place is None or not answer.place.layer:
        return answer
    (place,) = map_queries.on_ground(con, [answer.place])
    return replace(answer, place=place, latitude=place.latitude, longitude=place.longitude)


def _country_named(parts: Sequence[str]) -> str | None:
    return country_code(parts[-1]) if len(parts) > 1 else None


def _splits(name: str) -> Iterator[tuple[str, list[str]]]:
    """Give a name of several words as a place and what it lies in: `Sorochuco Celendín`, or the other way round."""
    words = name.split()
    for at in range(len(words) - 1, 0, -1):
        head, tail = " ".join(words[:at]), " ".join(words[at:])
        yield head, [tail]
        yield tail, [head]


def _apart(places: Iterable[Place]) -> list[Place]:
    """Leave out what another register tells of the same place, the map's own first."""
    kept: list[Place] = []
    for place in places:
        if not any(_is_same(place, other) for other in kept):
            kept.append(place)
    return kept


def _is_same(place: Place, other: Place) -> bool:
    if place.layer and (place.layer, place.code) == (other.layer, other.code):
        return True
    one_kind = place.kind == other.kind or {place.kind, other.kind} <= {"region", "department"}
    if not one_kind or key(place.name) != key(other.name) or (place.layer and place.layer == other.layer):
        return False
    return place.is_area or _km(place, other) <= SAME_KM


def _city_among(places: Sequence[Place]) -> Place | None:
    """Give the city that dwarfs all others of its name, if none of those is on the map."""
    city = max(places, key=lambda place: place.population, default=None)
    if city is None or city.population < CITY:
        return None
    others = [place for place in places if place is not city]
    dwarfed = all(place.population * DWARFED <= city.population and not place.layer for place in others)
    return city if others and dwarfed else None


def _holds(area: Place, spot: Place) -> bool:
    """Tell whether an area is what a place of its name lies in."""
    if area.area is not None:
        return bool(area.area.contains(shapely.Point(spot.longitude, spot.latitude)))
    if area.kind == "country":
        return area.country == spot.country
    if area.kind in {"region", "department"}:
        return key(area.name) == key(spot.region)
    return key(area.name) == key(spot.province)


def _km(one: Place, other: Place) -> float:
    if (one.longitude, one.latitude) == (other.longitude, other.latitude):
        return 0.0  # a place by itself
    there = np.array([other.longitude]), np.array([other.latitude])
    _, (metres,) = geodesic.inverse(one.longitude, one.latitude, *there)
    return float(metres) / 1000
