"""Overlaps of two layers, computed once for the command, the library, pages, the brief, the phone and publications."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Self

import geopandas as gpd
import pandas as pd

from lindero import geo
from lindero.app.answers.coverage.reach import measure_both_reaches
from lindero.app.answers.overlap.pair_filter import ALL_PAIRS, PairFilter, check_names_exist
from lindero.app.answers.overlap.report import KnownPoints, OverlapReport, Overlaps, list_refused_rows, mask_near_points
from lindero.app.answers.overlap.row_selection import Side, check_single_source
from lindero.app.answers.registers import ALL_ROWS as EVERY_ROW
from lindero.app.answers.registers import CountedRows, check_one_level, check_one_register, entries
from lindero.app.answers.repeated_ground import find_repeated_ids, may_repeat
from lindero.geo.geometry.projection import Floats
from lindero.geo.geometry.units import MIN_HA
from lindero.geo.overlay.totals import Totals
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import derived_queries
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
    with_names: bool = True,
) -> OverlapReport:
    """Compute the overlaps of two layers and their totals. Pairs stored by the build are read, others are measured.

    Points have no area. `points` lists the polygons that contain them.

    `column`: A numeric column of the left layer that is apportioned over the pairs (`geo.overlay.apportion`).
    `with_names`: whether `pairs` has names and holders also where the build stored the pairs. Without them, `iter_rows`
    reads the pairs again, in batches.
    """
    is_stored = not (with_geometry or grown or min_ha < MIN_HA) and is_pair_stored(left.layer.name, right.layer.name)
    rows = _Rows.read(con, left, right, registers, with_geometry=not is_stored or bool(column))
    rows.check(registers, pair_filter)
    if column:
        check_single_source(rows.frames[0], column)
    if is_stored:
        pair_filter = replace(pair_filter, least_ha=max(min_ha, pair_filter.least_ha))

    def finish(pairs: pd.DataFrame) -> pd.DataFrame:
        return pair_filter.apply(pairs).drop(columns=rows.list_absent_columns(), errors="ignore")

    def read_batches(*, with_names: bool = True) -> Iterator[pd.DataFrame]:
        return map(finish, rows.iter_pairs(con, with_names=with_names))

    if is_stored:
        is_name_needed = with_names or bool(column or pair_filter.contains)
        pairs = pd.concat(read_batches(with_names=is_name_needed), ignore_index=True)
    else:
        pairs = finish(rows.measure_pairs(min_ha=min_ha, grown=grown, with_geometry=with_geometry))
    overlaps = rows.describe(con, pairs)
    repeats = overlaps.count_repeats(pairs)
    if without_duplicates:
        rows, repeats = rows.exclude_ids(*overlaps.repeated), replace(repeats, left_out=True)
        pairs = rows.filter_pairs(pairs)
        overlaps = rows.describe(con, pairs)
    apportioned = rows.apportion(pairs, column) if column else None
    stored = read_stored_totals(con, *rows.names, pairs["area_ha"].to_numpy()) if is_stored else None
    return OverlapReport(
        **{**vars(overlaps), "pairs": pairs if apportioned is None else apportioned.pairs},
        totals=stored or rows.compute_totals(con, pairs),
        accuracy_assumed=rows.count_assumed_accuracy(),
        points=rows.find_points(con),
        repeats=repeats,
        apportioned=apportioned,
        read_batches=read_batches if is_stored and not (with_names or column) else None,
    )


def find_overlaps(con: Connection, left: str, right: str) -> Overlaps:
    """Find the overlaps of two whole layers, without totals. Of two registers of the same things, one is used."""
    is_stored = is_pair_stored(left, right)
    rows = _Rows.read(con, Side(LAYERS[left]), Side(LAYERS[right]), "choose", with_geometry=not is_stored)
    pairs = pd.concat(rows.iter_pairs(con), ignore_index=True) if is_stored else rows.measure_pairs()
    return rows.describe(con, pairs)


def find_pairs(con: Connection, left: str, right: str, *, whole: str = "") -> tuple[pd.DataFrame, Counts]:
    """Return the pairs of two whole layers, and the rows of each side that are counted."""
    if not is_pair_stored(left, right):
        rows = _Rows.read(con, Side(LAYERS[left]), Side(LAYERS[right]), "choose", whole=whole)
        return rows.measure_pairs(), rows.counted_rows
    pairs = derived_queries.read_overlap_pairs(con, left, right)
    counted_rows = _choose_rows(con, left, right, whole)
    for name, side in zip(_SIDES, counted_rows, strict=True):
        pairs = pairs[~pairs[f"{name}_id"].isin(side.ids)]
    return pairs.reset_index(drop=True), counted_rows


def is_pair_stored(left: str, right: str) -> bool:
    """Return whether the build stores the pairs of two layers, whichever is left."""
    return not {(left, right), (right, left)}.isdisjoint(OVERLAP_PAIRS)


def read_stored_totals(con: Connection, left: str, right: str, areas_ha: Floats) -> Totals | None:
    """Return the stored totals of two layers if the given areas are those of all pairs; None otherwise.

    They are taken for all pairs if their number and their sum in hectares are those of the stored totals.
    """
    row, is_swapped = derived_queries.read_totals(con, left, right), False
    if row is None:
        row, is_swapped = derived_queries.read_totals(con, right, left), True
    stored = None if row is None else Totals(*row)
    if stored is None or (stored.pairs, stored.gross_ha) != (len(areas_ha), float(areas_ha.sum())):
        return None
    if not is_swapped:
        return stored
    return replace(stored, left_features=stored.right_features, right_features=stored.left_features)


def compute_pair_totals(con: Connection, left: str, right: str, pairs: pd.DataFrame) -> Totals:
    """Compute the totals of some pairs of two layers: gross, and the footprint.

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
    """The rows of two layers that are overlaid. Where they have no geometry, it is read when it is needed."""

    sides: tuple[Side, Side]
    counted_rows: Counts
    frames: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]
    excluded: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())  # ids

    @classmethod
    def read(
        cls,
        con: Connection,
        left: Side,
        right: Side,
        registers: Registers,
        *,
        whole: str = "",
        with_geometry: bool = True,
    ) -> Self:
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
        ours, theirs = (side.read(con, with_geometry=with_geometry) for side in (left, right))
        return cls((left, right), counted, (ours, theirs))

    def check(self, registers: Registers, pair_filter: PairFilter) -> None:
        """Check that both sides have rows, of registers that may be added up, and a name that the filter requires."""
        for side, frame in zip(self.sides, self.frames, strict=True):
            if frame.empty:
                raise AnswerError(
                    N_("this map has no data on {layer}, so overlaps cannot be computed; add a source of that layer"),
                    layer=side.layer.name,
                )
            if registers == "refuse":
                check_one_level(side.layer, frame)
                check_one_register(side.layer, entries(frame))
        check_names_exist(pair_filter.contains, self.frames)

    @property
    def names(self) -> tuple[str, str]:
        """The names of both layers."""
        return self.sides[0].layer.name, self.sides[1].layer.name

    @cached_property
    def polygon_layers(self) -> tuple[geo.PolygonLayer, geo.PolygonLayer]:
        """Both sides prepared for measuring."""
        return geo.PolygonLayer.from_frame(self.frames[0]), geo.PolygonLayer.from_frame(self.frames[1])

    def list_absent_columns(self) -> list[str]:
        """Return the columns of pairs that cannot have a value, because a layer has no holders."""
        return [
            f"{name}_holder" for name, side in zip(_SIDES, self.sides, strict=True) if "holder" not in side.layer.names
        ]

    def exclude_ids(self, ours: frozenset[str], theirs: frozenset[str]) -> Self:
        """Return the rows without some rows of each side, given by their ids."""
        left, right = (frame[~frame["id"].isin(ids)] for frame, ids in zip(self.frames, (ours, theirs), strict=True))
        return replace(self, frames=(left, right), excluded=(ours, theirs))

    def filter_pairs(self, pairs: pd.DataFrame) -> pd.DataFrame:
        """Return the pairs without those of excluded rows."""
        for name, ids in zip(_SIDES, self.excluded, strict=True):
            pairs = pairs[~pairs[f"{name}_id"].isin(ids)] if ids else pairs
        return pairs

    def iter_pairs(self, con: Connection, *, with_names: bool = True) -> Iterator[pd.DataFrame]:
        """Yield the pairs of these rows that the build stored, in batches."""
        is_dated = any(side.snapshot_on for side in self.sides)
        left_ids, right_ids = (
            None if side.is_whole else frame["id"].tolist() for side, frame in zip(self.sides, self.frames, strict=True)
        )
        for batch in derived_queries.iter_overlap_pairs(
            con, *self.names, left_ids=left_ids, right_ids=right_ids, every_snapshot=is_dated, with_names=with_names
        ):
            pairs = self.filter_pairs(batch)
            for name, frame in zip(_SIDES, self.frames, strict=True) if is_dated else ():
                is_meant = build_versions(pairs, f"{name}_").isin(build_versions(frame))
                pairs = pairs[is_meant].drop(columns=f"{name}_snapshot_on")
            yield pairs.reset_index(drop=True)

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
        shapes = self._read_shapes(con, map(may_repeat, self.frames))
        ours, theirs = (find_repeated_ids(side.layer, rows) for side, rows in zip(self.sides, shapes, strict=True))
        return Overlaps(
            self.names,
            pairs,
            measure_both_reaches(con, self.sides, self.frames),
            self.counted_rows,
            list_refused_rows(con, self.sides, [set(left["source_id"]), set(right["source_id"])]),
            (ours, theirs),
        )

    def compute_totals(self, con: Connection, pairs: pd.DataFrame) -> Totals:
        """Compute the totals of pairs of these rows. Of rows without geometry, only the shapes in pairs are read."""
        if all("geometry" in frame for frame in self.frames):
            return geo.totals(pairs, *self.polygon_layers, with_range=True)
        named_frames = zip(_SIDES, self.frames, strict=True)
        masks = [frame["id"].isin(pairs[f"{name}_id"].unique()) for name, frame in named_frames]
        return geo.totals(pairs, *self._read_shapes(con, masks), with_range=True)

    def find_points(self, con: Connection) -> KnownPoints:
        """Find the features that are known by a point, and the polygons of the other side that contain them."""
        if all("geometry" in frame for frame in self.frames):
            return KnownPoints.from_frames(self.sides, self.frames)
        return KnownPoints.from_frames(self.sides, self._read_shapes(con, mask_near_points(*self.frames)))

    def _read_shapes(self, con: Connection, masks: Iterable[pd.Series[bool]]) -> Sequence[gpd.GeoDataFrame]:
        """Return the rows of each side that a mask selects, with geometry."""
        return [
            gpd.GeoDataFrame(frame[mask]) if "geometry" in frame else side.read_shapes(con, frame[mask])
            for side, frame, mask in zip(self.sides, self.frames, masks, strict=True)
        ]

    def apportion(self, pairs: pd.DataFrame, column: str) -> Apportionment:
        """Split the values of a column of the left layer over pairs of these rows."""
        from lindero.geo.overlay.apportion import apportion

        return apportion(pairs, *self.frames, column=column)

    def count_assumed_accuracy(self) -> int:
        """Count the rows without a stated boundary accuracy."""
        name = "boundary_accuracy_m"
        return sum(int(frame[name].isna().sum()) for frame in self.frames if name in frame)


def _remove_mirrored_pairs(pairs: pd.DataFrame, left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> pd.DataFrame:
    """Filter the pairs of a layer with itself.

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
