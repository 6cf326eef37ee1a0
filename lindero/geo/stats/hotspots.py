"""
Where more was counted than chance would put there: Gi* with its permutations, corrected for the many places tested.

What a row says is in plain numbers: so many in a place and those around it, where so many were to be expected.
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
from lindero.geo.stats.fdr import RATE, benjamini_hochberg, permutations_for, pool
from lindero.geo.stats.getis_ord import LocalG, local_g
from lindero.geo.stats.neighbours import Neighbours

HOT, COLD, NONE, UNKNOWN = "hot", "cold", "none", "unknown"
RESULTS = (HOT, COLD, NONE, UNKNOWN)
RANGE = (0.05, 0.95)  # nine draws in ten
LEAST_PLACES = 10  # among fewer nothing can be told from chance


@dataclass(frozen=True)
class Counted:
    """
    What was counted in each place, once for each draw of what is not known exactly.

    `amounts` is (draws, places), of numbers that add up (events, people, hectares); `base` is what they are counted
    against (hectares, inhabitants, communities), if anything: a place where it is 0 or missing is not tested.
    """

    amounts: Floats
    neighbours: Neighbours
    base: Floats | None = None

    @property
    def tested(self) -> npt.NDArray[np.bool_]:
        """Which places are tested."""
        if self.base is None:
            return np.ones(self.amounts.shape[1], dtype=bool)
        return np.asarray(np.nan_to_num(self.base) > 0)

    def tested_places(self) -> "Counted":
        """Leave out the places that are not tested."""
        kept = self.tested
        base = None if self.base is None else self.base[kept]
        return Counted(self.amounts[:, kept], self.neighbours.among(kept), base)

    def measured(self) -> Floats:
        """Give what is compared from place to place: the amounts, or smoothed rates."""
        return self.amounts if self.base is None else empirical_bayes(self.amounts, self.base)

    def expected(self) -> Floats:
        """Give what a place and those around it would have if all were alike, (draws, places)."""
        weight = np.ones(self.amounts.shape[1]) if self.base is None else self.base
        share = (weight + self.neighbours.sums(weight)) / weight.sum()
        return np.asarray(self.amounts.sum(axis=1, keepdims=True) * share)

    def observed(self) -> Floats:
        """Add up what a place and those around it have, (draws, places)."""
        return np.array([row + self.neighbours.sums(row) for row in self.amounts])


def hotspots(counted: Counted, *, seed: int, permutations: int = 0, rate: float = RATE) -> pd.DataFrame:
    """
    Test every place.

    Parameters
    ----------
    counted
        What was counted.
    seed
        Of the permutations: the same seed, the same answer.
    permutations
        0 for as many as one hotspot alone needs to pass the correction (`geo.stats.fdr`).
    rate
        False discovery rate: of the places called hot, the share expected to be so by chance; likewise of the cold.

    Returns
    -------
    DataFrame
        By place, in the order given: `count` (its own, the mean over draws), `observed` (its own and its neighbours'),
        `observed_low`, `observed_high` (nine draws in ten lie between), `expected`, `rate` (smoothed; without a base
        the count), `neighbours`, `z` (Gi*, the mean over draws), `p`, `q` (of the side on which z lies), `result` (one
        of `RESULTS`), `hot_area` (hotspots that are each other's neighbours share a number, from 1 for the one with the
        highest z).

    Raises
    ------
    FrameError
        If fewer than ten places can be tested. A `ValueError`.
    """
    kept = counted.tested
    tested_places = counted.tested_places()
    tests, draws = int(kept.sum()), len(tested_places.amounts)
    if tests < LEAST_PLACES:
        raise FrameError(
            N_("only {count} places can be compared: a hotspot needs {least} or more"), count=tests, least=LEAST_PLACES
        )
    needed = permutations or permutations_for(tests, draws=draws, rate=rate)
    found = local_g(tested_places.measured(), tested_places.neighbours, permutations=needed, seed=seed)
    rows = _table(tested_places, found, rate)
    rows.index = pd.Index(np.flatnonzero(kept))
    rows = rows.reindex(range(len(kept)))
    rows["count"] = counted.amounts.mean(axis=0)
    rows["result"] = rows["result"].fillna(UNKNOWN)
    rows["hot_area"] = _areas(counted.neighbours, rows)
    return rows.astype({"neighbours": "Int64", "hot_area": "Int64"})


def _areas(neighbours: Neighbours, rows: pd.DataFrame) -> pd.Series:
    """Number the groups of hotspots, the one with the highest z first."""
    hot = (rows["result"] == HOT).to_numpy()
    group = pd.Series(neighbours.groups(hot), index=rows.index).where(hot)
    highest = rows["z"].groupby(group).max().sort_values(ascending=False, kind="stable")
    return group.map(pd.Series(range(1, len(highest) + 1), index=highest.index))


def _table(tested_places: Counted, found: LocalG, rate: float) -> pd.DataFrame:
    observed, expected = tested_places.observed(), tested_places.expected().mean(axis=0)
    low, high = np.quantile(observed, RANGE, axis=0, method="nearest")
    z, mean = found.z.mean(axis=0), observed.mean(axis=0)
    p_hot, p_cold = pool(found.p_hot), pool(found.p_cold)
    q_hot, q_cold = benjamini_hochberg(p_hot), benjamini_hochberg(p_cold)
    more = z > 0
    result = np.full(len(z), NONE, dtype=object)
    result[more & (q_hot <= rate) & (mean > expected)] = HOT
    result[(z < 0) & (q_cold <= rate) & (mean < expected)] = COLD
    return pd.DataFrame(
        {
            "count": tested_places.amounts.mean(axis=0),
            "observed": mean,
            "observed_low": low,
            "observed_high": high,
            "expected": expected,
            "rate": tested_places.measured().mean(axis=0),
            "neighbours": tested_places.neighbours.degrees,
            "z": z,
            "p": np.where(more, p_hot, p_cold),
            "q": np.where(more, q_hot, q_cold),
            "result": result,
        }
    )


@dataclass(frozen=True)
class Setting:
    """Another way to ask the same: places of another size, or more neighbours; `at` is where each place lies in it."""

    counted: Counted
    at: Ints  # for each place of the answer its position here, -1 where there is none


def stability(settings: Iterable[Setting], *, seed: int, rate: float = RATE) -> Floats:
    """
    Say in what share of all draws of all settings each place is hot, each draw tested and corrected by itself.

    A place that a setting does not have or cannot test is not hot there. A setting of fewer than ten places says
    nothing; one at least must have more.
    """
    hot = [_hot(setting, seed, rate) for setting in settings if setting.counted.tested.sum() >= LEAST_PLACES]
    return np.asarray(np.mean(np.concatenate(hot), axis=0))


def _hot(setting: Setting, seed: int, rate: float) -> npt.NDArray[np.bool_]:
    """Tell for each draw of a setting which places of the answer are hot in it."""
    kept, tested_places = setting.counted.tested, setting.counted.tested_places()
    draws, tests = tested_places.amounts.shape
    hot = np.zeros((draws, len(kept) + 1), dtype=bool)  # the last stands for places that are not here
    needed = permutations_for(tests, rate=rate)
    found = local_g(tested_places.measured(), tested_places.neighbours, permutations=needed, seed=seed)
    q = np.array([benjamini_hochberg(p) for p in found.p_hot])
    hot[:, np.flatnonzero(kept)] = (q <= rate) & (found.z > 0) & (tested_places.observed() > tested_places.expected())
    return hot[:, setting.at]


# Rates of small numbers, drawn towards the rate of all.


def empirical_bayes(events: Floats, base: Floats) -> Floats:
    """
    Smooth rates by global empirical Bayes: the smaller the base, the more a rate is drawn to the mean.

    rate_i = w_i · events_i / base_i + (1 - w_i) · m,  w_i = A / (A + m / base_i),  m = Σ events / Σ base,
    A = Σ base_i (events_i / base_i - m)² / Σ base - m / mean(base), not below 0.

    Marshall (1991), *Mapping disease and mortality rates using empirical Bayes estimators*, Applied Statistics 40; as
    `esda.smoothing.Empirical_Bayes`, which lets A fall below 0.

    Parameters
    ----------
    events
        (draws, places), or (places,).
    base
        (places,): what the events are counted against, all above 0.

    Raises
    ------
    FrameError
        If a base is not above 0. A `ValueError`.
    """
    if not (base > 0).all():
        raise FrameError(N_("a rate needs something above 0 to be counted against"))
    raw = events / base
    mean = events.sum(axis=-1, keepdims=True) / base.sum()
    between = (base * (raw - mean) ** 2).sum(axis=-1, keepdims=True) / base.sum() - mean / base.mean()
    between = np.maximum(between, 0)
    spread = between + mean / base
    weight = np.divide(between, spread, out=np.zeros_like(raw), where=spread > 0)
    return np.asarray(weight * raw + (1 - weight) * mean)


# Events that are only known to an area, drawn again and again, each time at another point of it.


def spread(supports: gpd.GeoSeries, *, draws: int, seed: int) -> Floats:
    """
    Place events by chance: a point where the point is known, else any point of the area, all ground equally likely.

    Parameters
    ----------
    supports
        For each event the point, or the polygon of what is known of its place (valid, in any CRS).
    draws, seed
        How often, and the seed of the chance.

    Returns
    -------
    ndarray
        (draws, events, 2): x, y on the equal-area plane; not a number where there is no geometry.

    Raises
    ------
    FrameError
        If a geometry is neither point nor polygon. A `ValueError`.
    """
    shapes = supports.to_crs(DEGREES).to_numpy()
    kinds = shapely.get_type_id(shapes)
    areal = is_polygonal(shapes) & ~shapely.is_empty(shapes)
    point = (kinds == shapely.GeometryType.POINT) & ~shapely.is_empty(shapes)
    if (~(areal | point | shapely.is_missing(shapes) | shapely.is_empty(shapes))).any():
        raise FrameError(N_("the geometries are neither points nor polygons"))
    placed = np.full((draws, len(shapes), 2), np.nan)
    placed[:, point] = project(shapely.get_coordinates(shapes[point]))
    rng = np.random.default_rng(seed)
    alike: dict[bytes, list[int]] = {}
    for event in np.flatnonzero(areal):
        alike.setdefault(shapely.to_wkb(shapes[event]), []).append(int(event))
    for events in alike.values():
        plane = to_plane(np.array([shapes[events[0]]], dtype=object))
        placed[:, events] = _within(plane, draws * len(events), rng).reshape(draws, len(events), 2)
    return placed


def _within(area: Geometries, count: int, rng: np.random.Generator) -> Floats:
    """Draw points of one plane polygon: of its bounding box, until enough of them lie in it."""
    west, south, east, north = shapely.bounds(area)[0]
    found = np.empty((0, 2))
    while len(found) < count:
        tries = rng.uniform((west, south), (east, north), (2 * (count - len(found)) + 20, 2))
        found = np.concatenate((found, tries[contains_points(area[0], tries)]))
    return found[:count]
