"""The place of an answer in words: its name and what tells it from others, and what was supposed to read it."""

from __future__ import annotations

from math import floor

import numpy as np
import shapely

from lindero.app.answers.place.position_search import Candidates, Found, Unknown
from lindero.app.answers.place.topic_search import CASE, Topic
from lindero.app.text.codes import title_text, word
from lindero.app.text.countries import country_name
from lindero.app.text.error_advice import error_text
from lindero.app.text.i18n import _, listed, ngettext, number
from lindero.geo.geometry.crs import ELLIPSOID
from lindero.geo.geometry.units import M_PER_KM
from lindero.layers.errors import N_
from lindero.layers.reference import base_data
from lindero.layers.reference.gazetteer import Place
from lindero.layers.reference.known_projects import KIND as MINING_PROJECT

IN_TOWN_KM = 0.5
BEYOND_KM = 1_000.0  # from the coast: what town is nearest tells nothing
AT_SEA_KM = 20.0  # from the coast as coarsely as it is drawn here
_FIRST_BOX, _WHOLE = 1.0, 360.0  # degrees round a place in which towns are looked for
_SLANT = 1.5  # how much farther in degrees the nearest town on the ground may be than the nearest in degrees
_SECTORS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")
DOUBTS = {
    "axes": N_("with longitude and latitude exchanged"),
    "latitude_sign": N_("with latitude in the south"),
    "longitude_sign": N_("with longitude in the west"),
    "zone": N_("in UTM zone {zone}, which was not stated"),
    "hemisphere": N_("in UTM zone {zone}, of which north or south was not stated"),
    "band": N_("in UTM zone {zone}, whose letter does not fit the place"),
    "order": N_("with the northing first"),
    "tile": N_("with the short code completed"),
}


def place_name(found: Found) -> str:
    """Name the place of an answer, as text of strangers: `Sorochuco (locality; Celendín, Cajamarca)`."""
    if found.place is None:
        return _where(found.latitude, found.longitude, found.from_land_km)
    place = found.place
    kind = word(place.kind)
    if place.is_area and place.area is None and place.kind != "region":  # of a region all of it is meant
        kind = _("{area}: its middle").format(area=kind)
    if place.kind == MINING_PROJECT:
        kind = _("{kind}, approximate position").format(kind=kind)
    around = [name for name in dict.fromkeys(_around(place)) if name and name != place.name]
    return _("{name} ({about})").format(name=place.name, about="; ".join(filter(None, [kind, ", ".join(around)])))


def choice(found: Found) -> str:
    """Name one of several places, with the position and the evidence where a position was written."""
    if found.place is not None:
        return place_name(found)
    position = f"{found.latitude:.4f}, {found.longitude:.4f}"
    return "; ".join([f"{position}: {place_name(found)}", *_supposed(found)])


def choices(candidates: Candidates) -> list[str]:
    """Return the names of several places; what two places have in common is followed by their positions."""
    lines = [choice(found) for found in candidates.choices]
    return [
        f"{line}: {found.latitude:.3f}, {found.longitude:.3f}" if lines.count(line) > 1 else line
        for line, found in zip(lines, candidates.choices, strict=True)
    ]


def topic(found: Topic) -> str:
    """Return the name of a holder or a case that may be meant."""
    if found.kind == CASE:
        return _("{title} (case on record)").format(title=title_text(found.name))
    text = ngettext("{name} (holder of {n} concession)", "{name} (holder of {n} concessions)", found.count)
    return text.format(name=found.name, n=number(found.count))


def notes(found: Found) -> list[str]:
    """Say what has to be known beside an answer: how its position was read, and what has the same name near."""
    lines = [_("How the position was read: {how}.").format(how=how) for how in _supposed(found)]
    if found.beside:
        names = listed([_beside(found, other) for other in found.beside])
        lines.append(_("Of the same name near it: {names}.").format(names=names))
    return lines


def question(candidates: Candidates, text: str) -> str:
    """Ask which place is meant, and say why it has to be asked."""
    if candidates.topics and not candidates.choices:
        return _("No place is called {text}, but on this map there is …").format(text=text)
    if candidates.topics and candidates.why == "several":
        return _("{text} may mean several things. Which one?").format(text=text)
    if candidates.why == "alike":
        return _("No place is called {text}. Did you mean …?").format(text=text)
    if candidates.why == "several":
        return _("There are several places called {text}. Which one?").format(text=text)
    if candidates.why == "doubtful":
        return _("{text} may mean more than one place. Which one?").format(text=text)
    return _("{text} does not lie in this map's country. Is this place meant?").format(text=text)


