"""Getis and Ord's local statistic Gi* with conditional permutations, for many draws of the same places at once.

    z_i = (Σ_j w_ij x_j - W_i x̄) / (s √((n W_i - W_i²) / (n - 1))),   w_ij = 1 for i and its neighbours, else 0

Ord and Getis (1995), *Local spatial autocorrelation statistics: distributional issues and an application*, Geographical
Analysis 27. The p-values are those of esda's `G_Local(star=True)`: a place keeps its own value, and the values of all
other places are permuted among its neighbours (Anselin 1995, *Local indicators of spatial association*, Geographical
Analysis 27). Each side is tested separately, not folded. esda itself needs 250 MB of packages and, with numba, compiles
first.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.stats.neighbours import Neighbours

_CHUNK = 20_000  # permutations in a chunk
_TIE_TOLERANCE = (
    1e-9  # sums that differ by less, relative to the largest, are equal: only their order of addition differs
)


@dataclass(frozen=True)
class LocalG:
    """Gi* of each draw and place, (draws, places): `z`, and the p-values of values as high (or as low) by chance."""

    z: Floats
    p_hot: Floats
    p_cold: Floats


def local_g(values: Floats, neighbours: Neighbours, *, permutations: int, seed: int) -> LocalG:
    """Compute Gi* of each place, and its pseudo p-values (exceedances + 1) / (permutations + 1).

    Ord and Getis (1995), *Local spatial autocorrelation statistics*, Geographical Analysis 27. Anselin (1995), *Local
    indicators of spatial association*, Geographical Analysis 27.
    """
    draws, places = values.shape
    neighbour_sums = np.array([neighbours.sums(row) for row in values]).reshape(draws, places)
    slack = _TIE_TOLERANCE * np.maximum(np.abs(values).sum(axis=1), 1e-300)
    at_least, at_most = np.zeros((2, draws, places), dtype=np.int64)
    for batch in _iter_permutations(neighbours, permutations, seed):
        for draw in range(draws):
            high_counts, low_counts = batch.count_exceedances(values[draw], neighbour_sums[draw], float(slack[draw]))
            at_least[draw] += high_counts
            at_most[draw] += low_counts
    return LocalG(
        _standardise(values, neighbour_sums + values, neighbours.degrees + 1),
        (at_least + 1) / (permutations + 1),
        (at_most + 1) / (permutations + 1),
    )


def _standardise(values: Floats, sums: Floats, weights: Ints) -> Floats:
    places = values.shape[1]
    mean, deviation = values.mean(axis=1, keepdims=True), values.std(axis=1, keepdims=True)
    scale = deviation * np.sqrt(np.maximum(places * weights - weights**2, 0) / max(places - 1, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (sums - mean * weights) / scale
    return np.where(scale > _TIE_TOLERANCE * np.maximum(np.abs(mean), 1e-300), z, 0.0)


@dataclass(frozen=True)
class _Permutations:
    """Permutations that all places share: each column of `order` contains different places in the permuted order.

    The first k of a column are the neighbours of a place that has k. If the place itself is one of these, the next one
    replaces it: `permutation` and `locations` contain the location, `replacements` the replacement. Sums are therefore
    computed once for all places, and corrected for the few. `alike` contains each number of neighbours with the places
    that have it.
    """

    degrees: Ints
    order: Ints
    permutation: Ints
    locations: Ints
    replacements: Ints
    alike: list[tuple[int, Ints]]

    @classmethod
    def from_draws(cls, degrees: Ints, samples: Ints) -> "_Permutations":
        row, column = np.nonzero(np.arange(samples.shape[1])[None, :] < degrees[samples])
        replaced = samples[row, column]
        places_by_degree = [(int(degree), np.flatnonzero(degrees == degree)) for degree in np.unique(degrees)]
        return cls(
            degrees, np.ascontiguousarray(samples.T), row, replaced, samples[row, degrees[replaced]], places_by_degree
        )

    def count_exceedances(self, values: Floats, around: Floats, slack: float) -> tuple[Ints, Ints]:
        """Count the permutations in which each place's neighbours sum to at least, and at most, the observed sum."""
        sums = np.zeros((len(self.order) + 1, self.order.shape[1]))  # rows are contiguous, and sort faster
        for column, places_drawn in enumerate(self.order):
            np.add(sums[column], values[places_drawn], out=sums[column + 1])
        high, low = around - slack, around + slack
        at_least, at_most = np.zeros((2, len(values)), dtype=np.int64)
        for degree, places in self.alike:
            ordered = np.sort(sums[degree])
            at_least[places] = len(ordered) - np.searchsorted(ordered, high[places], side="left")
            at_most[places] = np.searchsorted(ordered, low[places], side="right")
        affected = np.flatnonzero(values[self.locations] != values[self.replacements])
        replaced = self.locations[affected]
        wrong_sums = sums[self.degrees[replaced], self.permutation[affected]]
        right_sums = wrong_sums - values[replaced] + values[self.replacements[affected]]
        above = (right_sums >= high[replaced]).astype(np.int64) - (wrong_sums >= high[replaced])
        below = (right_sums <= low[replaced]).astype(np.int64) - (wrong_sums <= low[replaced])
        at_least += np.bincount(replaced, above, minlength=len(values)).astype(np.int64)
        at_most += np.bincount(replaced, below, minlength=len(values)).astype(np.int64)
        return at_least, at_most


def _iter_permutations(neighbours: Neighbours, permutations: int, seed: int) -> Iterator[_Permutations]:
    """Yield permutations in chunks, each with one place more than any place has neighbours."""
    rng = np.random.default_rng(seed)
    width = min(int(neighbours.degrees.max(initial=0)) + 1, neighbours.places)
    for start in range(0, permutations, _CHUNK):
        yield _Permutations.from_draws(
            neighbours.degrees, _draw_distinct(rng, min(_CHUNK, permutations - start), width, neighbours.places)
        )


def _draw_distinct(rng: np.random.Generator, rows: int, width: int, places: int) -> Ints:
    """Draw `width` different places for each row, with every order equally likely."""
    if width**2 > places:
        random_keys = rng.random((rows, places))
        first = (
            random_keys.argpartition(width - 1, axis=1)[:, :width] if width < places else random_keys.argsort(axis=1)
        )
        order = np.take_along_axis(random_keys, first, axis=1).argsort(axis=1)
        return np.asarray(np.take_along_axis(first, order, axis=1))
    sampled = rng.integers(0, places, (rows, width))
    repeated_rows = np.arange(rows)
    while True:
        ordered = np.sort(sampled[repeated_rows], axis=1)
        repeated_rows = repeated_rows[(ordered[:, 1:] == ordered[:, :-1]).any(axis=1)]
        if not len(repeated_rows):
            return sampled
        sampled[repeated_rows] = rng.integers(0, places, (len(repeated_rows), width))
