"""Search for the place that a text means. Pages, commands and the light page share this module.

Names are looked up on the map itself and in its country, and in other countries only on request. Exact matches come
before similar ones. A similar name, or one of several exact matches, is never chosen without asking. The same applies
if a town, a region and a company share a name. Positions, plus codes and map links are checked against the country
(`app.answers.place.position_search`).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from lindero.app.answers.place.position_search import (
    Candidates,
    FoundPlace,
    UnknownPlace,
    choose_reading,
    complete_short_code,
    country_utm_zones,
)
from lindero.app.answers.place.spot import may_be_area
from lindero.app.answers.place.topic_search import CASE, Topic, find_topics
from lindero.geo.geometry.crs import ELLIPSOID
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.near.window import window
from lindero.geo.positions import notation, plus_code
from lindero.geo.positions.notation import PositionError
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_names
from lindero.layers.reference.country_names import find_country_code
from lindero.layers.reference.gazetteer import (
    LOCALITY,
    Gazetteer,
    Place,
    country_gazetteer,
    split_name,
)
from lindero.layers.reference.known_projects import KIND, projects_gazetteer
from lindero.layers.reference.name_index import fold, name_key

MAX_CHOICES = 8  # choices shown at once
MAX_CANDIDATES = 40  # similar places from which these are chosen
SAME_KM = 5.0  # two towns with one name that are closer are one town, listed by two registers
BESIDE_KM = 30.0  # radius within which places with the same name are listed with an answer
LONGEST = 4_000  # characters read: parsing time grows with the square of the length
CITY = 20_000  # inhabitants from which a city may be chosen over places with the same name
TITLES = 2  # concessions with the name that are always among the choices
DOMINANCE_FACTOR = 100  # a city is chosen only if the others are this many times smaller and not on the map

_KINDS = {
    word: kind
    for kind, words in {
        "communities": "comunidad,comunidad campesina,comunidad nativa,community,c.c.,cc,cc.nn.,ccnn",
        "protected_areas": "area protegida,area natural protegida,anp,reserva,parque,protected area",
        "concessions": "concesion,concesion minera,concession",
        "region": "departamento,region,department",
        "province": "provincia,province",
        "district": "distrito,district",
        LOCALITY: "pueblo,ciudad,centro poblado,caserio,localidad,town,city,village,locality",
        KIND: "proyecto,proyecto minero,mina,mining project,mine",
    }.items()
    for word in words.split(",")
}
_KIND_FIRST = re.compile(rf"({'|'.join(map(re.escape, sorted(_KINDS, key=len, reverse=True)))}) (?:del? )?(?=\S)")

SearchResult = FoundPlace | Candidates | UnknownPlace


def find_place(
    text: str, con: Connection, country: str, *, gazetteer: Gazetteer | None = None, abroad: bool = False
) -> SearchResult:
    """Find the place that a text means: a name, a position, a plus code or a map link.

    `country`: ISO 3166-1 alpha-2 code of the map's country. If it is empty, all countries are searched. `gazetteer`:
    the result of `layers.database.queries.map_names.build_gazetteer`, if the caller has it already.
    """
    text = text[:LONGEST]
    names = _Names(map_names.build_gazetteer(con) if gazetteer is None else gazetteer, country, abroad=abroad)
    try:
        query = notation.read_map_link(text) or text
        answer = _read_short_code(query, names) or _read_position(query, country)
    except PositionError as error:
        return UnknownPlace(reason=error)
    if answer is None:
        answer = _add_topics(names.find(query), find_topics(con, query))
    return _move_to_ground(con, answer)


def _add_topics(answer: SearchResult, topics: tuple[Topic, ...]) -> SearchResult:
    """Add the holders and cases that a name may mean.

    A single place is returned alone unless a holder has the same name.
    """
    namesakes = tuple(topic for topic in topics if topic.is_namesake or topic.kind == CASE)
    is_called_so = any(topic.is_namesake for topic in topics)
    if isinstance(answer, UnknownPlace):
        return Candidates((), "several", topics=topics, abroad=answer.abroad) if topics else answer
    if isinstance(answer, FoundPlace):
        return Candidates((answer,), "several", topics=namesakes) if is_called_so else answer
    if answer.why == "alike":
        choices, why = ((), "several") if is_called_so else (answer.choices, answer.why)
        return replace(answer, choices=choices, why=why, topics=topics)
    return replace(answer, topics=namesakes)


def _read_position(text: str, country: str) -> SearchResult | None:
    zones = (
        country_utm_zones(country) if any(map(str.isdigit, text)) else ()
    )  # a text without digits is not a UTM position, so the country's shape is not loaded
    readings = notation.readings(text, zones=zones)
    return choose_reading(readings, country) if readings else None


def _read_short_code(text: str, names: "_Names") -> SearchResult | None:
    """Resolve a short plus code by the place named beside it, or else by the map's country."""
    code, nearby_name = plus_code.find_code(notation.normalize_text(text)) or ("", "")
    if not code or not plus_code.is_short(code):
        return None
    if not nearby_name:
        return complete_short_code(code, names.country)
    answer = names.find(nearby_name)
    places = (
        [answer] if isinstance(answer, FoundPlace) else list(answer.choices) if isinstance(answer, Candidates) else []
    )
    readings = [plus_code.complete_code(code, (place.latitude, place.longitude)) for place in places]
    return (
        choose_reading([replace(reading, doubts=("tile",)) for reading in dict.fromkeys(readings)], names.country)
        or answer
    )


