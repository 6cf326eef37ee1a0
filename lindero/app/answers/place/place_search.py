"""
The place that somebody means: one home for pages, commands and the light page.

A name is looked for on the map itself and in its country, in other countries only on request; what fits exactly comes
before what is alike, and what is alike, or one of several, is asked and never taken: a town, a region and a company of
one name, too. Positions, plus codes and links to
maps are judged by where they lie (`app.answers.place.position_search`).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from lindero.app.answers.place.position_search import Candidates, Found, Unknown, judge, of_short_code, zones_of
from lindero.app.answers.place.spot import may_be_area
from lindero.app.answers.place.topic_search import CASE, Topic, find_topics
from lindero.geo.geometry.crs import ELLIPSOID
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.near.window import window
from lindero.geo.positions import notation, plus_code
from lindero.geo.positions.notation import PositionError
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_names
from lindero.layers.reference.gazetteer import LOCALITY, Gazetteer, Place, country_code, of_country, parts_of
from lindero.layers.reference.known_projects import KIND, projects_in
from lindero.layers.reference.name_index import fold, key

MOST = 8  # choices that are shown at once
LOOKED_AT = 40  # alike ones from which these are chosen
SAME_KM = 5.0  # two towns of one name that are closer are one, told by two registers
BESIDE_KM = 30.0  # within which others of the same name are told with an answer
LONGEST = 4_000  # characters that are read; to read a text takes the square of its length
CITY = 20_000  # inhabitants of a place that is meant rather than
TITLES = 2  # concessions of the name that are always among the choices
DWARFED = 100  # times smaller ones of its name, unless they are on the map

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
        `layers.database.queries.map_names.gazetteer` of the map, if it is at hand.
    abroad
        Look through other countries, too.

    Returns
    -------
    Found, Candidates or Unknown
        What is certain; what has to be chosen from, with what tells the choices apart; or why nothing was found.
    """
    text = text[:LONGEST]
    names = _Names(map_names.gazetteer(con) if gazetteer is None else gazetteer, country, abroad=abroad)
    try:
        wanted = notation.in_text(text) or text
        answer = _of_code(wanted, names) or _of_position(wanted, country)
    except PositionError as error:
        return Unknown(reason=error)
    if answer is None:
        answer = _with_topics(names.find(wanted), find_topics(con, wanted))
    return _on_ground(con, answer)


def _with_topics(answer: Meant, topics: tuple[Topic, ...]) -> Meant:
    """Ask for the holders and cases, too, that a name may mean; a place alone is taken unless a holder is called so."""
    namesakes = tuple(topic for topic in topics if topic.is_namesake or topic.kind == CASE)
    is_called_so = any(topic.is_namesake for topic in topics)
    if isinstance(answer, Unknown):
        return Candidates((), "several", topics=topics, abroad=answer.abroad) if topics else answer
    if isinstance(answer, Found):
        return Candidates((answer,), "several", topics=namesakes) if is_called_so else answer
    if answer.why == "alike":
        choices, why = ((), "several") if is_called_so else (answer.choices, answer.why)
        return replace(answer, choices=choices, why=why, topics=topics)
    return replace(answer, topics=namesakes)


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
        """Find a place by its name, and perhaps by what it lies in, or by the kind of place that it is."""
        text, kind = split_kind(text)
        parts = parts_of(text)
        if (other := _country_named(parts)) and other != self.country:
            return _Names(Gazetteer([]), other, abroad=False).find(", ".join(parts[:-1]) or text)
        exact = self._exact(key(text), parts)
        of_kind = [place for place in exact if kind_of(place) == kind]
        if len(of_kind) == 1:
            return _found(of_kind[0], self)
        if exact:
            return self._one_of(of_kind or exact, parts[0])
        is_abroad = self._is_known_abroad(parts[0])
        alike = self._alike(parts)
        if alike:
            return replace(_choice(alike, "alike", self), abroad=is_abroad)
        return Unknown(abroad=is_abroad)

    def everywhere(self) -> Iterator[Gazetteer]:
        """Give the gazetteers in which to look, the map's own first."""
        country = None if self.abroad else self.country
        yield self.own
        yield projects_in(country)
        yield of_country(country)

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
        """Return whether other countries, not looked through, have such a name: a second of work."""
        return not self.abroad and bool(of_country(None).sounding(name))

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

    def _one_of(self, exact: list[Place], name: str) -> Meant:
        """Take the one that is meant if there is one alone; ask for a town, an area and land of one name."""
        titles = [place for place in exact if place.layer == "concessions"]
        areas = [place for place in exact if place.is_area]
        spots = [place for place in exact if not place.is_area and place.layer != "concessions"]
        towns = [place for place in spots if kind_of(place) == LOCALITY]
        city = _city_among(towns)
        spots = [place for place in spots if not city or place is city or place not in towns]
        meant = [*spots, *areas] or titles
        if not spots and areas:  # towns that sound alike are offered, too: Cuzco may be the town of Cusco
            alike = (place for each in self.everywhere() for place in each.sounding(key(areas[0].name)))
            spots = [place for place in _apart(alike) if not place.is_area and place.layer != "concessions"]
            meant = [*spots, *areas]
        is_abroad = meant is titles and self._is_known_abroad(name)
        if len(meant) == 1 and (spots or may_be_area(meant[0])) and not is_abroad:
            return _found(meant[0], self)
        spots, areas = (sorted(some, key=_likeliest_first) for some in (spots, areas))
        room = MOST - len(areas) - min(len(titles), TITLES)
        shown = spots[: max(room, 1)]
        found = [*shown, *areas, *titles[:TITLES], *spots[len(shown) :], *titles[TITLES:]]
        return replace(_choice(found, "several", self), abroad=is_abroad)


def _likeliest_first(place: Place) -> tuple[bool, float]:
    return not place.layer and place.kind != KIND, -place.prominence


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
    (place,) = map_names.on_ground(con, [answer.place])
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


def split_kind(text: str) -> tuple[str, str]:
    """Split off the kind of place that a text names, as in `Sorochuco, comunidad` or `distrito de Sorochuco`."""
    parts = re.split(r"([,;/()]|\s-\s)", text)
    for at in range(len(parts) - 1, 1, -2):
        if kind := _KINDS.get(" ".join(fold(parts[at]).split())):
            rest = [*parts[: at - 1], *parts[at + 1 :]]
            return "".join(rest).strip(" ,;/()") or text, kind
        if parts[at].strip():
            break
    begins = _KIND_FIRST.match(fold(text))
    return text, _KINDS[begins[1]] if begins else ""


def kind_of(place: Place) -> str:
    """Return of what kind a place is, as people name kinds: a layer of the map, a level of regions, or a town."""
    if place.layer in {"communities", "protected_areas", "concessions"}:
        return place.layer
    return {"department": "region"}.get(place.kind, place.kind)


def _km(one: Place, other: Place) -> float:
    return float(ELLIPSOID.inv(one.longitude, one.latitude, other.longitude, other.latitude)[2]) / M_PER_KM
