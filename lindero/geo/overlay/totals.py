"""What pairs of two layers come to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Totals:
    """
    What all pairs come to: `gross_ha` adds them up, `footprint_ha` counts ground once, over all features.

    `certain_ha` and `possible_ha` are the footprint with all boundaries drawn in by their accuracies, and drawn out.
    """

    pairs: int
    left_features: int
    right_features: int
    gross_ha: float
    footprint_ha: float
    certain_ha: float | None = None
    possible_ha: float | None = None