class _Names:
    """The place names of the map, of its country and, on request, of other countries."""

    def __init__(self, own: Gazetteer, country: str, *, abroad: bool) -> None:
        self.own = own
        self.country = country
        self.abroad = abroad or not country

    def find(self, text: str) -> SearchResult:
        """Find a place by its name, optionally with the region that contains it or the kind of place."""
        text, kind = split_kind(text)
        parts = split_name(text)
        if (named_country := _find_country(parts)) and named_country != self.country:
            return _Names(Gazetteer([]), named_country, abroad=False).find(", ".join(parts[:-1]) or text)
        exact = self._find_exact(name_key(text), parts)
        same_kind = [place for place in exact if place_kind(place) == kind]
        if len(same_kind) == 1:
            return _to_found_place(same_kind[0], self)
        if exact:
            return self._choose_place(same_kind or exact, parts[0])
        is_abroad = self._is_known_abroad(parts[0])
        similar = self._find_similar(parts)
        if similar:
            return replace(_to_candidates(similar, "alike", self), abroad=is_abroad)
        return UnknownPlace(abroad=is_abroad)

    def iter_gazetteers(self) -> Iterator[Gazetteer]:
        """Yield the gazetteers to search, the map's own first."""
        country = None if self.abroad else self.country
        yield self.own
        yield projects_gazetteer(country)
        yield country_gazetteer(country)

    def find_namesakes(self, place: Place) -> tuple[Place, ...]:
        """Return the places near a place that have the same name, or a name that sounds alike."""
        near = window(place.longitude, place.latitude, BESIDE_KM)
        similar = [
            candidate
            for gazetteer in self.iter_gazetteers()
            for candidate in gazetteer.find_by_sound_in_box(name_key(place.name), near)
            if not candidate.is_area and _distance_km(place, candidate) <= BESIDE_KM
        ]
        return tuple(candidate for candidate in _remove_duplicates(similar) if not _is_same_place(place, candidate))

    def _is_known_abroad(self, name: str) -> bool:
        """Return whether countries that were not searched have such a name. This takes about a second."""
        return not self.abroad and bool(country_gazetteer(None).find_by_sound(name))

    def _find_exact(self, whole: str, parts: Sequence[str]) -> list[Place]:
        name, *within = parts
        tries = [(whole, []), (name, within), *([] if within else _iter_splits(name))]
        for query, surroundings in tries:
            places = [
                place for gazetteer in self.iter_gazetteers() for place in gazetteer.find_exact(query, surroundings)
            ]
            if places:
                return _remove_duplicates(places)
        return []

    def _find_similar(self, parts: Sequence[str]) -> list[Place]:
        name, *within = parts
        places = [
            place
            for gazetteer in self.iter_gazetteers()
            for place in gazetteer.find_similar(name, within, limit=MAX_CANDIDATES)
        ]
        if not places and within:
            return self._find_similar([name])
        titles_last = sorted(_remove_duplicates(places), key=lambda place: (place.layer == "concessions", -place.score))
        return sorted(titles_last[:MAX_CHOICES], key=lambda place: (-place.score, place.is_area))

    def _choose_place(self, exact: list[Place], name: str) -> SearchResult:
        """Return the place if only one is meant, else the candidates.

        The reader is asked to choose between a town, an area and land with the same name.
        """
        titles = [place for place in exact if place.layer == "concessions"]
        areas = [place for place in exact if place.is_area]
        spots = [place for place in exact if not place.is_area and place.layer != "concessions"]
        towns = [place for place in spots if place_kind(place) == LOCALITY]
        city = _find_dominant_city(towns)
        spots = [place for place in spots if not city or place is city or place not in towns]
        candidates = [*spots, *areas] or titles
        if not spots and areas:  # towns that sound alike are offered, too: Cuzco may be the town of Cusco
            similar = (
                place
                for gazetteer in self.iter_gazetteers()
                for place in gazetteer.find_by_sound(name_key(areas[0].name))
            )
            spots = [
                place for place in _remove_duplicates(similar) if not place.is_area and place.layer != "concessions"
            ]
            candidates = [*spots, *areas]
        is_abroad = candidates is titles and self._is_known_abroad(name)
        if len(candidates) == 1 and (spots or may_be_area(candidates[0])) and not is_abroad:
            return _to_found_place(candidates[0], self)
        spots, areas = (sorted(places, key=_likelihood_key) for places in (spots, areas))
        room = MAX_CHOICES - len(areas) - min(len(titles), TITLES)
        shown = spots[: max(room, 1)]
        choices = [*shown, *areas, *titles[:TITLES], *spots[len(shown) :], *titles[TITLES:]]
        return replace(_to_candidates(choices, "several", self), abroad=is_abroad)


