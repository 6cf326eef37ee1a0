"""Overlaps of two layers, computed once for the command, the library, pages, the brief, the phone and publications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Self

import geopandas as gpd
import pandas as pd

from lindero import geo
from lindero.app.answers.coverage.reach import measure_both_reaches
from lindero.app.answers.overlap.pair_filter import ALL_PAIRS, PairFilter, check_names_exist
from lindero.app.answers.overlap.report import KnownPoints, OverlapReport, Overlaps, list_refused_rows
from lindero.app.answers.overlap.row_selection import Side, check_single_source
from lindero.app.answers.registers import ALL_ROWS as EVERY_ROW
from lindero.app.answers.registers import CountedRows, check_one_level, check_one_register, entries
from lindero.app.answers.repeated_ground import find_repeated_ids
from lindero.geo.geometry.projection import Floats
from lindero.geo.geometry.units import MIN_HA
from lindero.geo.overlay.totals import Totals
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.identity import build_versions
from lindero.layers.model.schema import LAYERS, OVERLAP_PAIRS

if TYPE_CHECKING:
    from lindero.geo.overlay.apportion import Apportionment

AREAS = tuple(name for name, layer in LAYERS.items() if "area_ha" in layer.names)
MAX_RANGE_PAIRS = 20_000  # pairs up to which a page also gives the range of the footprint
Counts = tuple[CountedRows, CountedRows]
Registers = Literal["add", "refuse", "choose"]
_SIDES = ("left", "right")
_SIDE_COLUMNS = ("id", "name", "holder", "snapshot_on")
_SWAPPED = {f"{side}_{name}": f"{other}_{name}" for side, other in (_SIDES, _SIDES[::-1]) for name in _SIDE_COLUMNS}
_SWAPPED |= {"share_of_left": "share_of_right", "share_of_right": "share_of_left"}


def list_area_layers(con: Connection) -> list[str]:
    """Return the polygon layers that have any feature."""
    counts = map_database.count_rows(con)
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
    pair_filter: PairFilter = ALL_PAIRS,
    without_duplicates: bool = False,
) -> OverlapReport:
    """
    Compute the overlaps of two layers and their totals. Pairs stored by the build are read, others are measured.

    Points have no area. `points` lists the polygons that contain them.

    Parameters
    ----------
    registers
        How to treat two registers of the same things: add them up, refuse them, or choose the larger one.
    column
        A numeric column of the left layer that is apportioned over the pairs (`geo.overlay.apportion`).
    without_duplicates
        Leave out rows that repeat the area of another row.

    Raises
    ------
    AnswerError
        If a layer has no polygons or no rows, no row has a name that `pair_filter` requires, or two registers are
        refused.
    """
    rows = _Rows.read(con, left, right, registers)
    for side, frame in zip(rows.sides, rows.frames, strict=True):
        if frame.empty:
            raise AnswerError(
                N_("this map has no data on {layer}, so overlaps cannot be computed; add a source of that layer"),
                layer=side.layer.name,
            )
        if registers == "refuse":
            check_one_level(side.layer, frame)
            check_one_register(side.layer, entries(frame))
    check_names_exist(pair_filter.contains, rows.frames)
    if column:
        check_single_source(rows.frames[0], column)
    pairs = None if with_geometry or grown or min_ha < MIN_HA else rows.read_pairs(con)
    if is_measured := pairs is None:
        pairs = rows.measure_pairs(min_ha=min_ha, grown=grown, with_geometry=with_geometry)
    else:
        pairs = pairs[pairs["area_ha"] >= min_ha].reset_index(drop=True)
    has_holder = ["holder" in side.layer.names for side in rows.sides]
    dropped_columns = [f"{name}_holder" for name, is_held in zip(_SIDES, has_holder, strict=True) if not is_held]
    overlaps = rows.describe(con, pair_filter.apply(pairs).drop(columns=dropped_columns))
    pairs = overlaps.pairs
    repeats = overlaps.count_repeats(pairs)
    if without_duplicates:
        ours, theirs = overlaps.repeated
        rows, repeats = rows.exclude_ids(ours, theirs), replace(repeats, left_out=True)
        pairs = pairs[~(pairs["left_id"].isin(ours) | pairs["right_id"].isin(theirs))]
        overlaps = rows.describe(con, pairs)
    apportioned = rows.apportion(pairs, column) if column else None
    stored = None if is_measured else read_stored_totals(con, *rows.names, pairs["area_ha"].to_numpy())
    return OverlapReport(
        **{**vars(overlaps), "pairs": pairs if apportioned is None else apportioned.pairs},
        totals=stored or rows.compute_totals(pairs),
        accuracy_assumed=rows.count_assumed_accuracy(),
        points=KnownPoints.from_frames(rows.sides, rows.frames),
        repeats=repeats,
        apportioned=apportioned,
    )


def find_overlaps(con: Connection, left: str, right: str) -> Overlaps:
    """
    Find the overlaps of two whole layers, without totals. Of two registers of the same things, the larger is used.

    Raises
    ------
    AnswerError
        If a layer has no polygons.
    """
    rows = _Rows.read(con, Side(LAYERS[left]), Side(LAYERS[right]), "choose")
    pairs = rows.read_pairs(con)
    return rows.describe(con, rows.measure_pairs() if pairs is None else pairs)


def find_pairs(con: Connection, left: str, right: str, *, whole: str = "") -> tuple[pd.DataFrame, Counts]:
    """
    Return the pairs of two whole layers, and the rows of each side that are counted.

    Parameters
    ----------
    whole
        A layer from which no rows are left out, because one of its features is requested by id.
    """
    pairs = read_stored_pairs(con, left, right)
    if pairs is None:
        rows = _Rows.read(con, Side(LAYERS[left]), Side(LAYERS[right]), "choose", whole=whole)
        return rows.measure_pairs(), rows.counted_rows
    counted_rows = _choose_rows(con, left, right, whole)
    for name, side in zip(_SIDES, counted_rows, strict=True):
        pairs = pairs[~pairs[f"{name}_id"].isin(side.ids)]
    return pairs.reset_index(drop=True), counted_rows


def read_stored_pairs(con: Connection, left: str, right: str, *, every_snapshot: bool = False) -> pd.DataFrame | None:
    """
    Read the pairs of two layers that the build stores, whichever is left; None where it stores none.

    The columns are those of `map_queries.read_overlap_pairs`.
    """
    if (left, right) in OVERLAP_PAIRS:
        return map_queries.read_overlap_pairs(con, left, right, every_snapshot=every_snapshot)
    if (right, left) not in OVERLAP_PAIRS:
        return None
    stored = map_queries.read_overlap_pairs(con, right, left, every_snapshot=every_snapshot)
    swapped = stored.rename(columns=_SWAPPED)[stored.columns]
    return swapped.sort_values(["area_ha", "left_id", "right_id"], ascending=[False, True, True], ignore_index=True)


def read_stored_totals(con: Connection, left: str, right: str, areas_ha: Floats) -> Totals | None:
    """
    Return the stored totals of two layers if the given areas are those of all pairs; None otherwise.

    They are taken for all pairs if their number and their sum in hectares are those of the stored totals.
    """
    row, is_swapped = map_queries.read_totals(con, left, right), False
    if row is None:
        row, is_swapped = map_queries.read_totals(con, right, left), True
    stored = None if row is None else Totals(*row)
    if stored is None or (stored.pairs, stored.gross_ha) != (len(areas_ha), float(areas_ha.sum())):
        return None
    if not is_swapped:
        return stored
    return replace(stored, left_features=stored.right_features, right_features=stored.left_features)


def compute_pair_totals(con: Connection, left: str, right: str, pairs: pd.DataFrame) -> Totals:
    """
    Compute the totals of some pairs of two layers: gross, and the footprint.

    The range is measured for up to `MAX_RANGE_PAIRS` pairs, so that a page answers in time.
    """
    stored = read_stored_totals(con, left, right, pairs["area_ha"].to_numpy())
    return stored or geo.totals(pairs, *_read_frames(con, left, right, pairs), with_range=len(pairs) <= MAX_RANGE_PAIRS)


def draw_pairs(con: Connection, left: str, right: str, pairs: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the pairs with their intersections, in OGC:CRS84."""
    shared = geo.overlap(*_read_frames(con, left, right, pairs), min_ha=0, with_geometry=True)
    return gpd.GeoDataFrame(pairs.merge(shared[["left_id", "right_id", "geometry"]], on=["left_id", "right_id"]))