def left_out(candidates: Candidates) -> str:
    """Say that there are more places, and how to be more precise; empty where there are none."""
    if not candidates.more:
        return ""
    return ngettext(
        "There is {n} more: write the province or region behind the name, after a comma.",
        "There are {n} more: write the province or region behind the name, after a comma.",
        candidates.more,
    ).format(n=number(candidates.more))


def unknown(answer: Unknown, text: str) -> str:
    """Say that nothing was found, and what to do."""
    if answer.reason is not None:
        return error_text(answer.reason)
    sentence = _("No place called {text} is known here. Write its position, or the name of a place near it.")
    sentence = sentence.format(text=text)
    return " ".join([sentence, _("In other countries there is such a name.")]) if answer.abroad else sentence


def _supposed(found: Found) -> list[str]:
    doubts = [doubt for doubt in found.doubts if not (doubt == "hemisphere" and "zone" in found.doubts)]
    return [_(DOUBTS[doubt]).format(zone=found.zone) for doubt in doubts]


def _around(place: Place) -> tuple[str, str, str]:
    province = "" if place.is_area and place.kind != "district" else place.province
    region = "" if place.kind in {"region", "department"} else place.region
    return province, region, country_name(place.country) if place.country else ""


def _beside(found: Found, other: Place) -> str:
    """Tell a place of the same name: what it is, how far away, and in which direction."""
    km, sector = _away(found.latitude, found.longitude, other.latitude, other.longitude)
    text = _("{name} ({kind}), {km} km to the {direction}")
    return text.format(name=other.name, kind=word(other.kind), km=number(km, decimals=1), direction=word(sector))


def _where(latitude: float, longitude: float, from_land_km: float) -> str:
    """Tell a position by the nearest town: how far from it, in which direction, in which region and country."""
    if from_land_km > BEYOND_KM:
        return _("far from any land that this map knows")
    name, region, country, lat, lon = _nearest_town(latitude, longitude)
    km, sector = _away(lat, lon, latitude, longitude)
    town = ", ".join(dict.fromkeys(filter(None, (name, region, country_name(country)))))
    text = _("{km} km to the {direction} of {town}")
    if from_land_km > AT_SEA_KM:
        text = _("in the sea, {km} km to the {direction} of {town}")
    elif km < IN_TOWN_KM:
        text = _("in {town}")
    return text.format(km=number(km, decimals=1), direction=word(sector), town=town)


def _away(lat: float, lon: float, to_lat: float, to_lon: float) -> tuple[float, str]:
    """Give distance (km) and direction from one place to another."""
    azimuth, _back, metres = ELLIPSOID.inv(lon, lat, to_lon, to_lat)
    return float(metres) / M_PER_KM, _SECTORS[round((azimuth % 360) / 45) % 8]


def _nearest_town(latitude: float, longitude: float) -> tuple[str, str, str, float, float]:
    """Look in a box first, which is made larger until no town outside it can be nearer than one inside."""
    # Boxes are those of a grid: what base data keeps of them tells of nobody where they looked.
    here, wide = shapely.Point(longitude, latitude), _FIRST_BOX
    while True:
        west, south = ((floor(degrees / wide / 2) * 2 - 1) * wide for degrees in (longitude, latitude))
        around = (west, south, west + 4 * wide, south + 4 * wide)
        towns = base_data.columns("places", "name", "region", "country", "geometry", bounds=around)
        away = shapely.distance(here, towns["geometry"])
        close = np.flatnonzero(away <= away.min(initial=np.inf) * _SLANT)
        if wide >= _WHOLE or (len(close) and away.min() * _SLANT <= wide):
            break
        wide *= 4
    lon, lat = shapely.get_coordinates([towns["geometry"][at] for at in close]).T
    _bearing, _back, metres = ELLIPSOID.inv(np.full(len(lon), longitude), np.full(len(lat), latitude), lon, lat)
    nearest = int(np.argmin(metres))
    name, region, country = (str(towns[column][close[nearest]]) for column in ("name", "region", "country"))
    return name, region, country, float(lat[nearest]), float(lon[nearest])
