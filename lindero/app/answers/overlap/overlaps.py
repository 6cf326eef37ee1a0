"""Overlaps of two layers: one answer for the command, the library, the pages, the brief, the phone and publications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Self

import geopandas as gpd
import pandas as pd

from lindero import geo
from lindero.app.answers.coverage.reach import reach_between
from lindero.app.answers.overlap.pair_filter import EVERY, PairFilter, hold_named
from lindero.app.answers.overlap.report import KnownPoints, OverlapReport, Overlaps, refused_of_sides
from lindero.app.answers.overlap.row_selection import Side, one_series
from lindero.app.answers.registers import EVERY as EVERY_ROW
from lindero.app.answers.registers import Counted, entries, one_level, one_register
from lindero.app.answers.repeated_ground import repeated_in
from lindero.geo.geometry.projection import Floats
from lindero.geo.geometry.units import MIN_HA
from lindero.geo.overlay.totals import Totals
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.identity import versions
from lindero.layers.model.schema import LAYERS, OVERLAP_PAIRS

if TYPE_CHECKING:
    from lindero.geo.overlay.apportion import Apportioned

AREAS = tuple(name for name, layer in LAYERS.items() if "area_ha" in layer.names)
RANGED = 20_000  # pairs whose footprint a page also gives with boundaries drawn in and out
Counts = tuple[Counted, Counted]
Registers = Literal["add", "refuse", "choose"]
_SIDES = ("left", "right")
_BOTH = ("id", "name", "holder", "snapshot_on")
_SWAPPED = {f"{side}_{name}": f"{other}_{name}" for side, other in (_SIDES, _SIDES[::-1]) for name in _BOTH}
_SWAPPED |= {"share_of_left": "share_of_right", "share_of_right": "share_of_left"}


def layers_with_areas(con: Connection) -> list[str]:
    """Return the layers of areas that hold anything."""
    counts = map_database.counts(con)
    return [name for name in AREAS if counts[name]]


def overlap_report(
    con: Connection,
    left: Side,
    right: Side,
    *,
    registers: Registers = "add",
    min_ha: float = MIN_HA,
    grown: bool = False,
    with_geometry: bool = False,
    column: str = "",
    wanted: PairFilter = EVERY,
    without_duplicates: bool = False,
) -> OverlapReport:
    """
    Compute the overlaps of two layers and their totals. Pairs that the build stored are read, others are measured.

    Points have no ground; `points` lists the polygons that they are in.

    Parameters
    ----------
    registers
        What becomes of two registers of the same things: they are added up, refused, or only the larger one is chosen.
    column
        A column of numbers of the left layer that is shared out over the pairs (`geo.overlay.apportion`).
    without_duplicates
        Leave out rows that repeat the ground of another row.

    Raises
    ------
    AnswerError
        If a layer has no areas or no rows, no row has a name that `wanted` asks for, or two registers are refused.
    """
    rows = _Rows.read(con, left, right, registers)
    for side, frame in zip(rows.sides, rows.frames, strict=True):
        if frame.empty:
            raise AnswerError(N_("this map has no data of {layer}: nothing can be said of it"), layer=side.layer.name)
        if registers == "refuse":
            one_level(side.layer, frame)
            one_register(side.layer, entries(frame))
    hold_named(wanted.contains, rows.frames)
    if column:
        one_series(rows.frames[0], column)
    pairs = None if with_geometry or grown or min_ha < MIN_HA else rows.read_pairs(con)
    if is_measured := pairs is None:
        pairs = rows.measure_pairs(min_ha=min_ha, grown=grown, with_geometry=with_geometry)
    else:
        pairs = pairs[pairs["area_ha"] >= min_ha].reset_index(drop=True)
    held = ["holder" in side.layer.names for side in rows.sides]
    unheld = [f"{name}_holder" for name, is_held in zip(_SIDES, held, strict=True) if not is_held]
    overlaps = rows.describe(con, wanted.of(pairs).drop(columns=unheld))
    pairs = overlaps.pairs
    repeats = overlaps.count_repeats(pairs)
    if without_duplicates:
        ours, theirs = overlaps.repeated
        rows, repeats = rows.without(ours, theirs), replace(repeats, left_out=True)
        pairs = pairs[~(pairs["left_id"].isin(ours) | pairs["right_id"].isin(theirs))]
        overlaps = rows.describe(con, pairs)
    shared = rows.apportion(pairs, column) if column else None
    stored = None if is_measured else stored_totals(con, *rows.names, pairs["area_ha"].to_numpy())
    return OverlapReport(
        **{**vars(overlaps), "pairs": pairs if shared is None else shared.pairs},
        totals=stored or rows.add_up(pairs),
        accuracy_assumed=rows.count_assumed_accuracy(),
        points=KnownPoints.of(rows.sides, rows.frames),
        repeats=repeats,
        apportioned=shared,
    )


def find_overlaps(con: Connection, left: str, right: str) -> Overlaps:
    """
    Find the overlaps of two whole layers, of two registers of the same things only the larger one. No totals.

    Raises
    ------
    AnswerError
        If a layer has no areas.
    """
    rows = _Rows.read(con, Side(LAYERS[left]), Side(LAYERS[right]), "choose")
    pairs = rows.read_pairs(con)
    return rows.describe(con, rows.measure_pairs() if pairs is None else pairs)


def find_pairs(con: Connection, left: str, right: str, *, whole: str = "") -> tuple[pd.DataFrame, Counts]:
    """
    Return the pairs of `find_overlaps`, and which rows of each side are counted.

    Parameters
    ----------
    whole
        A layer of which nothing is left out: one of its features is asked about by its id.
    """
    pairs = read_stored_pairs(con, left, right)
    if pairs is None:
        rows = _Rows.read(con, Side(LAYERS[left]), Side(LAYERS[right]), "choose", whole=whole)
        return rows.measure_pairs(), rows.counted
    counted = _count(con, left, right, whole)
    for name, side in zip(_SIDES, counted, strict=True):
        pairs = pairs[~pairs[f"{name}_id"].isin(side.ids)]
    return pairs.reset_index(drop=True), counted


def read_stored_pairs(con: Connection, left: str, right: str, *, every_snapshot: bool = False) -> pd.DataFrame | None:
    """Read the pairs of two layers as `map_queries.pairs` does, whichever is left; None where a build stores none."""
    if (left, right) in OVERLAP_PAIRS:
        return map_queries.pairs(con, left, right, every_snapshot=every_snapshot)
    if (right, left) not in OVERLAP_PAIRS:
        return None
    stored = map_queries.pairs(con, right, left, every_snapshot=every_snapshot)
    swapped = stored.rename(columns=_SWAPPED)[stored.columns]
    return swapped.sort_values(["area_ha", "left_id", "right_id"], ascending=[False, True, True], ignore_index=True)


def stored_totals(con: Connection, left: str, right: str, areas_ha: Floats) -> Totals | None:
    """Return the stored totals of two layers if pairs of these areas are all of them: as many, and as many hectares."""
    row, is_swapped = map_queries.read_totals(con, left, right), False
    if row is None:
        row, is_swapped = map_queries.read_totals(con, right, left), True
    stored = None if row is None else Totals(*row)
    if stored is None or (stored.pairs, stored.gross_ha) != (len(areas_ha), float(areas_ha.sum())):
        return None
    if not is_swapped:
        return stored
    return replace(stored, left_features=stored.right_features, right_features=stored.left_features)


def add_up_pairs(con: Connection, left: str, right: str, pairs: pd.DataFrame) -> Totals:
    """
    Add up some pairs of two layers: gross, and the ground that they cover counted once.

    The range is measured of up to `RANGED` pairs: a page must answer while somebody waits.
    """
    stored = stored_totals(con, left, right, pairs["area_ha"].to_numpy())
    return stored or geo.totals(pairs, *_frames_of(con, left, right, pairs), with_range=len(pairs) <= RANGED)


def draw_pairs(con: Connection, left: str, right: str, pairs: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the pairs with the ground that they share, in OGC:CRS84."""
    shared = geo.overlap(*_frames_of(con, left, right, pairs), min_ha=0, with_geometry=True)
    return gpd.GeoDataFrame(pairs.merge(shared[["left_id", "right_id", "geometry"]], on=["left_id", "right_id"]))


