"""The result of a method that computes overlaps, and its errors."""

from typing import NamedTuple

import numpy as np

LEAST_M2 = 100.0  # smaller shared ground is a digitising sliver, for every way
LIMIT_S = 300  # for each way


class Result(NamedTuple):
    """The seconds of a method, and the areas that it found."""

    seconds: float
    area_m2: np.ndarray  # of every pair that is no sliver, the smallest first


class AbsentError(Exception):
    """A tool is not installed. The message names what is missing."""


class OvertimeError(Exception):
    """A tool was stopped after `LIMIT_S`."""

    def __init__(self) -> None:
        super().__init__(f"did not end in {LIMIT_S} s")


def build_result(seconds: float, area_m2: np.ndarray) -> Result:
    """Build a result from areas, without slivers."""
    return Result(seconds, np.sort(area_m2[area_m2 >= LEAST_M2]))
