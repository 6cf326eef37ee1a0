"""
Getis and Ord's local statistic Gi* with conditional permutations, for many draws of the same places at once.

    z_i = (Σ_j w_ij x_j - W_i x̄) / (s √((n W_i - W_i²) / (n - 1))),   w_ij = 1 for i and its neighbours, else 0

Ord and Getis (1995), *Local spatial autocorrelation statistics: distributional issues and an application*,
Geographical Analysis 27. The p-values are those of esda's `G_Local(star=True)`: a place keeps its own value, those of
all others are dealt out anew to its neighbours (Anselin 1995, *Local indicators of spatial association*, Geographical
Analysis 27); each side by itself instead of folded. esda needs 250 MB of packages and, with numba, compiles first.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.stats.neighbours import Neighbours

_CHUNK = 20_000  # permutations at a time
_TIE = 1e-9  # sums that differ by less, relative to the largest, are equal: they were added up in another order


@dataclass(frozen=True)
class LocalG:
    """For each draw and place, (draws, places): `z`, and how likely chance alone makes as much (or as little) of it."""

    z: Floats
    p_hot: Floats
    p_cold: Floats


def local_g(values: Floats, neighbours: Neighbours, *, permutations: int, seed: int) -> LocalG:
    """
    Compute Gi* of each place, and its pseudo p-values (exceedances + 1) / (permutations + 1).

    Parameters
    ----------
    values
        (draws, places). The permutations are the same for all draws.
    permutations, seed
        How many, and the seed of them.
    """
    draws, places = values.shape
    around = np.array([neighbours.sums(row) for row in values]).reshape(draws, places)
    slack = _TIE * np.maximum(np.abs(values).sum(axis=1), 1e-300)
    at_least, at_most = np.zeros((2, draws, places), dtype=np.int64)
    for deal in _deals(neighbours, permutations, seed):
        for draw in range(draws):
            high, low = deal.exceedances(values[draw], around[draw], float(slack[draw]))
            at_least[draw] += high
            at_most[draw] += low
    return LocalG(
        _standardised(values, around + values, neighbours.degrees + 1),
        (at_least + 1) / (permutations + 1),
        (at_most + 1) / (permutations + 1),
    )


def _standardised(values: Floats, sums: Floats, weights: Ints) -> Floats:
    places = values.shape[1]
    mean, spread = values.mean(axis=1, keepdims=True), values.std(axis=1, keepdims=True)
    scale = spread * np.sqrt(np.maximum(places * weights - weights**2, 0) / max(places - 1, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (sums - mean * weights) / scale
    return np.where(scale > _TIE * np.maximum(np.abs(mean), 1e-300), z, 0.0)


@dataclass(frozen=True)
class _Deal:
    """
    Permutations that all places share: in each column of `dealt`, different places in the order dealt out.

    The first k of a column stand for the neighbours of a place that has k. Where the place itself is one of these, the
    next one stands in for it: `permutation` and `own` say where, `instead` which. So sums are made once for all
    places, and mended for the few. `alike` holds each number of neighbours, and the places that have so many.
    """

    degrees: Ints
    dealt: Ints
    permutation: Ints
    own: Ints
    instead: Ints
    alike: list[tuple[int, Ints]]

    @classmethod
    def of(cls, degrees: Ints, chosen: Ints) -> "_Deal":
        row, column = np.nonzero(np.arange(chosen.shape[1])[None, :] < degrees[chosen])
        own = chosen[row, column]
        alike = [(int(degree), np.flatnonzero(degrees == degree)) for degree in np.unique(degrees)]
        return cls(degrees, np.ascontiguousarray(chosen.T), row, own, chosen[row, degrees[own]], alike)

    def exceedances(self, values: Floats, around: Floats, slack: float) -> tuple[Ints, Ints]:
        """Count, for each place, the permutations that come to at least, and at most, what its neighbours come to."""
        sums = np.zeros((len(self.dealt) + 1, self.dealt.shape[1]))  # a row lies together, and is sorted sooner
        for column, dealt in enumerate(self.dealt):
            np.add(sums[column], values[dealt], out=sums[column + 1])
        high, low = around - slack, around + slack
        at_least, at_most = np.zeros((2, len(values)), dtype=np.int64)
        for degree, places in self.alike:
            ordered = np.sort(sums[degree])
            at_least[places] = len(ordered) - np.searchsorted(ordered, high[places], side="left")
            at_most[places] = np.searchsorted(ordered, low[places], side="right")
        wrongly = np.flatnonzero(values[self.own] != values[self.instead])
        own = self.own[wrongly]
        wrong = sums[self.degrees[own], self.permutation[wrongly]]
        right = wrong - values[own] + values[self.instead[wrongly]]
        above = (right >= high[own]).astype(np.int64) - (wrong >= high[own])
        below = (right <= low[own]).astype(np.int64) - (wrong <= low[own])
        at_least += np.bincount(own, above, minlength=len(values)).astype(np.int64)
        at_most += np.bincount(own, below, minlength=len(values)).astype(np.int64)
        return at_least, at_most


def _deals(neighbours: Neighbours, permutations: int, seed: int) -> Iterator[_Deal]:
    """Deal out places, one more to each permutation than any place has neighbours, in chunks."""
    rng = np.random.default_rng(seed)
    width = min(int(neighbours.degrees.max(initial=0)) + 1, neighbours.places)
    for start in range(0, permutations, _CHUNK):
        yield _Deal.of(neighbours.degrees, _distinct(rng, min(_CHUNK, permutations - start), width, neighbours.places))


def _distinct(rng: np.random.Generator, rows: int, width: int, places: int) -> Ints:
    """Draw `width` different places for each row, every order equally likely."""
    if width**2 > places:
        drawn = rng.random((rows, places))
        first = drawn.argpartition(width - 1, axis=1)[:, :width] if width < places else drawn.argsort(axis=1)
        order = np.take_along_axis(drawn, first, axis=1).argsort(axis=1)
        return np.asarray(np.take_along_axis(first, order, axis=1))
    chosen = rng.integers(0, places, (rows, width))
    again = np.arange(rows)
    while True:
        ordered = np.sort(chosen[again], axis=1)
        again = again[(ordered[:, 1:] == ordered[:, :-1]).any(axis=1)]
        if not len(again):
            return chosen
        chosen[again] = rng.integers(0, places, (len(again), width))
