"""Default values of the answers. The command help imports only this module."""

from enum import StrEnum

DEPARTMENT = "department"
NEAR_KM = 25  # radius within which a feature is near a place
TIMING_KM = 25
TIMING_DRAWS = 1_000
TIMING_SEED = 1
EXPOSURE_DRAWS = 1_000
EXPOSURE_SEED = 1


class AlertShape(StrEnum):
    """The geometry of an alert. Phones draw outlines; first versions of the archive server accept only points."""

    OUTLINE = "outline"
    POINT = "point"


class RateBase(StrEnum):
    """The denominators of attack rates of regions."""

    PEOPLE = "people"
    COMMUNITIES = "communities"
