"""Text about a place that was found: its name, the assumptions made to read it, and questions about it."""

from __future__ import annotations

from math import floor

import numpy as np
import shapely

from lindero.app.answers.place.position_search import Candidates, FoundPlace, UnknownPlace
from lindero.app.answers.place.topic_search import CASE, Topic
from lindero.app.text.codes import title_text, translate_code
from lindero.app.text.countries import country_name
from lindero.app.text.error_advice import error_text
from lindero.app.text.i18n import _, format_number, join_texts, ngettext
from lindero.geo.geometry.crs import ELLIPSOID
from lindero.geo.geometry.units import M_PER_KM
from lindero.layers.errors import N_
from lindero.layers.reference import base_data
from lindero.layers.reference.gazetteer import Place
from lindero.layers.reference.known_projects import KIND as MINING_PROJECT

IN_TOWN_KM = 0.5
BEYOND_KM = 1_000.0  # from the coast: beyond it no nearest town is named
AT_SEA_KM = 20.0  # from the coast, which is coarsely drawn in the base data
_FIRST_BOX, _WHOLE = 1.0, 360.0  # degrees: the first and the largest box in which towns are searched
_SLANT = 1.5  # in degrees, the town nearest on the ground may be this many times farther than the nearest in degrees
_SECTORS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")
DOUBTS = {
    "axes": N_("with longitude and latitude swapped"),
    "latitude_sign": N_("as a southern latitude"),
    "longitude_sign": N_("as a western longitude"),
    "zone": N_("in UTM zone {zone} (the zone was not stated)"),
    "hemisphere": N_("in UTM zone {zone} (north or south was not stated)"),
    "band": N_("in UTM zone {zone} (its letter does not fit the place)"),
    "order": N_("with the northing first"),
    "tile": N_("with the short code completed"),
}


def place_name(found_place: FoundPlace) -> str:
    """Return the name of a place with its kind and region, as in `Sorochuco (locality; Celendín, Cajamarca)`.

    The text contains names written by others and is not escaped.
    """
    if found_place.place is None:
        return _position_text(found_place.latitude, found_place.longitude, found_place.land_distance_km)
    place = found_place.place
    kind = translate_code(place.kind)
    if place.is_area and place.area is None and place.kind != "region":  # a region is meant as a whole
        kind = _("{area}: its centre").format(area=kind)
    if place.kind == MINING_PROJECT:
        kind = _("{kind}, approximate location").format(kind=kind)
    surroundings = [name for name in dict.fromkeys(_surrounding_areas(place)) if name and name != place.name]
    return _("{name} ({about})").format(name=place.name, about="; ".join(filter(None, [kind, ", ".join(surroundings)])))


def format_choice(found_place: FoundPlace) -> str:
    """Describe one of several places. A position is followed by the assumptions made to read it."""
    if found_place.place is not None:
        return place_name(found_place)
    position = f"{found_place.latitude:.4f}, {found_place.longitude:.4f}"
    return "; ".join([f"{position}: {place_name(found_place)}", *_reading_assumptions(found_place)])


def format_choices(candidates: Candidates) -> list[str]:
    """Describe several places. Those with the same text are told apart by their positions."""
    lines = [format_choice(candidate) for candidate in candidates.choices]
    return [
        f"{line}: {candidate.latitude:.3f}, {candidate.longitude:.3f}" if lines.count(line) > 1 else line
        for line, candidate in zip(lines, candidates.choices, strict=True)
    ]


def topic_name(holder_or_case: Topic) -> str:
    """Return the name of a holder or a case that a text may mean."""
    if holder_or_case.kind == CASE:
        return _("{title} (recorded case)").format(title=title_text(holder_or_case.name))
    text = ngettext("{name} (holder of {n} concession)", "{name} (holder of {n} concessions)", holder_or_case.count)
    return text.format(name=holder_or_case.name, n=format_number(holder_or_case.count))


def position_notes(found_place: FoundPlace) -> list[str]:
    """Return notes on an answer: how the position was read, and places of the same name nearby."""
    lines = [
        _("How the position was read: {how}.").format(how=assumption)
        for assumption in _reading_assumptions(found_place)
    ]
    if found_place.namesakes:
        names = join_texts([_format_namesake(found_place, namesake) for namesake in found_place.namesakes])
        lines.append(_("Other places nearby with this name: {names}.").format(names=names))
    return lines


def choice_question(candidates: Candidates, text: str) -> str:
    """Return the question which place is meant, with the reason for it."""
    if candidates.topics and not candidates.choices:
        return _("No place called {text} was found, but this map has …").format(text=text)
    if candidates.topics and candidates.why == "several":
        return _("{text} may mean several things. Which one?").format(text=text)
    if candidates.why == "alike":
        return _("No place called {text} was found. Did you mean …?").format(text=text)
    if candidates.why == "several":
        return _("There are several places called {text}. Which one?").format(text=text)
    if candidates.why == "doubtful":
        return _("{text} may mean more than one place. Which one?").format(text=text)
    return _("{text} is outside this map's country. Did you mean this place?").format(text=text)