def _frames_of(con: Connection, left: str, right: str, pairs: pd.DataFrame) -> Sequence[gpd.GeoDataFrame]:
    return [
        map_database.read_layer(con, LAYERS[layer], where={"id": list(pairs[column].unique())})
        for layer, column in ((left, "left_id"), (right, "right_id"))
    ]


def _count(con: Connection, left: str, right: str, whole: str = "") -> Counts:
    """Return which rows of each side are counted so that nothing is counted twice."""
    ours, theirs = (EVERY_ROW if name == whole else Counted.of_map(con, LAYERS[name]) for name in (left, right))
    return ours, theirs


@dataclass(frozen=True)
class _Rows:
    """The rows of two layers that are laid over each other."""

    sides: tuple[Side, Side]
    counted: Counts
    frames: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]

    @classmethod
    def read(cls, con: Connection, left: Side, right: Side, registers: Registers, *, whole: str = "") -> Self:
        """Read the rows of both sides; with `choose` without those that another register repeats."""
        areal = ["area_ha" in side.layer.names for side in (left, right)]
        if wrong := [side.layer.name for side in (left, right) if not (side.layer.has_geometry and any(areal))]:
            raise AnswerError(N_("{layer} has no polygons to lay over others"), layer=wrong[0])
        counted = EVERY_ROW, EVERY_ROW
        if registers == "choose":
            counted = _count(con, left.layer.name, right.layer.name, whole)
            left, right = (
                replace(side, tests=(*side.tests, *one.tests()))
                for side, one in zip((left, right), counted, strict=True)
            )
        return cls((left, right), counted, (left.read(con), right.read(con)))

    @property
    def names(self) -> tuple[str, str]:
        """The names of both layers."""
        return self.sides[0].layer.name, self.sides[1].layer.name

    @cached_property
    def grounds(self) -> tuple[geo.Ground, geo.Ground]:
        """Both sides prepared for measuring."""
        return geo.Ground.of(self.frames[0]), geo.Ground.of(self.frames[1])

    def without(self, ours: frozenset[str], theirs: frozenset[str]) -> Self:
        """Leave out rows of each side by their ids."""
        left, right = (frame[~frame["id"].isin(ids)] for frame, ids in zip(self.frames, (ours, theirs), strict=True))
        return replace(self, frames=(left, right))

    def read_pairs(self, con: Connection) -> pd.DataFrame | None:
        """Read the pairs of these rows that the build stored; None where it stores none of these layers."""
        is_dated = any(side.snapshot_on for side in self.sides)
        pairs = read_stored_pairs(con, *self.names, every_snapshot=is_dated)
        if pairs is None:
            return None
        for name, side, frame in zip(_SIDES, self.sides, self.frames, strict=True):
            if is_dated:
                pairs = pairs[versions(pairs, f"{name}_").isin(versions(frame))].drop(columns=f"{name}_snapshot_on")
            elif not side.is_whole:  # to compare ids takes a library of 0.1 s
                pairs = pairs[pairs[f"{name}_id"].isin(frame["id"])]
        return pairs.reset_index(drop=True)

    def measure_pairs(
        self, *, min_ha: float = MIN_HA, grown: bool = False, with_geometry: bool = False
    ) -> pd.DataFrame:
        """Measure the pairs of these rows; of a layer over itself each pair once."""
        pairs = geo.overlap(*self.grounds, min_ha=min_ha, grown=grown, with_geometry=with_geometry, with_range=True)
        if self.sides[0].layer is self.sides[1].layer:
            pairs = _once(pairs, *self.frames)
        return _named(pairs, *self.frames)

    def describe(self, con: Connection, pairs: pd.DataFrame) -> Overlaps:
        """Return pairs of these rows with what they leave open."""
        left, right = self.frames
        return Overlaps(
            self.names,
            pairs,
            reach_between(con, self.sides, self.frames),
            self.counted,
            refused_of_sides(con, self.sides, [set(left["source_id"]), set(right["source_id"])]),
            (repeated_in(self.sides[0].layer, left), repeated_in(self.sides[1].layer, right)),
        )

    def add_up(self, pairs: pd.DataFrame) -> Totals:
        """Add up pairs of these rows."""
        return geo.totals(pairs, *self.grounds, with_range=True)

    def apportion(self, pairs: pd.DataFrame, column: str) -> Apportioned:
        """Share out a column of the left layer over pairs of these rows."""
        from lindero.geo.overlay.apportion import apportion

        return apportion(pairs, *self.frames, column=column)

    def count_assumed_accuracy(self) -> int:
        """Count the rows whose boundary accuracy nobody stated."""
        name = "boundary_accuracy_m"
        return sum(int(frame[name].isna().sum()) for frame in self.frames if name in frame)


