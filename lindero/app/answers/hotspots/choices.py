"""Choices and defaults of questions about hotspots. The command help imports only this module."""

from enum import StrEnum

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
