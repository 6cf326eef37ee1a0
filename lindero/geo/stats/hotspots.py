"""Hotspots: places with more events than expected by chance.

The statistic is Gi* with permutations and a correction for multiple tests. The results are in plain numbers: the
observed and expected counts in a place and its neighbours.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lindero.geo.errors import N_, FrameError
from lindero.geo.geometry.crs import DEGREES
from lindero.geo.geometry.prepared import contains_points
from lindero.geo.geometry.projection import Floats, Geometries, Ints, is_polygonal, project, to_plane
from lindero.geo.stats.fdr import RATE, benjamini_hochberg, count_permutations, pool
from lindero.geo.stats.getis_ord import LocalG, local_g
from lindero.geo.stats.neighbours import Neighbours
from lindero.geo.stats.poisson import poisson_interval

HOT, HIGH, COLD, NONE, UNKNOWN = "hot", "high", "cold", "none", "unknown"
RESULTS = (HOT, HIGH, COLD, NONE, UNKNOWN)
RANGE = (0.05, 0.95)  # quantiles that enclose nine draws in ten
FAR_ABOVE = 2  # times the expected count
LARGEST_COUNT = 100  # of which an exact interval is needed: twice the expected count is above its own from 12 on
LEAST_PLACES = 10  # with fewer places nothing can be distinguished from chance


@dataclass(frozen=True)
class PlaceCounts:
    """Counts in each place, for one or more draws of uncertain data.

    `amounts` (draws, places) are numbers that can be added (events, people, hectares). `base` (places) is the
    denominator of rates (hectares, inhabitants, communities), if there is one. A place with a missing base or a base of
    0 is not tested.
    """

    amounts: Floats
    neighbours: Neighbours
    base: Floats | None = None

    @property
    def is_tested(self) -> npt.NDArray[np.bool_]:
        """A mask of the places that are tested."""
        if self.base is None:
            return np.ones(self.amounts.shape[1], dtype=bool)
        return np.asarray(np.nan_to_num(self.base) > 0)

    def select_tested_places(self) -> "PlaceCounts":
        """Return the counts without the places that are not tested."""
        mask = self.is_tested
        base = None if self.base is None else self.base[mask]
        return PlaceCounts(self.amounts[:, mask], self.neighbours.select(mask), base)

    def compared_values(self) -> Floats:
        """Return the values that are compared between places: the amounts, or the smoothed rates if there is a base."""
        return self.amounts if self.base is None else empirical_bayes(self.amounts, self.base)

    def expected_counts(self) -> Floats:
        """Compute the expected counts of each place and its neighbours if all places were alike, (draws, places)."""
        weight = np.ones(self.amounts.shape[1]) if self.base is None else self.base
        share = (weight + self.neighbours.sums(weight)) / weight.sum()
        return np.asarray(self.amounts.sum(axis=1, keepdims=True) * share)

    def observed_counts(self) -> Floats:
        """Compute the observed counts of each place and its neighbours, (draws, places)."""
        return np.array([row + self.neighbours.sums(row) for row in self.amounts])


def hotspots(counted: PlaceCounts, *, seed: int, permutations: int = 0, rate: float = RATE) -> pd.DataFrame:
    """Test every place for being a hotspot or coldspot.

    `permutations`: number of permutations; 0 for as many as a single hotspot needs to pass the correction
    (`geo.stats.fdr`). `rate`: false discovery rate: the expected share of the hotspots that are due to chance, and
    likewise of the coldspots. Returns: one row per place, in the given order: `count` (own count, mean over draws),
    `observed` (own and neighbours' counts), `observed_low`, `observed_high` (interval of nine draws in ten),
    `expected`, `rate` (smoothed; without a base the count), `neighbours`, `z` (Gi*, mean over draws), `p`, `q` (on the
    side of z), `result` (one of `RESULTS`; `high` is far above the expected count, but not significant), `hot_area`
    (number of the group of neighbouring hotspots; 1 for the group with the highest z).

    Ord and Getis (1995), *Local spatial autocorrelation statistics*, Geographical Analysis 27.
    """
    mask = counted.is_tested
    tested_places = counted.select_tested_places()
    tests, draws = int(mask.sum()), len(tested_places.amounts)
    if tests < LEAST_PLACES:
        raise FrameError(
            N_("only {count} places can be compared; hotspots need at least {least}"), count=tests, least=LEAST_PLACES
        )
    permutation_count = permutations or count_permutations(tests, draws=draws, rate=rate)
    statistics = local_g(
        tested_places.compared_values(), tested_places.neighbours, permutations=permutation_count, seed=seed
    )
    rows = _build_table(tested_places, statistics, rate)
    rows.index = pd.Index(np.flatnonzero(mask))
    rows = rows.reindex(range(len(mask)))
    rows["count"] = counted.amounts.mean(axis=0)
    rows["result"] = rows["result"].fillna(UNKNOWN)
    rows["hot_area"] = _number_hot_areas(counted.neighbours, rows)
    return rows.astype({"neighbours": "Int64", "hot_area": "Int64"})


def _number_hot_areas(neighbours: Neighbours, rows: pd.DataFrame) -> pd.Series:
    """Assign numbers to the groups of hotspots, beginning with the group of the highest z."""
    is_hot = (rows["result"] == HOT).to_numpy()
    group = pd.Series(neighbours.label_groups(is_hot), index=rows.index).where(is_hot)
    highest = rows["z"].groupby(group).max().sort_values(ascending=False, kind="stable")
    return group.map(pd.Series(range(1, len(highest) + 1), index=highest.index))


def _build_table(tested_places: PlaceCounts, statistics: LocalG, rate: float) -> pd.DataFrame:
    observed, expected = tested_places.observed_counts(), tested_places.expected_counts().mean(axis=0)
    low, high = np.quantile(observed, RANGE, axis=0, method="nearest")
    z, mean = statistics.z.mean(axis=0), observed.mean(axis=0)
    p_hot, p_cold = pool(statistics.p_hot), pool(statistics.p_cold)
    q_hot, q_cold = benjamini_hochberg(p_hot), benjamini_hochberg(p_cold)
    is_high = z > 0
    result = np.full(len(z), NONE, dtype=object)
    result[_is_far_above(low, expected)] = HIGH
    result[is_high & (q_hot <= rate) & (mean > expected)] = HOT
    result[(z < 0) & (q_cold <= rate) & (mean < expected)] = COLD
    return pd.DataFrame(
        {
            "count": tested_places.amounts.mean(axis=0),
            "observed": mean,
            "observed_low": low,
            "observed_high": high,
            "expected": expected,
            "rate": tested_places.compared_values().mean(axis=0),
            "neighbours": tested_places.neighbours.degrees,
            "z": z,
            "p": np.where(is_high, p_hot, p_cold),
            "q": np.where(is_high, q_hot, q_cold),
            "result": result,
        }
    )


def _is_far_above(low: Floats, expected: Floats) -> npt.NDArray[np.bool_]:
    """Return a mask of the places with at least twice the expected count, which is below the interval of that count."""
    is_above = (low > 0) & (low >= FAR_ABOVE * expected)
    counts = np.minimum(low[is_above], LARGEST_COUNT).astype(int)
    ends = {int(count): poisson_interval(int(count))[0] for count in np.unique(counts)}
    is_above[is_above] = [
        ends[count] > min(chance, LARGEST_COUNT / FAR_ABOVE)
        for count, chance in zip(counts.tolist(), expected[is_above], strict=True)
    ]
    return is_above


@dataclass(frozen=True)
class Setting:
    """An alternative analysis: cells of another size, or more neighbours.

    `positions` is the position of each place of the original analysis in this one, -1 if there is none.
    """

    place_counts: PlaceCounts
    positions: Ints  # for each place of the original analysis, its position here; -1 if there is none


def stability(settings: Iterable[Setting], *, seed: int, rate: float = RATE) -> Floats:
    """Compute the share of all draws of all settings in which each place is hot.

    Each draw is tested and corrected separately. A place is not hot in a setting that lacks it or cannot test it.
    Settings with fewer than ten tested places are ignored; at least one setting must have ten.

    Returns: shares, 0 to 1.
    """
    hot_masks = [
        _is_hot(setting, seed, rate) for setting in settings if setting.place_counts.is_tested.sum() >= LEAST_PLACES
    ]
    return np.asarray(np.mean(np.concatenate(hot_masks), axis=0))


def _is_hot(setting: Setting, seed: int, rate: float) -> npt.NDArray[np.bool_]:
    """Return a mask (draws, places) of the places of the original analysis that are hot in a setting."""
    mask, tested_places = setting.place_counts.is_tested, setting.place_counts.select_tested_places()
    draws, tests = tested_places.amounts.shape
    is_significant = np.zeros((draws, len(mask) + 1), dtype=bool)  # the last column is for places that are not here
    permutation_count = count_permutations(tests, rate=rate)
    statistics = local_g(
        tested_places.compared_values(), tested_places.neighbours, permutations=permutation_count, seed=seed
    )
    q = np.array([benjamini_hochberg(p) for p in statistics.p_hot])
    is_significant[:, np.flatnonzero(mask)] = (
        (q <= rate) & (statistics.z > 0) & (tested_places.observed_counts() > tested_places.expected_counts())
    )
    return is_significant[:, setting.positions]


# Rates of small numbers, shrunk towards the overall rate.


def empirical_bayes(events: Floats, base: Floats) -> Floats:
    """Smooth rates by global empirical Bayes: the smaller the base, the closer a rate moves to the mean.

    rate_i = w_i · events_i / base_i + (1 - w_i) · m, w_i = A / (A + m / base_i), m = Σ events / Σ base, A = Σ base_i
    (events_i / base_i - m)² / Σ base - m / mean(base), at least 0. `esda.smoothing.Empirical_Bayes` allows A below 0.

    `base`: denominators of the rates, all greater than 0. Returns: smoothed rates, in the shape of `events`.

    Marshall (1991), *Mapping disease and mortality rates using empirical Bayes estimators*, Applied Statistics 40.
    """
    if not (base > 0).all():
        raise FrameError(N_("a rate needs a denominator greater than 0"))
    raw_rates = events / base
    mean = events.sum(axis=-1, keepdims=True) / base.sum()
    variance = (base * (raw_rates - mean) ** 2).sum(axis=-1, keepdims=True) / base.sum() - mean / base.mean()
    variance = np.maximum(variance, 0)
    total_variance = variance + mean / base
    weight = np.divide(variance, total_variance, out=np.zeros_like(raw_rates), where=total_variance > 0)
    return np.asarray(weight * raw_rates + (1 - weight) * mean)


# Events that are located only to an area. Each draw places them at another random point of it.


def sample_positions(supports: gpd.GeoSeries, *, draws: int, seed: int) -> Floats:
    """Sample positions of events: a known point, or else random points of the area, uniformly by area.

    `supports`: for each event the point, or the valid polygon in which it was, in any CRS.
    """
    shapes = supports.to_crs(DEGREES).to_numpy()
    kinds = shapely.get_type_id(shapes)
    is_area = is_polygonal(shapes) & ~shapely.is_empty(shapes)
    is_point = (kinds == shapely.GeometryType.POINT) & ~shapely.is_empty(shapes)
    if (~(is_area | is_point | shapely.is_missing(shapes) | shapely.is_empty(shapes))).any():
        raise FrameError(N_("some geometries are neither points nor polygons"))
    positions = np.full((draws, len(shapes), 2), np.nan)
    positions[:, is_point] = project(shapely.get_coordinates(shapes[is_point]))
    rng = np.random.default_rng(seed)
    events_by_area: dict[bytes, list[int]] = {}
    for event in np.flatnonzero(is_area):
        events_by_area.setdefault(shapely.to_wkb(shapes[event]), []).append(int(event))
    for events in events_by_area.values():
        plane = to_plane(np.array([shapes[events[0]]], dtype=object))
        positions[:, events] = _sample_points(plane, draws * len(events), rng).reshape(draws, len(events), 2)
    return positions


def _sample_points(area: Geometries, count: int, rng: np.random.Generator) -> Floats:
    """Sample points of one plane polygon: points of its bounding box until enough of them are inside it."""
    west, south, east, north = shapely.bounds(area)[0]
    accepted = np.empty((0, 2))
    while len(accepted) < count:
        candidates = rng.uniform((west, south), (east, north), (2 * (count - len(accepted)) + 20, 2))
        accepted = np.concatenate((accepted, candidates[contains_points(area[0], candidates)]))
    return accepted[:count]