def more_choices_text(candidates: Candidates) -> str:
    """Return how many places are not shown, and how to be more precise; empty if all are shown."""
    if not candidates.more:
        return ""
    return ngettext(
        "There is {n} more. After the name, write a comma and the province or region.",
        "There are {n} more. After the name, write a comma and the province or region.",
        candidates.more,
    ).format(n=format_number(candidates.more))


def unknown_place_text(answer: UnknownPlace, text: str) -> str:
    """Return the sentence that nothing was found, and what to do."""
    if answer.reason is not None:
        return error_text(answer.reason)
    sentence = _("No place called {text} was found. Write its position, or the name of a place near it.")
    sentence = sentence.format(text=text)
    return " ".join([sentence, _("Another country has a place with this name.")]) if answer.abroad else sentence


def _reading_assumptions(found_place: FoundPlace) -> list[str]:
    doubts = [doubt for doubt in found_place.doubts if not (doubt == "hemisphere" and "zone" in found_place.doubts)]
    return [_(DOUBTS[doubt]).format(zone=found_place.zone) for doubt in doubts]


def _surrounding_areas(place: Place) -> tuple[str, str, str]:
    province = "" if place.is_area and place.kind != "district" else place.province
    region = "" if place.kind in {"region", "department"} else place.region
    return province, region, country_name(place.country) if place.country else ""


def _format_namesake(found_place: FoundPlace, namesake: Place) -> str:
    """Describe a place of the same name: its kind, distance and direction."""
    km, sector = _distance_and_direction(
        found_place.latitude, found_place.longitude, namesake.latitude, namesake.longitude
    )
    text = _("{name} ({kind}), {km} km to the {direction}")
    return text.format(
        name=namesake.name,
        kind=translate_code(namesake.kind),
        km=format_number(km, decimals=1),
        direction=translate_code(sector),
    )


def _position_text(latitude: float, longitude: float, from_land_km: float) -> str:
    """Describe a position by the nearest town: distance, direction, region and country."""
    if from_land_km > BEYOND_KM:
        return _("far from any land on this map")
    name, region, country, lat, lon = _nearest_town(latitude, longitude)
    km, sector = _distance_and_direction(lat, lon, latitude, longitude)
    town = ", ".join(dict.fromkeys(filter(None, (name, region, country_name(country)))))
    text = _("{km} km to the {direction} of {town}")
    if from_land_km > AT_SEA_KM:
        text = _("at sea, {km} km to the {direction} of {town}")
    elif km < IN_TOWN_KM:
        text = _("in {town}")
    return text.format(km=format_number(km, decimals=1), direction=translate_code(sector), town=town)


def _distance_and_direction(lat: float, lon: float, to_lat: float, to_lon: float) -> tuple[float, str]:
    """Return the distance (km) and the direction from one place to another."""
    azimuth, _back, metres = ELLIPSOID.inv(lon, lat, to_lon, to_lat)
    return float(metres) / M_PER_KM, _SECTORS[round((azimuth % 360) / 45) % 8]


def _nearest_town(latitude: float, longitude: float) -> tuple[str, str, str, float, float]:
    """Return the nearest town: its name, region, country, latitude and longitude.

    The search box is enlarged until no town outside it can be nearer than one inside.
    """
    # Boxes are cells of a grid, so that the cache of the base data does not reveal where readers looked.
    point, box_degrees = shapely.Point(longitude, latitude), _FIRST_BOX
    while True:
        west, south = ((floor(degrees / box_degrees / 2) * 2 - 1) * box_degrees for degrees in (longitude, latitude))
        bounds = (west, south, west + 4 * box_degrees, south + 4 * box_degrees)
        towns = base_data.read_columns("places", "name", "region", "country", "geometry", bounds=bounds)
        distances = shapely.distance(point, towns["geometry"])
        close_rows = np.flatnonzero(distances <= distances.min(initial=np.inf) * _SLANT)
        if box_degrees >= _WHOLE or (len(close_rows) and distances.min() * _SLANT <= box_degrees):
            break
        box_degrees *= 4
    lon, lat = shapely.get_coordinates([towns["geometry"][row] for row in close_rows]).T
    _bearing, _back, metres = ELLIPSOID.inv(np.full(len(lon), longitude), np.full(len(lat), latitude), lon, lat)
    nearest = int(np.argmin(metres))
    name, region, country = (str(towns[column][close_rows[nearest]]) for column in ("name", "region", "country"))
    return name, region, country, float(lat[nearest]), float(lon[nearest])
