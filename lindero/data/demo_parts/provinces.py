"""Invented provinces: seven neighbours in each territory, whose borders meet without a gap."""

from random import Random

from lindero.data.demo_parts import words
from lindero.data.demo_parts.files import Record
from lindero.data.demo_parts.shapes import Honeycomb
from lindero.data.demo_parts.territories import TERRITORIES

SPACING = 0.8  # between their middles, as a share of the territory's radius
ACCURACY_M = 100


def invent(rng: Random) -> list[Record]:
    """Invent the provinces of every territory; each border is drawn once."""
    names = words.place_names(rng)
    made: list[Record] = []
    for territory in TERRITORIES:
        comb = Honeycomb(rng, territory.centre, territory.radius_m * SPACING, surveyed_twice=0)
        for number, cell in enumerate(comb.within(territory.radius_m), start=1):
            made.append(
                {
                    "code": f"INV-PRO-{territory.code}-{number}",
                    "name": f"{next(names)}{words.INVENTED_F}",
                    "level": "province",
                    "parent_name": territory.region,
                    "country": "PE",
                    "boundary_accuracy_m": ACCURACY_M,
                    "invented": True,
                    "geometry": territory.in_degrees(comb.outline([cell])),
                }
            )
    return made
