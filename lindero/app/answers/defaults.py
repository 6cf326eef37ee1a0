"""What the answers take unless their reader says otherwise, by itself: the help of the commands loads no more."""

from enum import StrEnum

DEPARTMENT = "department"
NEAR_KM = 25  # within which something is near a place
TIMING_KM = 25
TIMING_DRAWS = 1_000
TIMING_SEED = 1
EXPOSURE_DRAWS = 1_000
EXPOSURE_SEED = 1


class Shape(StrEnum):
    """How an alert is drawn: phones draw outlines, while the archive server's first versions take points alone."""

    OUTLINE = "outline"
    POINT = "point"


class Per(StrEnum):
    """What attacks in a region are counted against."""

    PEOPLE = "people"
    COMMUNITIES = "communities"