def _read_frames(con: Connection, left: str, right: str, pairs: pd.DataFrame) -> Sequence[gpd.GeoDataFrame]:
    return [
        map_database.read_layer(con, LAYERS[layer], where={"id": list(pairs[column].unique())})
        for layer, column in ((left, "left_id"), (right, "right_id"))
    ]


def _choose_rows(con: Connection, left: str, right: str, whole: str = "") -> Counts:
    """Choose the rows of each side that are counted, so that nothing is counted twice."""
    ours, theirs = (EVERY_ROW if name == whole else CountedRows.from_map(con, LAYERS[name]) for name in (left, right))
    return ours, theirs


@dataclass(frozen=True)
class _Rows:
    """The rows of two layers that are overlaid."""

    sides: tuple[Side, Side]
    counted_rows: Counts
    frames: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]

    @classmethod
    def read(cls, con: Connection, left: Side, right: Side, registers: Registers, *, whole: str = "") -> Self:
        """Read the rows of both sides. With `choose`, rows repeated by another register are left out."""
        areal = ["area_ha" in side.layer.names for side in (left, right)]
        if wrong := [side.layer.name for side in (left, right) if not (side.layer.has_geometry and any(areal))]:
            raise AnswerError(N_("{layer} has no polygons to overlay; choose a layer with polygons"), layer=wrong[0])
        counted = EVERY_ROW, EVERY_ROW
        if registers == "choose":
            counted = _choose_rows(con, left.layer.name, right.layer.name, whole)
            left, right = (
                replace(side, tests=(*side.tests, *side_rows.to_conditions()))
                for side, side_rows in zip((left, right), counted, strict=True)
            )
        return cls((left, right), counted, (left.read(con), right.read(con)))

    @property
    def names(self) -> tuple[str, str]:
        """The names of both layers."""
        return self.sides[0].layer.name, self.sides[1].layer.name

    @cached_property
    def polygon_layers(self) -> tuple[geo.PolygonLayer, geo.PolygonLayer]:
        """Both sides prepared for measuring."""
        return geo.PolygonLayer.from_frame(self.frames[0]), geo.PolygonLayer.from_frame(self.frames[1])

    def exclude_ids(self, ours: frozenset[str], theirs: frozenset[str]) -> Self:
        """Return the rows without some rows of each side, given by their ids."""
        left, right = (frame[~frame["id"].isin(ids)] for frame, ids in zip(self.frames, (ours, theirs), strict=True))
        return replace(self, frames=(left, right))

    def read_pairs(self, con: Connection) -> pd.DataFrame | None:
        """Read the pairs of these rows that the build stored; None where it stores none for these layers."""
        is_dated = any(side.snapshot_on for side in self.sides)
        pairs = read_stored_pairs(con, *self.names, every_snapshot=is_dated)
        if pairs is None:
            return None
        for name, side, frame in zip(_SIDES, self.sides, self.frames, strict=True):
            if is_dated:
                pairs = pairs[build_versions(pairs, f"{name}_").isin(build_versions(frame))].drop(
                    columns=f"{name}_snapshot_on"
                )
            elif not side.is_whole:  # comparing ids loads a library, which takes 0.1 s
                pairs = pairs[pairs[f"{name}_id"].isin(frame["id"])]
        return pairs.reset_index(drop=True)

    def measure_pairs(
        self, *, min_ha: float = MIN_HA, grown: bool = False, with_geometry: bool = False
    ) -> pd.DataFrame:
        """Measure the pairs of these rows. In an overlay of a layer with itself, each pair is returned once."""
        pairs = geo.overlap(
            *self.polygon_layers, min_ha=min_ha, grown=grown, with_geometry=with_geometry, with_range=True
        )
        if self.sides[0].layer is self.sides[1].layer:
            pairs = _remove_mirrored_pairs(pairs, *self.frames)
        return _add_names(pairs, *self.frames)

    def describe(self, con: Connection, pairs: pd.DataFrame) -> Overlaps:
        """Build the overlaps from pairs of these rows, with coverage, refused rows and repeated rows."""
        left, right = self.frames
        return Overlaps(
            self.names,
            pairs,
            measure_both_reaches(con, self.sides, self.frames),
            self.counted_rows,
            list_refused_rows(con, self.sides, [set(left["source_id"]), set(right["source_id"])]),
            (find_repeated_ids(self.sides[0].layer, left), find_repeated_ids(self.sides[1].layer, right)),
        )

    def compute_totals(self, pairs: pd.DataFrame) -> Totals:
        """Compute the totals of pairs of these rows."""
        return geo.totals(pairs, *self.polygon_layers, with_range=True)

    def apportion(self, pairs: pd.DataFrame, column: str) -> Apportionment:
        """Split the values of a column of the left layer over pairs of these rows."""
        from lindero.geo.overlay.apportion import apportion

        return apportion(pairs, *self.frames, column=column)

    def count_assumed_accuracy(self) -> int:
        """Count the rows without a stated boundary accuracy."""
        name = "boundary_accuracy_m"
        return sum(int(frame[name].isna().sum()) for frame in self.frames if name in frame)


