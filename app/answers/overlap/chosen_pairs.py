"""Pairs of chosen rows of two layers, or such as no build has stored: of frames, and measured where that is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import geopandas as gpd
import pandas as pd

from lindero.app.answers.coverage.reach import reach_between
from lindero.app.answers.overlap import refused_sides
from lindero.app.answers.overlap.pair_filter import PairFilter, hold_named
from lindero.app.answers.overlap.report import Features, KnownPoints, OverlapReport
from lindero.app.answers.overlap.row_selection import Side, one_series
from lindero.app.answers.registers import entries, one_level, one_register
from lindero.app.answers.repeated_ground import Repeats, repeated_in
from lindero.app.overlays import stored_totals
from lindero.app.record.incidents import well_placed
from lindero.geo import Ground, overlap, totals
from lindero.geo.geometry.units import MIN_HA
from lindero.geo.overlay.apportion import apportion
from lindero.layers.database import map_database
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.identity import versions
from lindero.layers.model.parse_values import is_null
from lindero.layers.model.schema import INCIDENTS, OVERLAP_PAIRS

_Frames = tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]


def chosen_report(
    con: map_database.Connection,
    left: Side,
    right: Side,
    *,
    min_ha: float,
    grown: bool,
    with_geometry: bool,
    column: str,
    wanted: PairFilter,
    asked: bool,
    without_duplicates: bool = False,
) -> OverlapReport:
    """Compute overlaps between any rows of two layers; the parameters are those of `overlaps.overlap_report`."""
    frames = _read(con, left, right)
    if asked:
        for side, frame in zip((left, right), frames, strict=True):
            one_level(side.layer, frame)
            one_register(side.layer, entries(frame))
        hold_named(wanted.contains, frames)
    if column:
        one_series(frames[0], column)
    names = left.layer.name, right.layer.name
    sides = cache(lambda: [Ground.of(frame) for frame in frames])
    if is_measured := with_geometry or grown or min_ha < MIN_HA or names not in OVERLAP_PAIRS:
        pairs = overlap(*sides(), min_ha=min_ha, grown=grown, with_geometry=with_geometry, with_range=True)
    else:
        pairs = map_database.read_overlaps(con, *names, every_snapshot=True)
        for name, frame in zip(("left_", "right_"), frames, strict=True):
            pairs = pairs[versions(pairs, name).isin(versions(frame))]
            pairs = pairs.drop(columns=[f"{name}layer", f"{name}snapshot_on"])
        pairs = pairs[pairs["area_ha"] >= min_ha].reset_index(drop=True)
    if left.layer is right.layer:
        pairs = _once(pairs, *frames)
    pairs = wanted.of(_named(pairs, *frames))
    repeated = repeated_in(left.layer, frames[0]), repeated_in(right.layer, frames[1])
    ids, areas = zip(pairs["left_id"], pairs["right_id"], strict=True), pairs["area_ha"].to_numpy()
    repeats = Repeats.count(names, ids, areas, repeated, left_out=without_duplicates)
    if without_duplicates:
        pairs = pairs[~(pairs["left_id"].isin(repeated[0]) | pairs["right_id"].isin(repeated[1]))]
        frames = frames[0][~frames[0]["id"].isin(repeated[0])], frames[1][~frames[1]["id"].isin(repeated[1])]
    is_whole = left.is_whole and right.is_whole and not is_measured
    stored = stored_totals.totals_of(con, *names, pairs["area_ha"].to_numpy()) if is_whole else None
    sums = stored or totals(pairs, *sides(), with_range=True)
    unknown = sum(int(frame["boundary_accuracy_m"].isna().sum()) for frame in frames if "boundary_accuracy_m" in frame)
    shared = apportion(pairs, *frames, column=column) if column else None
    covered = reach_between(con, (left, right), [frame.geometry.to_numpy() for frame in frames])
    points = _points((left, right), frames)
    refused = refused_sides.of_sides(con, (left, right), [set(frame["source_id"]) for frame in frames])
    told = pairs if shared is None else shared.pairs
    return OverlapReport(told, sums, unknown, covered, shared, points, refused, repeats)


def laid_now(con: map_database.Connection, left: Side, right: Side) -> pd.DataFrame:
    """
    Give the pairs of two layers of which no build stores any, as `chosen_report` does, and not what they come to.

    Raises
    ------
    AnswerError
        If there is nothing of one.
    """
    frames = _read(con, left, right)
    pairs = overlap(*frames, min_ha=MIN_HA, with_range=True)
    return _named(_once(pairs, *frames) if left.layer is right.layer else pairs, *frames)


def _read(con: map_database.Connection, left: Side, right: Side) -> _Frames:
    frames = left.read(con), right.read(con)
    if lacking := [side.layer.name for side, frame in zip((left, right), frames, strict=True) if frame.empty]:
        raise AnswerError(N_("this map has no data of {layer}: nothing can be said of it"), layer=lacking[0])
    return frames


def _once(pairs: pd.DataFrame, left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> pd.DataFrame:
    """Leave out, of a layer over itself, what is laid over itself, and of each pair that stands both ways one."""
    ours, theirs = (
        pairs[f"{side}_id"].map(versions(frame).set_axis(frame["id"]))
        for side, frame in (("left", left), ("right", right))
    )
    both_ways = pd.MultiIndex.from_arrays([ours, theirs]).isin(pd.MultiIndex.from_arrays([theirs, ours]))
    return pairs[(ours < theirs) | ((ours > theirs) & ~both_ways)].reset_index(drop=True)


def _named(pairs: pd.DataFrame, left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> pd.DataFrame:
    """Put the names of both sides, and who holds them, beside their ids."""
    named = pairs.copy()
    for side, frame in (("left", left), ("right", right)):
        by_id = frame.set_index("id", drop=False)
        columns = {"name": by_id["name" if "name" in frame else "id"]}
        columns |= {"holder": by_id["holder"]} if "holder" in frame else {}
        for at, (label, values) in enumerate(columns.items(), list(named.columns).index(f"{side}_id") + 1):
            named.insert(at, f"{side}_{label}", named[f"{side}_id"].map(values))
    return named


def _points(sides: Sequence[Side], frames: Sequence[gpd.GeoDataFrame]) -> KnownPoints:
    """Look at what is known by a point; of incidents at those whose place is known well enough."""
    kept = [well_placed(frame) if side.layer is INCIDENTS else frame for side, frame in zip(sides, frames, strict=True)]
    left_out = sum(len(frame) - len(some) for frame, some in zip(frames, kept, strict=True))
    return KnownPoints.of(*map(_features, kept), left_out=left_out)


def _features(frame: gpd.GeoDataFrame) -> Features:
    label = next((each for each in ("name", "title") if each in frame), "id")
    names = [None if is_null(name) else name for name in frame[label]]
    return Features(frame["id"].tolist(), names, frame.geometry.to_numpy())
