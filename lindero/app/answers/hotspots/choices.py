"""Choices and defaults of questions about hotspots. The command help imports only this module."""

from enum import StrEnum

from lindero.layers.errors import N_

DRAWS = 30
SEED = 1


class CountedQuantity(StrEnum):
    """The quantities that can be counted."""

    INCIDENTS = "incidents"
    ATTACKS = "attacks"
    VICTIMS = "victims"
    TITLES = "titles"
    OVERLAP_HA = "overlap-ha"


class PlaceKind(StrEnum):
    """The kinds of places that can be compared."""

    H3 = "h3"
    REGIONS = "regions"
    PROVINCES = "provinces"
    DISTRICTS = "districts"
    COMMUNITIES = "communities"


class RateBase(StrEnum):
    """The denominators of rates."""

    COMMUNITIES = "communities"
    AREA = "area"
    POPULATION = "population"


QUANTITY_NAMES: dict[str, str] = {
    CountedQuantity.INCIDENTS: N_("Attacks and conflicts"),
    CountedQuantity.ATTACKS: N_("Attacks"),
    CountedQuantity.VICTIMS: N_("People attacked"),
    CountedQuantity.TITLES: N_("Concessions"),
    CountedQuantity.OVERLAP_HA: N_("Hectares of concessions on community land"),
}
PLACE_KIND_NAMES: dict[str, str] = {
    PlaceKind.H3: N_("Cells of equal size"),
    PlaceKind.REGIONS: N_("Regions"),
    PlaceKind.PROVINCES: N_("Provinces"),
    PlaceKind.DISTRICTS: N_("Districts"),
    PlaceKind.COMMUNITIES: N_("Communities"),
}
