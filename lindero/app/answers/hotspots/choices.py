"""What may be asked about hotspots, and what is asked unless said, by itself: the help of the command names it."""

from enum import StrEnum

DRAWS = 30
SEED = 1


class Of(StrEnum):
    """What is counted."""

    INCIDENTS = "incidents"
    ATTACKS = "attacks"
    VICTIMS = "victims"
    TITLES = "titles"
    OVERLAP_HA = "overlap-ha"


class Over(StrEnum):
    """Which places are compared."""

    H3 = "h3"
    REGIONS = "regions"
    PROVINCES = "provinces"
    DISTRICTS = "districts"
    COMMUNITIES = "communities"


class Per(StrEnum):
    """What is counted against."""

    COMMUNITIES = "communities"
    AREA = "area"
    POPULATION = "population"