def _likelihood_key(place: Place) -> tuple[bool, float]:
    return not place.layer and place.kind != KIND, -place.prominence


def _to_found_place(place: Place, names: _Names) -> FoundPlace:
    return FoundPlace(place.latitude, place.longitude, place=place, namesakes=names.find_namesakes(place))


def _to_candidates(places: Sequence[Place], why: str, names: _Names) -> Candidates:
    shown = tuple(_to_found_place(place, names) for place in places[:MAX_CHOICES])
    return Candidates(shown, why=why, more=len(places) - len(shown))


def _move_to_ground(con: Connection, answer: SearchResult) -> SearchResult:
    """Move features of the map from the centre of their bounding box to a point inside their geometry."""
    if isinstance(answer, Candidates):
        moved = (_move_to_ground(con, choice) for choice in answer.choices)
        return replace(answer, choices=tuple(result for result in moved if isinstance(result, FoundPlace)))
    if isinstance(answer, UnknownPlace) or answer.place is None or not answer.place.layer:
        return answer
    (place,) = map_names.move_to_inner_points(con, [answer.place])
    return replace(answer, place=place, latitude=place.latitude, longitude=place.longitude)


def _find_country(parts: Sequence[str]) -> str | None:
    return find_country_code(parts[-1]) if len(parts) > 1 else None


def _iter_splits(name: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each split of a name into a place and its region, in either order, as in `Sorochuco Celendín`."""
    words = name.split()
    for position in range(len(words) - 1, 0, -1):
        head, tail = " ".join(words[:position]), " ".join(words[position:])
        yield head, [tail]
        yield tail, [head]


def _remove_duplicates(places: Iterable[Place]) -> list[Place]:
    """Remove places that another register also lists. The map's own record is kept."""
    distinct: list[Place] = []
    for place in places:
        if not any(_is_same_place(place, earlier) for earlier in distinct):
            distinct.append(place)
    return distinct


def _is_same_place(left: Place, right: Place) -> bool:
    if left.layer and (left.layer, left.code) == (right.layer, right.code):
        return True
    is_same_kind = left.kind == right.kind or {left.kind, right.kind} <= {"region", "department"}
    if not is_same_kind or name_key(left.name) != name_key(right.name) or (left.layer and left.layer == right.layer):
        return False
    return left.is_area or _distance_km(left, right) <= SAME_KM


def _find_dominant_city(places: Sequence[Place]) -> Place | None:
    """Return the city that is far larger than all others of its name, if none of those is on the map."""
    city = max(places, key=lambda place: place.population, default=None)
    if city is None or city.population < CITY:
        return None
    smaller = [place for place in places if place is not city]
    is_dominant = all(place.population * DOMINANCE_FACTOR <= city.population and not place.layer for place in smaller)
    return city if smaller and is_dominant else None


def split_kind(text: str) -> tuple[str, str]:
    """Split off the kind of place that a text names, as in `Sorochuco, comunidad` or `distrito de Sorochuco`."""
    parts = re.split(r"([,;/()]|\s-\s)", text)
    for position in range(len(parts) - 1, 1, -2):
        if kind := _KINDS.get(" ".join(fold(parts[position]).split())):
            rest = [*parts[: position - 1], *parts[position + 1 :]]
            return "".join(rest).strip(" ,;/()") or text, kind
        if parts[position].strip():
            break
    match = _KIND_FIRST.match(fold(text))
    return text, _KINDS[match[1]] if match else ""


def place_kind(place: Place) -> str:
    """Return the kind of a place as people name it: a layer of the map, a level of regions, or a town."""
    if place.layer in {"communities", "protected_areas", "concessions"}:
        return place.layer
    return {"department": "region"}.get(place.kind, place.kind)


def _distance_km(left: Place, right: Place) -> float:
    return float(ELLIPSOID.inv(left.longitude, left.latitude, right.longitude, right.latitude)[2]) / M_PER_KM
