"""Invented parks with their buffer zones, communal reserves, regional and private areas."""

from datetime import date
from itertools import cycle
from random import Random
from typing import NamedTuple

from lindero.data.demo_parts import words
from lindero.data.demo_parts.shapes import draw_blob, draw_buffer_zone
from lindero.data.demo_parts.territories import Setting, Territory

HECTARE_M2 = 10_000


class Area(NamedTuple):
    """A protected area and its terms. `east` and `north` are fractions of its territory's radius."""

    region: str
    designation: str
    place: str
    iucn_category: str
    governance: str
    east: float
    north: float
    radius_m: int
    buffer_m: int = 0  # 0: no buffer zone
    status: str = "established"

    @property
    def name(self) -> str:
        """The name of the area."""
        return f"{self.designation} {self.place}"


SPOTS = ((-0.5, 0.5), (0.55, -0.5), (0.5, 0.5))  # east and north, of areas that a pack does not state


def invent_areas(rng: Random, setting: Setting) -> list[dict[str, object]]:
    """Generate the rows of the file: a core for each area, and its buffer zone as a separate row."""
    stated = [Area(*values) for values in setting.words.get("protected_areas", ())]
    areas = [area for area in stated if _find_territory(setting, area)] or _place_areas(rng, setting)
    return [
        record for number, area in enumerate(areas, start=1) for record in _build_records(rng, setting, area, number)
    ]


def _find_territory(setting: Setting, area: Area) -> Territory | None:
    return next((item for item in setting.territories if area.region.endswith(f"-{item.code}")), None)


def _place_areas(rng: Random, setting: Setting) -> list[Area]:
    """Return three areas in each territory, with the usual designations in turn."""
    names, designations = words.place_names(rng, setting.words["names"]), cycle(setting.words["designations"])
    return [
        Area(
            f"-{territory.code}", name, next(names), category, governance, *spot,
            radius_m=territory.radius_m // 5, buffer_m=territory.radius_m // 12 if spot is SPOTS[0] else 0,
        )
        for territory in setting.territories
        for spot, (name, category, governance) in zip(SPOTS, designations, strict=False)
    ]  # fmt: skip


def _build_records(rng: Random, setting: Setting, area: Area, number: int) -> list[dict[str, object]]:
    territory = _find_territory(setting, area)
    assert territory is not None
    x, y = territory.centre
    centre = (x + area.east * territory.radius_m, y + area.north * territory.radius_m)
    ground = draw_blob(rng, centre, area.radius_m, levels=7)
    common = {
        "designation": area.designation,
        "governance": area.governance,
        "status": area.status,
        "established_on": None
        if area.status == "proposed"
        else words.draw_date(rng, date(1970, 1, 1), date(2021, 12, 31)),
        "boundary_accuracy_m": rng.choice((25, 50, 100)),
        "invented": True,
    }
    core: dict[str, object] = {
        "code": f"INV-ANP-{number:02}",
        "name": area.name,
        "iucn_category": area.iucn_category,
        "zone": "core",
        "area_official_ha": round(ground.area / HECTARE_M2 * rng.uniform(0.985, 1.02), 2),
        **common,
        "geometry": territory.to_degrees(ground),
    }
    if not area.buffer_m:
        return [core]
    buffer: dict[str, object] = {
        "code": f"INV-ANP-{number:02}-ZA",
        "name": setting.words["buffer"].format(area.name),
        "iucn_category": "not_reported",  # the category belongs to the area, not to its buffer zone
        "zone": "buffer",
        **common,
        "geometry": territory.to_degrees(draw_buffer_zone(rng, ground, centre, area.buffer_m)),
    }
    return [core, buffer]
