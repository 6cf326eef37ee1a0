"""What attacks in a region are counted against."""

from enum import StrEnum


class Per(StrEnum):
    """What attacks in a region are counted against."""

    PEOPLE = "people"
    COMMUNITIES = "communities"
