"""
Place names to places, with no network: for finding oneself on the map, and for records that only name a region.

Accents, case, punctuation and small misspellings are forgiven, and every answer says how well it fits.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from heapq import nsmallest
from itertools import chain
from math import log10
from typing import Any

import geopandas as gpd
from rapidfuzz import fuzz, process

from layers import base

EXACT, PREFIX, WORD = 100.0, 90.0, 85.0  # the whole name, its beginning, the beginning of a later word of it
SIMILAR = 75.0  # least likeness (rapidfuzz's ratio, 0 to 100) of a misspelt name
SURE = 85.0  # least likeness of a misspelt region or province in a record, where nobody looks at a list of answers
CLEAR = 5.0  # and by how much it must be liker than the next

PROMINENCE = {"country": 9.0, "region": 7.5, "province": 5.0}  # beside log10 of a locality's inhabitants
COARSEST_FIRST = ("country", "region", "province", "locality")
LAST_LETTER = "\uffff"  # after every name that begins alike
WORDS = re.compile(r"[a-z0-9]+")
NOT_PART_OF_A_NAME = re.compile(
    r"^(comunidad (campesina |nativa )?|departamento |region |provincia |municipio |distrito )"
    r"(del? (l[ao]s? )?)?"
    r"| (department|region|province|state|municipality|district|suyu)$"
)


@dataclass(frozen=True)
class Place:
    """A place: `kind` is country, region, province or locality; `score`, 0 to 100, how well it fits what was asked."""

    name: str
    kind: str
    code: str  # ISO 3166 or GeoNames; empty for localities
    province: str
    region: str
    country: str  # ISO 3166-1 alpha-2
    longitude: float
    latitude: float
    population: int  # 0: not recorded
    score: float = 0.0

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


def normalised(text: str) -> str:
    """Give a name without accents, case, punctuation and words such as Provincia de."""
    plain = text if text.isascii() else unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = " ".join(WORDS.findall(plain.lower()))
    return NOT_PART_OF_A_NAME.sub("", words) or words


def find(text: str, *, country: str | None = None, limit: int = 8) -> list[Place]:
    """
    Find the places that `text` may name, best first, while it is still being typed.

    Parameters
    ----------
    text
        A name, misspelt perhaps, or its beginning; after a comma, where that is: `Mara, Apurímac` (nothing is left out
        for it where nothing of the name is there).
    country
        ISO 3166-1 alpha-2 code; everywhere without it.
    limit
        How many at most.

    """
    name, *within = _parts(text)
    index = _index(country)
    scores = index.scores(name)
    found = [number for number in scores if index.around(number).issuperset(within)] or list(scores)
    best = nsmallest(limit, found, key=lambda number: (-scores[number], -index.place(number).prominence, number))
    return [replace(index.place(number), score=scores[number]) for number in best]


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
    parts = _parts(text)
    first, *larger = parts
    if place := _named(first, larger, country):
        return Region(place, "exact", first)
    if place := _like(first, larger, country):
        return Region(place, "spelling", first)
    tries = [(part, larger[position:]) for position, part in enumerate(larger, start=1)] + [
        (part, []) for part in parts
    ]
    for part, within in tries:
        place = _named(part, within, country)
        if place and place.kind != "locality":  # too many of one name to trust a part of what was said
            return Region(place, "part", part)
    return None


def country_code(text: str) -> str | None:
    """Give the ISO 3166-1 alpha-2 code of a country by its English or Spanish name, or None."""
    return _codes_of_countries().get(normalised(text))


def _parts(text: str) -> list[str]:
    parts = [normalised(part) for part in re.split(r"[,;/()]|\s-\s", text)]
    return [part for part in parts if part] or [""]


def _named(name: str, within: list[str], country: str) -> Place | None:
    index = _index(country)
    found = [number for number in index.exact.get(name, ()) if index.around(number).issuperset(within)]
    return _coarsest([replace(index.place(number), score=EXACT) for number in found])


def _like(name: str, within: list[str], country: str) -> Place | None:
    index = _index(country)
    scored = [
        replace(index.place(number), score=max(fuzz.ratio(name, known) for known in index.names[number]))
        for number in index.areas
        if not within or index.around(number).issuperset(within)
    ]
    best = max((place.score for place in scored), default=0)
    return _coarsest([place for place in scored if place.score >= max(SURE, best - CLEAR)])


def _coarsest(places: list[Place]) -> Place | None:
    """Give the only place of the coarsest kind, or None where it has several."""
    kinds = {place.kind for place in places}
    coarsest = next((kind for kind in COARSEST_FIRST if kind in kinds), None)
    left = [place for place in places if place.kind == coarsest]
    return left[0] if len(left) == 1 else None


class _Index:
    """
    The places of a country, or of all, largest kinds first, each known by its number.

    `names` are the normalised names that each goes by, `exact` the places of each name, `areas` those that are
    more than a locality. What only some places are asked for, or only somebody who types, is made when it is needed.
    """

    def __init__(self, country: str | None) -> None:
        every = _every_place()
        known = every.get(country, []) if country else chain.from_iterable(every.values())
        self.places = sorted(known, key=lambda named: COARSEST_FIRST.index(named[0].kind))
        self.names = [names for _, names in self.places]
        self.areas = range(sum(place.kind in PROMINENCE for place, _ in self.places))
        self.exact: dict[str, list[int]] = {}
        for number, names in enumerate(self.names):
            for name in names:
                self.exact.setdefault(name, []).append(number)

    def place(self, number: int) -> Place:
        return self.places[number][0]

    def around(self, number: int) -> frozenset[str]:
        """Give the normalised names of what a place lies in."""
        place = self.place(number)
        return _plain([place.province, place.region, *_names_of_countries()[place.country]])

    @cached_property
    def named(self) -> tuple[list[str], list[int]]:
        """Give every name of every place, and whose it is."""
        named = [(name, number) for number, names in enumerate(self.names) for name in sorted(names)]
        return [name for name, _ in named], [number for _, number in named]

    @cached_property
    def starts(self) -> list[tuple[str, bool, int]]:
        """Give names, and what begins with a later word of them, in alphabetical order."""
        named = zip(*self.named, strict=True)
        return sorted((start, whole, number) for name, number in named for start, whole in _starts(name))

    def scores(self, name: str) -> dict[int, float]:
        """Score each place that may be meant by `name`, by its number."""
        scores: dict[int, float] = {}
        if not name:
            return scores
        first, end = bisect_left(self.starts, (name,)), bisect_left(self.starts, (name + LAST_LETTER,))
        for start, whole, number in self.starts[first:end]:
            score = WORD if not whole else EXACT if start == name else PREFIX
            scores[number] = max(score, scores.get(number, 0))
        names, owners = self.named
        for _, ratio, position in process.extract(name, names, scorer=fuzz.ratio, score_cutoff=SIMILAR, limit=None):
            scores.setdefault(owners[position], min(ratio, WORD))
        return scores


_index = cache(_Index)


def _plain(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(normalised, names)) - {""}


def _starts(name: str) -> Iterator[tuple[str, bool]]:
    yield name, True
    for space in re.finditer(" ", name):
        yield name[space.end() :], False


@cache
def _names_of_countries() -> dict[str, list[str]]:
    """Give the English and the Spanish name of each country by its code."""
    countries = base.countries()
    names = zip(countries["name"], countries["name_es"], strict=True)
    return dict(zip(countries["code"], map(list, names), strict=True))


@cache
def _codes_of_countries() -> dict[str, str]:
    return {normalised(name): code for code, names in _names_of_countries().items() for name in names}


@cache
def _every_place() -> dict[str, list[tuple[Place, frozenset[str]]]]:
    """Give the places of each country, largest kinds first, each with the normalised names that it goes by."""
    countries, regions, provinces = base.countries(), base.regions(), base.provinces()
    other_names = countries["name_es"].map(lambda name: [name])
    frames = {
        "country": countries.assign(country=countries["code"], region="", province="", aliases=other_names),
        "region": regions.assign(region=regions["name"], province=""),
        "province": provinces.assign(province=provinces["name"]),
        "locality": base.places().assign(code="", aliases=""),
    }
    places: dict[str, list[tuple[Place, frozenset[str]]]] = {}
    for kind, frame in frames.items():
        for *fields, aliases in zip(*_columns(frame, kind), strict=True):
            place = Place(*fields)
            places.setdefault(place.country, []).append((place, _plain([place.name, *aliases])))
    return places


def _columns(frame: gpd.GeoDataFrame, kind: str) -> list[list[Any]]:
    """Give the fields of `Place`, one list each, and last the aliases."""
    points = frame.representative_point()
    name, code, province, region, country, aliases = (
        frame[column].tolist() for column in ("name", "code", "province", "region", "country", "aliases")
    )
    population = frame["population"].tolist() if "population" in frame else [0] * len(frame)
    where = points.x.tolist(), points.y.tolist()
    return [name, [kind] * len(frame), code, province, region, country, *where, population, aliases]
