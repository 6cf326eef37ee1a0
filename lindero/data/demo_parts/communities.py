"""Invented communities with irregular boundaries.

Some are disputed, and some communities are known by a point only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from shapely import Polygon
from shapely.affinity import scale

from lindero.data.demo_parts import words
from lindero.data.demo_parts.shapes import Cell, Honeycomb, draw_blob
from lindero.data.demo_parts.territories import Setting, Territory

RECOGNITION = {"titled": 60, "recognised": 18, "in_process": 10, "claimed": 9, "unknown": 3}
HECTARE_M2 = 10_000


@dataclass(frozen=True)
class Community:
    """A community: its polygon in metres of its territory's UTM zone, or only its location."""

    territory: Territory
    code: str
    name: str
    people: str | None
    type: str
    recognition: str
    population: int | None
    area_official_ha: float | None
    boundary_accuracy_m: int | None
    ground: Polygon
    surveyed: bool

    def to_record(self) -> dict[str, object]:
        """Return the row of the file, in degrees: a polygon, or a point if the land was not surveyed."""
        return {
            "code": self.code,
            "name": self.name,
            "people": self.people,
            "type": self.type,
            "recognition": self.recognition,
            "population": self.population,
            "area_official_ha": self.area_official_ha,
            "boundary_accuracy_m": self.boundary_accuracy_m,
            "invented": True,
            "geometry": self.territory.to_degrees(self.ground if self.surveyed else self.ground.centroid),
        }


def invent_communities(rng: Random, setting: Setting) -> list[Community]:
    """Generate the communities of every territory, and the reserve for a people in isolation if there is one."""
    communities = [
        community
        for territory in setting.territories
        for community in _invent_in_territory(rng, territory, setting.words)
    ]
    return [*communities, *_invent_reserve(rng, setting)]


def _invent_in_territory(rng: Random, territory: Territory, demo: Mapping[str, Any]) -> list[Community]:
    comb = Honeycomb(rng, territory.centre, territory.spacing_m)
    groups = _group_cells(rng, comb, territory.radius_m * 0.95)
    attributes = zip(
        range(1, len(groups) + 1),
        groups,
        words.place_names(rng, demo["names"]),
        words.draw_codes(rng, demo["lands"][territory.land]["types"], len(groups)),
        words.draw_codes(rng, RECOGNITION, len(groups)),
        strict=False,
    )
    return [
        _invent_community(
            rng, territory, number, place, outline=comb.outline(group), type_=type_, recognition=recognition, demo=demo
        )
        for number, group, place, type_, recognition in attributes
    ]


def _group_cells(rng: Random, comb: Honeycomb, distance_m: float) -> list[list[Cell]]:
    """Assign hexagons to communities.

    A third stays free, and a quarter of the others absorb an eastern neighbour.
    """
    free = [cell for cell in comb.cells_in_radius(distance_m) if words.happens(rng, 2 / 3)]
    groups: list[list[Cell]] = []
    while free:
        cell = free.pop(0)
        east = (cell[0] + 1, cell[1])
        is_pair = east in free and words.happens(rng, 1 / 4)
        if is_pair:
            free.remove(east)
        groups.append([cell, east] if is_pair else [cell])
    return groups


def _invent_community(
    rng: Random,
    territory: Territory,
    number: int,
    place: str,
    *,
    outline: Polygon,
    type_: str,
    recognition: str,
    demo: Mapping[str, Any],
) -> Community:
    # One in nine claims ground that its neighbours hold too.
    ground = scale(outline, 1.18, 1.18) if words.happens(rng, 1 / 9) else outline
    surveyed = recognition == "titled" or words.happens(rng, 0.65)
    titled_ha = outline.area / HECTARE_M2 * rng.uniform(0.93, 1.05)
    native = type_ in ("native", "indigenous_territory")
    return Community(
        territory=territory,
        code=f"INV-COM-{territory.code}-{number:03}",
        name=rng.choice(demo["names"]["native"]).format(place) if native and words.happens(rng, 0.7) else place,
        people=None if type_ == "other" else _draw_people(rng, demo, territory.land, type_),
        type=type_,
        recognition=recognition,
        population=rng.randint(60, 2_400) if words.happens(rng, 0.9) else None,
        area_official_ha=round(titled_ha, 2) if recognition == "titled" else None,
        boundary_accuracy_m=rng.choice((30, 50, 100, 200)) if surveyed else None,
        ground=ground,
        surveyed=surveyed,
    )


def _draw_people(rng: Random, demo: Mapping[str, Any], land: str, type_: str) -> str:
    if type_ == "afro_descendant":
        return str(demo["afro_descendant"])
    return str(rng.choice(demo["lands"][land]["peoples"]))


def _invent_reserve(rng: Random, setting: Setting) -> list[Community]:
    reserve = setting.words.get("reserve", {})
    territory = next(
        (candidate for candidate in setting.territories if reserve.get("region", "").endswith(f"-{candidate.code}")),
        None,
    )
    if territory is None:
        return []
    x, y = territory.centre
    ground = draw_blob(rng, (x + 0.45 * territory.radius_m, y - 0.4 * territory.radius_m), 26_000)
    return [
        Community(
            territory=territory,
            code=f"INV-COM-{territory.code}-RES",
            name=reserve["name"],
            people=reserve["people"],
            type="isolated_reserve",
            recognition="recognised",
            population=None,
            area_official_ha=round(ground.area / HECTARE_M2 * 1.01, 2),
            boundary_accuracy_m=100,
            ground=ground,
            surveyed=True,
        )
    ]