def _remove_mirrored_pairs(pairs: pd.DataFrame, left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> pd.DataFrame:
    """
    Filter the pairs of a layer with itself.

    Pairs of a row with itself are removed, and of pairs that occur both ways one is kept.
    """
    ours, theirs = (
        pairs[f"{side}_id"].map(build_versions(frame).set_axis(frame["id"]))
        for side, frame in zip(_SIDES, (left, right), strict=True)
    )
    both_ways = pd.MultiIndex.from_arrays([ours, theirs]).isin(pd.MultiIndex.from_arrays([theirs, ours]))
    return pairs[(ours < theirs) | ((ours > theirs) & ~both_ways)].reset_index(drop=True)


def _add_names(pairs: pd.DataFrame, left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> pd.DataFrame:
    """Add the names and holders of both sides next to their ids."""
    result = pairs.copy()
    for side, frame in zip(_SIDES, (left, right), strict=True):
        by_id = frame.set_index("id", drop=False)
        position = list(result.columns).index(f"{side}_id") + 1
        holder = by_id["holder"] if "holder" in frame else pd.Series(None, by_id.index, dtype=object)
        result.insert(position, f"{side}_name", result[f"{side}_id"].map(by_id["name" if "name" in frame else "id"]))
        result.insert(position + 1, f"{side}_holder", result[f"{side}_id"].map(holder).astype(object))
    return result