def _once(pairs: pd.DataFrame, left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> pd.DataFrame:
    """Leave out, of a layer over itself, each row over itself, and of each pair that is there both ways one."""
    ours, theirs = (
        pairs[f"{side}_id"].map(versions(frame).set_axis(frame["id"]))
        for side, frame in zip(_SIDES, (left, right), strict=True)
    )
    both_ways = pd.MultiIndex.from_arrays([ours, theirs]).isin(pd.MultiIndex.from_arrays([theirs, ours]))
    return pairs[(ours < theirs) | ((ours > theirs) & ~both_ways)].reset_index(drop=True)


def _named(pairs: pd.DataFrame, left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> pd.DataFrame:
    """Put the names of both sides, and who holds them, beside their ids."""
    named = pairs.copy()
    for side, frame in zip(_SIDES, (left, right), strict=True):
        by_id = frame.set_index("id", drop=False)
        at = list(named.columns).index(f"{side}_id") + 1
        holder = by_id["holder"] if "holder" in frame else pd.Series(None, by_id.index, dtype=object)
        named.insert(at, f"{side}_name", named[f"{side}_id"].map(by_id["name" if "name" in frame else "id"]))
        named.insert(at + 1, f"{side}_holder", named[f"{side}_id"].map(holder).astype(object))
    return named
