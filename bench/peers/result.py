"""What a way to compute overlaps gives, and how it says that it gives nothing."""

from typing import NamedTuple

import numpy as np

LEAST_M2 = 100.0  # smaller shared ground is a digitising sliver, for every way
LIMIT_S = 300  # for each way


class Result(NamedTuple):
    """What a way took, and what it found."""

    seconds: float
    area_m2: np.ndarray  # of every pair that is no sliver, the smallest first


class AbsentError(Exception):
    """A peer is not installed: the message says what is missing."""


class OvertimeError(Exception):
    """A peer was stopped when its `LIMIT_S` were over."""

    def __init__(self) -> None:
        super().__init__(f"did not end in {LIMIT_S} s")


def of_pieces(seconds: float, area_m2: np.ndarray) -> Result:
    """Leave out the slivers."""
    return Result(seconds, np.sort(area_m2[area_m2 >= LEAST_M2]))
