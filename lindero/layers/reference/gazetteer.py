"""
Place names to places, with no network: for finding oneself on the map, and for records that only name a region.

Accents, case, punctuation and small misspellings are forgiven, and every answer says how well it fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from heapq import nsmallest
from itertools import chain
from math import log10
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from lindero.layers.reference import base_data
from lindero.layers.reference.name_index import EXACT, WORDS, WRITTEN_OUT, NameIndex, fold, key

SURE = 85.0  # least likeness of a misspelt region or province in a record, where nobody looks at a list of answers
CLEAR = 5.0  # and by how much it must be liker than the next

PROMINENCE = {"country": 9.0, "region": 7.5, "department": 7.5, "province": 5.0}  # beside log10 of inhabitants
AREAS = ("country", "region", "province")
LOCALITY = "locality"
_DIVISIONS = (*AREAS, "department", "district")  # those of maps, too
COARSEST_FIRST = (*AREAS, LOCALITY)


class Place(NamedTuple):
    """
    A place: `score`, 0 to 100, tells how well it fits what was asked.

    `kind` is country, region, province or locality; of what the map itself holds, a layer, or a level of regions.
    """

    name: str
    kind: str
    code: str  # ISO 3166 or GeoNames; empty for localities; of what the map holds, its id
    province: str
    region: str
    country: str  # ISO 3166-1 alpha-2
    longitude: float
    latitude: float
    population: int  # 0: not recorded
    score: float = 0.0
    layer: str = ""  # of the map, if the map holds it
    area: BaseGeometry | None = None  # of the map's own regions, in degrees

    @property
    def is_area(self) -> bool:
        """Whether it is wider than anybody can be somewhere: a country, or what it is divided into."""
        return self.kind in _DIVISIONS

    @property
    def prominence(self) -> float:
        """How likely this is meant rather than another of the same name."""
        return PROMINENCE.get(self.kind) or log10(self.population + 1)


@dataclass(frozen=True)
class Region:
    """
    What a record's free text names.

    `matched` says how: `exact` (but for accents and case), `spelling` (a near name, and nothing else is near) or `part`
    (only `text`, a part of what the record says, is known).
    """

    place: Place
    matched: str
    text: str


def region_of(text: str, country: str) -> Region | None:
    """
    Find the area that a record names in free text, such as `Junín`, `Apurimac` or `Mara, Apurímac`.

    Of areas of one name the largest is taken: a record that says Cajamarca does not say that it means the town. Where
    the name is unknown, or two of one kind have it, the answer is what the rest of the text names, or None.

    Parameters
    ----------
    text
        As received; parts from the smallest to the largest, with commas, slashes or brackets between them.
    country
        ISO 3166-1 alpha-2 code.

    """
    parts = parts_of(text)
    first, *larger = parts
    if place := _named(first, larger, country):
        return Region(place, "exact", first)
    if place := _like(first, larger, country):
        return Region(place, "spelling", first)
    tries = [(part, larger[position:]) for position, part in enumerate(larger, start=1)] + [
        (part, []) for part in parts
    ]
    for part, within in tries:  # no locality: too many are of one name to trust a part of what was said
        if place := _named(part, within, country, kinds=AREAS):
            return Region(place, "part", part)
    return None


def country_code(text: str) -> str | None:
    """Give the ISO 3166-1 alpha-2 code of a country by its English or Spanish name, or None."""
    return _codes_of_countries().get(key(text))


def parts_of(text: str) -> list[str]:
    """Give the keys of the parts of a name, from the smallest to the largest: `Mara, Apurímac` has two."""
    parts = [key(part) for part in re.split(r"[,;/()]|\s-\s", text)]
    return [part for part in parts if part] or [""]


def _named(name: str, within: list[str], country: str, kinds: Sequence[str] = COARSEST_FIRST) -> Place | None:
    """Give the only place of the coarsest kind that has the name: what is finer is not looked at before that."""
    for kind in kinds:
        if kind == LOCALITY and not _is_locality(name, country):
            continue
        if found := _of_kind(country, kind).named(name, within):
            return _only(found)
    return None


def _is_locality(name: str, country: str) -> bool:
    """
    Tell whether a key is that of a locality: of few that are asked for, and to give all localities their keys is slow.

    Of a locality that has the key the folded name holds each of its words but those that may be abbreviated.
    """
    word = max((word for word in WORDS.findall(name) if word not in WRITTEN_OUT), key=len, default="")
    names = _localities().get(country, ()) if country else chain.from_iterable(_localities().values())
    return any(word in folded and key(own) == name for own, folded in names)


@cache
def _localities() -> dict[str, list[tuple[str, str]]]:
    """Give the names of the localities of each country as they stand, and folded."""
    columns = base_data.columns("places", "country", "name")
    found: dict[str, list[tuple[str, str]]] = {}
    folded = fold("\n".join(columns["name"])).split("\n")
    for country, *names in zip(columns["country"], columns["name"], folded, strict=True):
        found.setdefault(country, []).append((*names,))
    return found


def _like(name: str, within: list[str], country: str) -> Place | None:
    """Give the only area of the coarsest kind that is spelt like a name; others may be like it, but less so."""
    found = [_of_kind(country, kind).spelt(name, within, least=SURE) for kind in AREAS]
    best = max((place.score for places in found for place in places), default=0)
    clear = ([place for place in places if place.score >= best - CLEAR] for places in found)
    return _only(next(filter(None, clear), []))


def _only(places: list[Place]) -> Place | None:
    return places[0] if len(places) == 1 else None


class Gazetteer:
    """
    Places by the names that each goes by, to be asked while somebody types.

    `completed` adds what is known of places where one of them is first found: what they lie in takes longer to look up
    than to tell that none has a name.
    """

    def __init__(
        self,
        named: Sequence[tuple[Place, frozenset[str]]],
        completed: Callable[[list[Place]], list[Place]] = list,
    ) -> None:
        self._known = [place for place, _ in named]
        self._completed = completed
        self.index = NameIndex([names for _, names in named])

    @cached_property
    def places(self) -> list[Place]:
        """All places, in the order given."""
        return self._completed(self._known)

    def around(self, number: int) -> frozenset[str]:
        """Give the keys of what a place lies in."""
        place = self.places[number]
        return keys([place.province, place.region, *_names_of_countries().get(place.country, ())])

    def named(self, name: str, within: Iterable[str] = ()) -> list[Place]:
        """Give the places whose name has this very key, of those that lie within all that is named."""
        return self._chosen(dict.fromkeys(self.index.exact.get(name, ()), EXACT), within)

    def sounding(self, name: str, within: Iterable[str] = ()) -> list[Place]:
        """Give the places whose name has this key or sounds like it."""
        return self._chosen(self.index.sounding(name), within)

    def sounding_in(self, name: str, box: base_data.Bounds) -> list[Place]:
        """Give the places in a box in degrees (west, south, east, north) whose name has this key or sounds like it."""
        west, south, east, north = box
        lon, lat = self._positions
        inside = (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)
        return self._chosen(self.index.sounding(name, among=np.flatnonzero(inside).tolist()), ())

    def like(self, name: str, within: Iterable[str] = (), *, limit: int = 8) -> list[Place]:
        """Give the places that a key, misspelt perhaps, or its beginning may name, the best first."""
        found = self._chosen(self.index.scores(name), within)
        order = {id(place): number for number, place in enumerate(found)}
        return nsmallest(limit, found, key=lambda place: (-place.score, -place.prominence, order[id(place)]))

    def spelt(self, name: str, within: Iterable[str] = (), *, least: float) -> list[Place]:
        """Give the places of whose names one is spelt like a key, alike by at least so much."""
        return self._chosen(self.index.spelt(name, least=least), within)

    @cached_property
    def _positions(self) -> NDArray[np.float64]:
        """Longitudes and latitudes of all places."""
        return np.array([(place.longitude, place.latitude) for place in self._known]).reshape(-1, 2).T

    def _chosen(self, scores: dict[int, float], within: Iterable[str]) -> list[Place]:
        wanted = frozenset(within)
        chosen = [number for number in scores if not wanted or self.around(number).issuperset(wanted)]
        return [self.places[number]._replace(score=scores[number]) for number in chosen]


@cache
def of_country(country: str | None) -> Gazetteer:
    """Give the places of a country (ISO 3166-1 alpha-2; none of one not known), or of all, largest kinds first."""
    return Gazetteer([place for kind in COARSEST_FIRST for place in _places(country or None, kind, alone=True)])


@cache
def _of_kind(country: str, kind: str) -> Gazetteer:
    return Gazetteer(list(_places(country or None, kind)))


def keys(names: Iterable[str]) -> frozenset[str]:
    """Give the keys of names."""
    return frozenset(map(key, names)) - {""}


@cache
def _names_of_countries() -> dict[str, list[str]]:
    """Give the English and the Spanish name of each country by its code."""
    countries = base_data.columns("countries", "code", "name", "name_es")
    names = zip(countries["name"], countries["name_es"], strict=True)
    return dict(zip(countries["code"], map(list, names), strict=True))


@cache
def _codes_of_countries() -> dict[str, str]:
    return {key(name): code for code, names in _names_of_countries().items() for name in names}


def _places(country: str | None, kind: str, *, alone: bool = False) -> Iterator[tuple[Place, frozenset[str]]]:
    """Give the places of a kind of a country, or of all, each with the normalised names that it goes by."""
    if country and country not in _names_of_countries():
        return
    for *fields, aliases in zip(*_columns(_read(country, kind, alone=alone), kind), strict=True):
        place = Place(*fields)
        yield place, keys([place.name, *aliases])


def _read(country: str | None, kind: str, *, alone: bool) -> dict[str, list[Any]]:
    match kind:
        case "country":
            named = ("code", "name", "name_es", "geometry")
            countries = _rows_of(country, "countries", named, by="code", alone=alone)
            return countries | {"country": countries["code"], "aliases": [[name] for name in countries["name_es"]]}
        case "region":
            wanted = ("code", "name", "country", "aliases", "geometry")
            regions = _rows_of(country, "regions", wanted, alone=alone)
            return regions | {"region": regions["name"]}
        case "province":
            within_region = ("code", "name", "region", "country", "aliases", "geometry")
            provinces = _rows_of(country, "provinces", within_region, alone=True)
            return provinces | {"province": provinces["name"]}
        case _:
            of_locality = ("name", "province", "region", "country", "population", "geometry")
            return _rows_of(country, "places", of_locality, alone=True)


def _rows_of(
    country: str | None, name: str, wanted: Sequence[str], *, by: str = "country", alone: bool
) -> dict[str, list[Any]]:
    """
    Read the rows of a country of a file, `alone` for whoever asks for one country.

    A file of outlines takes but twice as long to be read whole: who asks for many countries chooses rows of that.
    """
    if alone:
        return base_data.columns(name, *wanted, where=(by, country))
    columns = base_data.columns(name, *wanted)
    at = [row for row, code in enumerate(columns[by]) if country in {None, code}]
    return {each: [values[row] for row in at] for each, values in columns.items()}


def _columns(columns: dict[str, list[Any]], kind: str) -> list[list[Any]]:
    """Give the fields of `Place`, one list each, and last the aliases."""
    count = len(columns["name"])
    texts = (columns.get(name, [""] * count) for name in ("code", "province", "region", "country"))
    points = shapely.get_coordinates(shapely.point_on_surface(columns["geometry"])).T.tolist()
    population, aliases = columns.get("population", [0] * count), columns.get("aliases", [()] * count)
    return [columns["name"], [kind] * count, *texts, *points, population, aliases]
