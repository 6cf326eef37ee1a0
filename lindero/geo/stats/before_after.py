"""Counts of nearby starts before and after events, compared with chance."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lindero.geo.geometry.projection import Floats, Ints, to_geocentric

RANGE = (0.05, 0.95)  # quantiles that enclose nine draws in ten
SIDES = ("before", "after")


@dataclass(frozen=True)
class Timing:
    """Counts of starts before and after events.

    `sums` has one row for `before` and one for `after`: `side`, `observed`, and by chance `expected`, `low`, `high`
    (the interval of nine draws in ten). `rows` has one row per dated event: `id`, `before`, `after`.
    """

    sums: pd.DataFrame
    rows: pd.DataFrame


def compare_timing(
    pairs: pd.DataFrame, events: pd.Series, starts: pd.Series, *, days: int, draws: int, seed: int
) -> Timing:
    """Count the starts within some days before and after each nearby event, and compare them with chance.

    The chance model keeps every place, every start and the set of event dates, and permutes the dates among the events.
    Trends that affect all places alike are thereby expected.

    `pairs`: `event_id`, `start_id`: the starts near each event.

    Knox (1964), *The detection of space-time interactions*, Applied Statistics 13.
    """
    dated, began = (pd.to_datetime(series).dropna() for series in (events, starts))
    dated_pairs = pairs[pairs["event_id"].isin(dated.index) & pairs["start_id"].isin(began.index)]
    event_rows = pd.Index(dated.index).get_indexer(pd.Index(dated_pairs["event_id"]))
    of_events, of_starts = _day_numbers(dated), _day_numbers(began.reindex(dated_pairs["start_id"]))
    counts = _classify_starts(of_events[event_rows], of_starts, days)
    rng = np.random.default_rng(seed)
    totals = np.array([_count_sides(rng.permutation(of_events)[event_rows], of_starts, days) for _draw in range(draws)])
    low, high = np.quantile(totals, RANGE, axis=0) if draws else np.full((2, 2), np.nan)
    sums = pd.DataFrame(
        {"side": SIDES, "observed": counts.sum(axis=1), "expected": totals.mean(axis=0), "low": low, "high": high}
    )
    by_event = {
        side: np.bincount(event_rows, weights=count_row, minlength=len(dated))
        for side, count_row in zip(SIDES, counts, strict=True)
    }
    rows = pd.DataFrame({"id": dated.index.to_numpy(), **by_event}).astype(dict.fromkeys(SIDES, int))
    return Timing(sums, rows)


def link_events(degrees: Floats, dates: pd.Series, *, within_days: int, within_m: float) -> Ints:
    """Group rows that are close in time and space into events, by single linkage.

    A row belongs to the event of every row within `within_days` and `within_m` of it. An event may therefore last
    longer and extend farther than these limits.

    `degrees`: longitudes and latitudes on WGS 84 in degrees. `within_days`, `within_m`: maximum difference in days, and
    maximum distance in metres.
    """
    numbers = _day_numbers(pd.to_datetime(dates))
    order = np.argsort(numbers, kind="stable")
    days, places = numbers[order], to_geocentric(degrees)[order]
    ends = np.searchsorted(days, days + within_days, side="right")
    parents = list(range(len(order)))
    for position, stop in enumerate(ends):
        distance_m = np.linalg.norm(places[position:stop] - places[position], axis=1)
        roots = {_find_root(parents, row) for row in (np.flatnonzero(distance_m <= within_m) + position).tolist()}
        first = min(roots)
        for root in roots:
            parents[root] = first
    firsts = np.empty(len(order), dtype=np.int64)
    firsts[order] = order[[_find_root(parents, row) for row in range(len(order))]]
    return firsts


def _find_root(parents: list[int], row: int) -> int:
    while parents[row] != row:
        parents[row] = parents[parents[row]]
        row = parents[row]
    return row


def _day_numbers(days: pd.Series) -> Ints:
    return np.asarray(days.to_numpy(dtype="datetime64[D]").astype(np.int64))


def _classify_starts(events: Ints, starts: Ints, days: int) -> Ints:
    """Return masks of the pairs that start before (first row) and after (second row) the event, within the days."""
    since = starts - events
    return np.asarray([(since > -days) & (since <= 0), (since > 0) & (since <= days)], dtype=np.int64)


def _count_sides(events: Ints, starts: Ints, days: int) -> Ints:
    return np.asarray(_classify_starts(events, starts, days).sum(axis=1))
