"""
Place names to places, with no network: for finding oneself on the map, and for records that only name a region.

Accents, case, punctuation and small misspellings are forgiven, and every answer says how well it fits.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from heapq import nsmallest
from itertools import repeat
from math import log10

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
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = " ".join(re.findall(r"[a-z0-9]+", plain))
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
    found = [number for number in scores if index.entries[number].around.issuperset(within)] or list(scores)
    best = nsmallest(
        limit, found, key=lambda number: (-scores[number], -index.entries[number].place.prominence, number)
    )
    return [replace(index.entries[number].place, score=scores[number]) for number in best]


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
    name = normalised(text)
    countries = (entry for entry in _gazetteer() if entry.place.kind == "country")
    return next((entry.place.country for entry in countries if name in entry.names), None)


def _parts(text: str) -> list[str]:
    parts = [normalised(part) for part in re.split(r"[,;/()]|\s-\s", text)]
    return [part for part in parts if part] or [""]


@dataclass(frozen=True)
class _Entry:
    """A place, the normalised names it goes by, and those of what it lies in."""

    place: Place
    names: frozenset[str]
    around: frozenset[str]


def _named(name: str, within: list[str], country: str) -> Place | None:
    index = _index(country)
    found = [index.entries[number] for number, score in index.scores(name).items() if score == EXACT]
    places = [replace(entry.place, score=EXACT) for entry in found if entry.around.issuperset(within)]
    return _coarsest(places)


def _like(name: str, within: list[str], country: str) -> Place | None:
    areas = [entry for entry in _index(country).entries if entry.place.kind in PROMINENCE]
    scored = [
        replace(entry.place, score=max(fuzz.ratio(name, known) for known in entry.names))
        for entry in areas
        if entry.around.issuperset(within)
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
    """Names, and the words that begin inside them, in alphabetical order."""

    def __init__(self, entries: list[_Entry]) -> None:
        self.entries = entries
        named = [(name, number) for number, entry in enumerate(entries) for name in sorted(entry.names)]
        self.names = [name for name, _ in named]
        self.owners = [number for _, number in named]
        self.starts = sorted((start, whole, number) for name, number in named for start, whole in _starts(name))

    def scores(self, name: str) -> dict[int, float]:
        """Score each place that may be meant by `name`, by its position in `entries`."""
        scores: dict[int, float] = {}
        if not name:
            return scores
        first, end = bisect_left(self.starts, (name,)), bisect_left(self.starts, (name + LAST_LETTER,))
        for start, whole, number in self.starts[first:end]:
            score = WORD if not whole else EXACT if start == name else PREFIX
            scores[number] = max(score, scores.get(number, 0))
        similar = process.extract(name, self.names, scorer=fuzz.ratio, score_cutoff=SIMILAR, limit=None)
        for _, ratio, position in similar:
            scores.setdefault(self.owners[position], min(ratio, WORD))
        return scores


def _starts(name: str) -> Iterator[tuple[str, bool]]:
    yield name, True
    for space in re.finditer(" ", name):
        yield name[space.end() :], False


@cache
def _index(country: str | None) -> _Index:
    return _Index([entry for entry in _gazetteer() if country in (None, entry.place.country)])


@cache
def _gazetteer() -> tuple[_Entry, ...]:
    """Give every place, largest kinds first."""
    countries = base.countries()
    countries = countries.assign(
        country=countries["code"], region="", province="", aliases=countries["name_es"].map(lambda name: [name])
    )
    regions, provinces = base.regions(), base.provinces()
    frames = {
        "country": countries,
        "region": regions.assign(region=regions["name"], province=""),
        "province": provinces.assign(province=provinces["name"]),
        "locality": base.places().assign(code="", aliases=""),
    }
    plain = cache(normalised)  # while this runs: provinces and regions come up again and again

    def plain_set(names: Iterable[str]) -> frozenset[str]:
        return frozenset(map(plain, names)) - {""}

    spoken = countries.set_index("code")[["name", "name_es"]].agg(list, axis=1)
    return tuple(
        _Entry(
            place, plain_set([place.name, *aliases]), plain_set([place.province, place.region, *spoken[place.country]])
        )
        for kind, frame in frames.items()
        for place, aliases in _places(frame, kind)
    )


def _places(frame: gpd.GeoDataFrame, kind: str) -> Iterator[tuple[Place, Iterable[str]]]:
    points = frame.representative_point()
    population = frame["population"] if "population" in frame else repeat(0)
    columns = [frame[column] for column in ("name", "code", "province", "region", "country", "aliases")]
    for *named, aliases, x, y, people in zip(*columns, points.x, points.y, population, strict=False):
        name, code, province, region, country = named
        yield Place(name, kind, code, province, region, country, x, y, people), aliases
