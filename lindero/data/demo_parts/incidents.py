"""Invented attacks on defenders: events with several acts and several groups of victims."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from shapely import Point
from shapely.geometry.base import BaseGeometry

from lindero.data.demo_parts import words
from lindero.data.demo_parts.communities import Community
from lindero.data.demo_parts.concessions import NOW
from lindero.data.demo_parts.shapes import draw_blob
from lindero.data.demo_parts.territories import Setting

FIRST = date(2012, 1, 15)
SOURCE, COUNT = "demo-incidents", 170

CODED = {
    "date_precision": {"day": 70, "month": 15, "year": 10, "period": 3, "unknown": 2},
    "location_precision": {"exact": 26, "locality": 34, "district": 20, "province": 10, "region": 8, "country": 2},
    "sector": {
        "mining": 42, "hydrocarbons": 14, "forestry": 18, "agro_industry": 10, "hydropower": 4, "infrastructure": 4,
        "poaching": 1, "fishing": 1, "conservation": 3, "other": 1, "unknown": 4,
    },
    "perpetrator_kind": {
        "police": 22, "armed_forces": 3, "state_official": 12, "private_security": 14, "company": 10, "landowner": 6,
        "organised_crime": 12, "hired_killer": 9, "paramilitary": 1, "poacher": 2, "other": 3, "unknown": 18,
    },
    "visibility": {"public_record": 86, "restricted": 10, "confidential": 4},
}  # fmt: skip
"""The columns that hold codes, and how often each code comes, about."""

ACTS = {
    "killing": 14, "attempted_killing": 7, "enforced_disappearance": 2, "torture": 2, "arbitrary_detention": 9,
    "abduction": 3, "physical_violence": 12, "police_violence": 14, "sexual_violence": 4, "criminalisation": 34,
    "threat": 32, "stigmatisation": 14, "surveillance": 6, "forced_eviction": 7, "property_damage": 8, "other": 2,
}  # fmt: skip
OFF_M = {"exact": 2_500, "locality": 4_000}  # metres from the centre of the community, at most


@dataclass(frozen=True)
class Incident:
    """An invented event near a community, and the acts in it."""

    near: Community
    country: str
    code: str
    title: str
    occurred_on: date  # only as precise as it is known
    place: str
    geometry: BaseGeometry | None  # in degrees; None if only the region is known
    acts: tuple[str, ...]
    coded: Mapping[str, str]  # columns with a code of a vocabulary
    sources: str

    @property
    def id(self) -> str:
        """The id that a build assigns to the event: source, snapshot and code."""
        return f"{SOURCE}/{NOW}/{self.code}"

    def to_record(self) -> dict[str, object]:
        """Return the row of the file."""
        return {
            "code": self.code,
            "title": self.title,
            "occurred_on": None if self.coded["date_precision"] == "unknown" else self.occurred_on,
            "place_text": self.place,
            "region": None if self.coded["location_precision"] == "country" else self.near.territory.region,
            "country": self.country,
            **self.coded,
            "sources": self.sources,
            "invented": True,
            "geometry": self.geometry,
        }


def invent_incidents(rng: Random, communities: Sequence[Community], setting: Setting) -> list[Incident]:
    """Generate the events in order of time, more of them in some territories and in later years."""
    days = sorted(max(words.draw_date(rng, FIRST, NOW), words.draw_date(rng, FIRST, NOW)) for _ in range(COUNT))
    shares = {territory.region: territory.weight for territory in setting.territories}
    places = {region: _Places(rng, region, communities, setting.words) for region in shares}
    coded = {column: words.draw_codes(rng, weights, COUNT) for column, weights in CODED.items()}
    return [
        _invent_incident(
            rng,
            setting,
            places[region],
            code=f"INV-HEC-{number + 1:04}",
            day=days[number],
            act=act,
            coded={column: codes[number] for column, codes in coded.items()},
        )
        for number, (region, act) in enumerate(
            zip(words.draw_codes(rng, shares, COUNT), words.draw_codes(rng, ACTS, COUNT), strict=True)
        )
    ]


class _Places:
    """The places of events in one region.

    Half of the events are in or near its three most affected communities.
    """

    def __init__(self, rng: Random, region: str, communities: Sequence[Community], demo: Mapping[str, Any]) -> None:
        self._somewhere = demo["somewhere"]
        self._communities = [community for community in communities if community.territory.region == region]
        self._troubled = rng.sample(self._communities, 3)
        names = words.place_names(rng, demo["names"])
        territory = self._troubled[0].territory
        province = draw_blob(rng, territory.centre, territory.radius_m * 0.6, levels=5)
        self._province = demo["province"].format(next(names)), territory.to_degrees(province)
        self._districts = []
        for community in self._troubled:
            middle = community.ground.centroid
            district = draw_blob(rng, (middle.x, middle.y), territory.spacing_m, levels=5)
            self._districts.append((demo["district"].format(next(names)), territory.to_degrees(district)))

    def draw(self, rng: Random, precision: str) -> tuple[Community, str, BaseGeometry | None]:
        """Draw a nearby community, the name of the place, and its geometry in degrees if it is known."""
        if precision == "district":
            number = rng.randrange(len(self._troubled))
            return self._troubled[number], *self._districts[number]
        near = rng.choice(self._troubled if words.happens(rng, 0.5) else self._communities)
        if precision == "province":
            return near, *self._province
        if precision in OFF_M:
            offset, middle = OFF_M[precision], near.ground.centroid
            point = Point(middle.x + rng.uniform(-offset, offset), middle.y + rng.uniform(-offset, offset))
            return near, near.name, near.territory.to_degrees(point)
        return near, near.territory.region if precision == "region" else self._somewhere, None


def _invent_incident(
    rng: Random, setting: Setting, places: _Places, *, code: str, day: date, act: str, coded: Mapping[str, str]
) -> Incident:
    community, place, geometry = places.draw(rng, coded["location_precision"])
    further_acts = rng.choices(list(ACTS), weights=list(ACTS.values()), k=rng.choice((0, 0, 1, 2)))
    acts = setting.words["acts"]
    return Incident(
        country=setting.country,
        title=setting.words["incident"].format(act=acts[act], place=place),
        near=community,
        code=code,
        occurred_on=_round_date(day, coded["date_precision"]),
        place=place,
        geometry=geometry,
        acts=tuple(dict.fromkeys((act, *further_acts))),
        coded=coded,
        sources=setting.words["sources"][coded["visibility"]].format(rng.randint(1, 400)),
    )


def _round_date(day: date, precision: str) -> date:
    """Round a date to its precision: the first day of its month or year."""
    if precision == "day":
        return day
    return day.replace(day=1) if precision == "month" else day.replace(month=1, day=1)


def list_acts(incidents: Sequence[Incident]) -> list[dict[str, object]]:
    """Return one row per act."""
    return [
        {"incident_id": incident.id, "type": act, "invented": True} for incident in incidents for act in incident.acts
    ]
