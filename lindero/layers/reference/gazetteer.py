"""A gazetteer: place names to places, offline, for search on the map and for records that only name a region.

Accents, case, punctuation and small misspellings are ignored. Every result has a score.
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
from lindero.layers.reference.name_index import EXACT, FULL_WORDS, WORDS, NameIndex, fold, name_key

MIN_LIKENESS = (
    85.0  # minimum similarity of a misspelt region or province in a record, because nobody checks the candidates
)
MIN_LEAD = 5.0  # minimum lead over the next candidate

PROMINENCE = {"country": 9.0, "region": 7.5, "department": 7.5, "province": 5.0}  # added to log10 of the population
AREAS = ("country", "region", "province")
LOCALITY = "locality"
_DIVISIONS = (*AREAS, "department", "district")  # including those of maps
COARSEST_FIRST = (*AREAS, LOCALITY)


class Place(NamedTuple):
    """A place with a `score` from 0 to 100 that says how well it matches a search.

    `kind` is country, region, province or locality; for features of the map it is a layer or a level of regions.
    """

    name: str
    kind: str
    code: str  # ISO 3166 or GeoNames; empty for localities; the id for features of the map
    province: str
    region: str
    country: str  # ISO 3166-1 alpha-2
    longitude: float
    latitude: float
    population: int  # 0: not recorded
    score: float = 0.0
    layer: str = ""  # the layer of the map, if it is a feature of the map
    area: BaseGeometry | None = None  # for regions of the map, in degrees

    @property
    def is_area(self) -> bool:
        """Whether it is an area rather than a location: a country or one of its divisions."""
        return self.kind in _DIVISIONS

    @property
    def prominence(self) -> float:
        """A measure of how likely this place is meant rather than another of the same name."""
        return PROMINENCE.get(self.kind) or log10(self.population + 1)


@dataclass(frozen=True)
class RegionMatch:
    """The place that the free text of a record names.

    `matched` is the kind of match: `exact` (except accents and case), `spelling` (the only similar name) or `part`
    (only `text`, a part of the record's text, is known).
    """

    place: Place
    matched: str
    text: str


def find_region(text: str, country: str) -> RegionMatch | None:
    """Find the area that a record names in free text, such as `Junín`, `Apurimac` or `Mara, Apurímac`.

    Of several areas of one name the largest is chosen: a record that says Cajamarca does not necessarily mean the town.
    If the name is unknown, or two places of one kind have it, the result is what the rest of the text names, or None.

    `country`: ISO 3166-1 alpha-2 code.
    """
    parts = split_name(text)
    first, *larger = parts
    if place := _find_place_by_name(first, larger, country):
        return RegionMatch(place, "exact", first)
    if place := _find_similar(first, larger, country):
        return RegionMatch(place, "spelling", first)
    attempts = [(part, larger[position:]) for position, part in enumerate(larger, start=1)] + [
        (part, []) for part in parts
    ]
    for part, larger_parts in attempts:  # no localities: too many share a name to trust a part of the text
        if place := _find_place_by_name(part, larger_parts, country, kinds=AREAS):
            return RegionMatch(place, "part", part)
    return None


def split_name(text: str) -> list[str]:
    """Return the keys of the parts of a name, from the smallest to the largest.

    Returns: keys as in `name_key`; one empty key if the text is blank.
    """
    parts = [name_key(part) for part in re.split(r"[,;/()]|\s-\s", text)]
    return [part for part in parts if part] or [""]


def _find_place_by_name(
    name: str, within: list[str], country: str, kinds: Sequence[str] = COARSEST_FIRST
) -> Place | None:
    """Find the only place of the coarsest kind that has the name; finer kinds are then not searched."""
    for kind in kinds:
        if kind == LOCALITY and not _is_locality(name, country):
            continue
        if matches := _kind_gazetteer(country, kind).find_exact(name, within):
            return _single_place(matches)
    return None


def _is_locality(name: str, country: str) -> bool:
    """Return whether a key belongs to a locality.

    Computing the keys of all localities would be slow. The folded name of a matching locality contains each word of the
    key, except words that may be abbreviated; so only names with the longest such word are compared.
    """
    word = max((word for word in WORDS.findall(name) if word not in FULL_WORDS), key=len, default="")
    names = (
        _localities_by_country().get(country, ()) if country else chain.from_iterable(_localities_by_country().values())
    )
    return any(word in folded and name_key(locality_name) == name for locality_name, folded in names)


@cache
def _localities_by_country() -> dict[str, list[tuple[str, str]]]:
    """Return the names of the localities of each country, as written and folded."""
    columns = base_data.read_columns("places", "country", "name")
    names_by_country: dict[str, list[tuple[str, str]]] = {}
    folded = fold("\n".join(columns["name"])).split("\n")
    for country, *names in zip(columns["country"], columns["name"], folded, strict=True):
        names_by_country.setdefault(country, []).append((*names,))
    return names_by_country


def _find_similar(name: str, within: list[str], country: str) -> Place | None:
    """Find the only area of the coarsest kind that is spelt like a name; others may only be clearly less similar."""
    matches_by_kind = [
        _kind_gazetteer(country, kind).find_by_spelling(name, within, min_score=MIN_LIKENESS) for kind in AREAS
    ]
    best = max((place.score for places in matches_by_kind for place in places), default=0)
    best_matches = ([place for place in places if place.score >= best - MIN_LEAD] for places in matches_by_kind)
    return _single_place(next(filter(None, best_matches), []))


def _single_place(places: list[Place]) -> Place | None:
    return places[0] if len(places) == 1 else None


class Gazetteer:
    """An index of places by their names, for search while a person types.

    `complete` adds details to the places when one is first found: looking up the areas that contain them takes longer
    than finding that no place has a name.
    """

    def __init__(
        self,
        names_by_place: Sequence[tuple[Place, frozenset[str]]],
        complete: Callable[[list[Place]], list[Place]] = list,
    ) -> None:
        self._known = [place for place, _ in names_by_place]
        self._completed = complete
        self.index = NameIndex([names for _, names in names_by_place])

    @cached_property
    def places(self) -> list[Place]:
        """All places, in the order given."""
        return self._completed(self._known)

    def containing_keys(self, number: int) -> frozenset[str]:
        """Return the keys of the areas that contain a place."""
        place = self.places[number]
        return name_keys([place.province, place.region, *_country_names().get(place.country, ())])

    def find_exact(self, name: str, within: Iterable[str] = ()) -> list[Place]:
        """Return the places that have exactly this key, limited to those within all areas named."""
        return self._select_places(dict.fromkeys(self.index.exact.get(name, ()), EXACT), within)

    def find_by_sound(self, name: str, within: Iterable[str] = ()) -> list[Place]:
        """Return the places whose name has this key or sounds like it."""
        return self._select_places(self.index.score_by_sound(name), within)

    def find_by_sound_in_box(self, name: str, box: base_data.Bounds) -> list[Place]:
        """Return the places in a box whose name has this key or sounds like it.

        The box is west, south, east and north in degrees.
        """
        west, south, east, north = box
        lon, lat = self._positions
        inside = (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)
        return self._select_places(self.index.score_by_sound(name, among=np.flatnonzero(inside).tolist()), ())

    def find_similar(self, name: str, within: Iterable[str] = (), *, limit: int = 8) -> list[Place]:
        """Return the places that a key, its beginning or a misspelling of it may name, best first."""
        matches = self._select_places(self.index.score_names(name), within)
        order = {id(place): number for number, place in enumerate(matches)}
        return nsmallest(limit, matches, key=lambda place: (-place.score, -place.prominence, order[id(place)]))

    def find_by_spelling(self, name: str, within: Iterable[str] = (), *, min_score: float) -> list[Place]:
        """Return the places with a name spelt like a key, with a score of at least `min_score`."""
        return self._select_places(self.index.score_by_spelling(name, min_score=min_score), within)

    @cached_property
    def _positions(self) -> NDArray[np.float64]:
        """The longitudes and latitudes of all places."""
        return np.array([(place.longitude, place.latitude) for place in self._known]).reshape(-1, 2).T

    def _select_places(self, scores: dict[int, float], within: Iterable[str]) -> list[Place]:
        area_keys = frozenset(within)
        chosen = [number for number in scores if not area_keys or self.containing_keys(number).issuperset(area_keys)]
        return [self.places[number]._replace(score=scores[number]) for number in chosen]


@cache
def country_gazetteer(country: str | None) -> Gazetteer:
    """Return the gazetteer of a country, or of all countries, largest kinds first.

    `country`: ISO 3166-1 alpha-2 code; None or an empty text for all countries.
    """
    return Gazetteer([place for kind in COARSEST_FIRST for place in _iter_places(country or None, kind, alone=True)])


@cache
def _kind_gazetteer(country: str, kind: str) -> Gazetteer:
    return Gazetteer(list(_iter_places(country or None, kind)))


def name_keys(names: Iterable[str]) -> frozenset[str]:
    """Return the keys of names."""
    return frozenset(map(name_key, names)) - {""}


@cache
def _country_names() -> dict[str, list[str]]:
    """Return the English and the Spanish name of each country by its code."""
    countries = base_data.read_columns("countries", "code", "name", "name_es")
    names = zip(countries["name"], countries["name_es"], strict=True)
    return dict(zip(countries["code"], map(list, names), strict=True))


def _iter_places(country: str | None, kind: str, *, alone: bool = False) -> Iterator[tuple[Place, frozenset[str]]]:
    """Yield the places of a kind in a country, or in all, each with the keys of its names."""
    if country and country not in _country_names():
        return
    for *fields, aliases in zip(*_place_columns(_read_kind(country, kind, alone=alone), kind), strict=True):
        place = Place(*fields)
        yield place, name_keys([place.name, *aliases])


def _read_kind(country: str | None, kind: str, *, alone: bool) -> dict[str, list[Any]]:
    match kind:
        case "country":
            country_fields = ("code", "name", "name_es", "geometry")
            countries = _read_country_rows(country, "countries", country_fields, country_column="code", alone=alone)
            return countries | {"country": countries["code"], "aliases": [[name] for name in countries["name_es"]]}
        case "region":
            region_fields = ("code", "name", "country", "aliases", "geometry")
            regions = _read_country_rows(country, "regions", region_fields, alone=alone)
            return regions | {"region": regions["name"]}
        case "province":
            province_fields = ("code", "name", "region", "country", "aliases", "geometry")
            provinces = _read_country_rows(country, "provinces", province_fields, alone=True)
            return provinces | {"province": provinces["name"]}
        case _:
            locality_fields = ("name", "province", "region", "country", "population", "geometry")
            return _read_country_rows(country, "places", locality_fields, alone=True)


def _read_country_rows(
    country: str | None, name: str, column_names: Sequence[str], *, country_column: str = "country", alone: bool
) -> dict[str, list[Any]]:
    """Read the rows of a country from a file of base data.

    With `alone`, only the rows of this country are read. Reading a whole file of outlines takes only twice as long, so
    callers with many countries select rows of the whole file.
    """
    if alone:
        return base_data.read_columns(name, *column_names, where=(country_column, country))
    columns = base_data.read_columns(name, *column_names)
    row_numbers = [row for row, code in enumerate(columns[country_column]) if country in {None, code}]
    return {column_name: [values[row] for row in row_numbers] for column_name, values in columns.items()}


def _place_columns(columns: dict[str, list[Any]], kind: str) -> list[list[Any]]:
    """Return the fields of `Place` as one list each, and the aliases as the last list."""
    count = len(columns["name"])
    texts = (columns.get(name, [""] * count) for name in ("code", "province", "region", "country"))
    points = shapely.get_coordinates(shapely.point_on_surface(columns["geometry"])).T.tolist()
    population, aliases = columns.get("population", [0] * count), columns.get("aliases", [()] * count)
    return [columns["name"], [kind] * count, *texts, *points, population, aliases]
