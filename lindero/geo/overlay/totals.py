"""The totals of overlap pairs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Totals:
    """The totals of overlap pairs of two layers, in hectares.

    `gross_ha` is the sum over the pairs. `footprint_ha` counts every place once, over all features. `certain_ha` and
    `possible_ha` are the footprint with all boundaries buffered inward and outward by their accuracies.
    """

    pairs: int
    left_features: int
    right_features: int
    gross_ha: float
    footprint_ha: float
    certain_ha: float | None = None
    possible_ha: float | None = None
