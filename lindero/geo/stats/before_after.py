"""What began before and after events near it, held against chance."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lindero.geo.geometry.projection import Floats, Ints, geocentric

RANGE = (0.05, 0.95)  # nine draws in ten
SIDES = ("before", "after")


@dataclass(frozen=True)
class Timing:
    """
    What began before and after events.

    `sums` has one row for `before` and one for `after`: `side`, `observed`, and by chance `expected`, `low`, `high`
    (nine draws in ten lie between). `rows` has one per event with a day: `id`, `before`, `after`.
    """

    sums: pd.DataFrame
    rows: pd.DataFrame


def before_and_after(
    pairs: pd.DataFrame, events: pd.Series, starts: pd.Series, *, days: int, draws: int, seed: int
) -> Timing:
    """
    Count what began within some days before and after each event near it, and what chance would give.

    Chance keeps every place, every start and the set of the events' days, and deals the days anew among the events: a
    permutation test of time against place, after Knox (1964), *The detection of space-time interactions*, Applied
    Statistics 13. What rises and falls everywhere alike is thereby expected.

    Parameters
    ----------
    pairs
        `event_id`, `start_id`: what lies near which event.
    events, starts
        Days by id. Those without a day are left out. What began on the very day of an event counts as before it.
    days
        How far before and after an event to look.
    draws, seed
        How often to deal the days anew, and the seed of it.
    """
    dated, began = (pd.to_datetime(series).dropna() for series in (events, starts))
    dated_pairs = pairs[pairs["event_id"].isin(dated.index) & pairs["start_id"].isin(began.index)]
    at = pd.Index(dated.index).get_indexer(pd.Index(dated_pairs["event_id"]))
    of_events, of_starts = _day_numbers(dated), _day_numbers(began.reindex(dated_pairs["start_id"]))
    counts = _counted(of_events[at], of_starts, days)
    rng = np.random.default_rng(seed)
    drawn = np.array([_totals(rng.permutation(of_events)[at], of_starts, days) for _draw in range(draws)])
    low, high = np.quantile(drawn, RANGE, axis=0) if draws else np.full((2, 2), np.nan)
    sums = pd.DataFrame(
        {"side": SIDES, "observed": counts.sum(axis=1), "expected": drawn.mean(axis=0), "low": low, "high": high}
    )
    by_event = {
        side: np.bincount(at, weights=one, minlength=len(dated)) for side, one in zip(SIDES, counts, strict=True)
    }
    rows = pd.DataFrame({"id": dated.index.to_numpy(), **by_event}).astype(dict.fromkeys(SIDES, int))
    return Timing(sums, rows)


def link_events(degrees: Floats, dates: pd.Series, *, within_days: int, within_m: float) -> Ints:
    """
    Link what happened close together in time and on the ground into events, by single linkage.

    A row belongs to the event of every row within `within_days` and `within_m` of it, so an event may last longer and
    reach farther than these.

    Parameters
    ----------
    degrees
        (n, 2): longitudes and latitudes.
    dates
        The date of each row; none is missing.

    Returns
    -------
    array of int
        For each row the position of the first row of its event: the earliest, and of the same date the first given.
    """
    numbers = _day_numbers(pd.to_datetime(dates))
    order = np.argsort(numbers, kind="stable")
    days, places = numbers[order], geocentric(degrees)[order]
    ends = np.searchsorted(days, days + within_days, side="right")
    parents = list(range(len(order)))
    for at, end in enumerate(ends):
        apart_m = np.linalg.norm(places[at:end] - places[at], axis=1)
        roots = {_root(parents, row) for row in (np.flatnonzero(apart_m <= within_m) + at).tolist()}
        first = min(roots)
        for root in roots:
            parents[root] = first
    firsts = np.empty(len(order), dtype=np.int64)
    firsts[order] = order[[_root(parents, row) for row in range(len(order))]]
    return firsts


def _root(parents: list[int], row: int) -> int:
    while parents[row] != row:
        parents[row] = parents[parents[row]]
        row = parents[row]
    return row


def _day_numbers(days: pd.Series) -> Ints:
    return np.asarray(days.to_numpy(dtype="datetime64[D]").astype(np.int64))


def _counted(events: Ints, starts: Ints, days: int) -> Ints:
    """Tell for each pair whether it began before (first row) or after (second) the event, within the days."""
    since = starts - events
    return np.asarray([(since > -days) & (since <= 0), (since > 0) & (since <= days)], dtype=np.int64)


def _totals(events: Ints, starts: Ints, days: int) -> Ints:
    return np.asarray(_counted(events, starts, days).sum(axis=1))
