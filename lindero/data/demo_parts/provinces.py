"""Invented provinces: seven in each territory, with boundaries that meet without gaps."""

from random import Random

from lindero.data.demo_parts import words
from lindero.data.demo_parts.files import Record
from lindero.data.demo_parts.shapes import Honeycomb
from lindero.data.demo_parts.territories import Setting

SPACING = 0.8  # of the territory's radius: distance between their centres
ACCURACY_M = 100


def invent_provinces(rng: Random, setting: Setting) -> list[Record]:
    """Generate the provinces of every territory. Each boundary is drawn once."""
    names = words.place_names(rng, setting.words["names"])
    records: list[Record] = []
    for territory in setting.territories:
        comb = Honeycomb(rng, territory.centre, territory.radius_m * SPACING, surveyed_twice=0)
        for number, cell in enumerate(comb.cells_in_radius(territory.radius_m), start=1):
            records.append(
                {
                    "code": f"INV-PRO-{territory.code}-{number}",
                    "name": next(names),
                    "level": "province",
                    "parent_name": territory.region,
                    "country": setting.country,
                    "boundary_accuracy_m": ACCURACY_M,
                    "invented": True,
                    "geometry": territory.to_degrees(comb.outline([cell])),
                }
            )
    return records
