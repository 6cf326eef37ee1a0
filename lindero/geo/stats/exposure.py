"""The area of each community under concession, by kind and status, with lower and upper bounds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lindero.geo.geometry.projection import Floats, Geometries, Ints
from lindero.geo.geometry.units import M2_PER_HA, MIN_HA
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay.accuracy_buffers import INWARD, OUTWARD, BufferedLayer, Way
from lindero.geo.overlay.intersection import (
    ROUNDING_M2,
    Groups,
    covered_area_m2,
    find_candidates,
    match_boxes,
    shared_area_m2,
)
from lindero.geo.overlay.outlines import Outlines
from lindero.geo.overlay.prepared_layer import PolygonLayer
from lindero.machine.threads import iter_chunk_results

Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.object_]

STATUSES = ("granted", "applied", "suspended", "unknown", "expired")  # shared ground counts for the first
STATUSES_IN_FORCE = tuple(status for status in STATUSES if status != "expired")
SEVERAL = "several"
LEAST_M2 = 0.01  # smaller areas are rounding, left when two equal areas are subtracted
REACH, NEAREST_M = 2.0, 50.0  # multiple of all accuracies, plus metres: how far around land concessions are searched
HOLE_WIDTH_M = 1e-6  # mean width; narrower holes between dissolved concessions are rounding
CHUNK_COMMUNITIES = 125  # communities per thread task
_ROUNDING = 1e-6  # share of the area under concession
_NO_PARTS = pd.DataFrame({"id": [], "by": [], "code": [], "title_ha": []}).astype({"title_ha": float})


def exposure(
    communities: gpd.GeoDataFrame | PolygonLayer,
    concessions: gpd.GeoDataFrame | PolygonLayer,
    *,
    attributes: pd.DataFrame | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compute the area of every community that concessions cover, with overlapping concessions counted once.

    `communities`, `concessions`: frames of valid polygons in any CRS with a unique `id`, and `boundary_accuracy_m` in
    metres where known (otherwise 50 is assumed). Concessions have `kind` and `status`. Communities known only as a
    point are left out. Both may also be prepared layers: then boundaries that a layer has buffered before are not
    buffered again. `attributes`: `id`, `kind` and `status` of the concessions, if they are a prepared layer. Returns
    `table`: one row per community, largest share first: `id`, `land_ha`, `titles` (number of concessions that overlap
    it by more than a sliver), `title_ha` (covered area in hectares), `share`, `share_low`, `share_high` (0 to 1, of the
    area as drawn). The low and high shares are those with all boundaries buffered inward and outward by their
    accuracies. Returns `parts`: the parts of `title_ha`: `id`, `by` (`kind`, `status`), `code`, `title_ha`. The area
    under concessions of several kinds has the code `several`. By status, an area counts for the first of `STATUSES`.
    The parts of either kind sum to the whole.
    """
    community_layer, concession_layer = PolygonLayer.from_frame(communities), PolygonLayer.from_frame(concessions)
    if attributes is None:
        assert not isinstance(concessions, PolygonLayer)
        attributes = concessions
    codes = attributes.set_index("id")[["kind", "status"]].reindex(concession_layer.ids).fillna("unknown")
    tables, parts = [_build_table(community_layer.select(np.empty(0, np.int64)), np.empty((0, 4)))], [_NO_PARTS]
    done = 0
    for table, new_parts in iter_chunk_results(
        _Measure.from_layers(community_layer, concession_layer, codes, keeps_buffers=communities is community_layer),
        len(community_layer.ids),
        chunk=CHUNK_COMMUNITIES,
    ):
        tables.append(table)
        parts += new_parts
        done += len(table)
        progress(done, len(community_layer.ids))
    table = pd.concat(tables).sort_values(["share", "id"], ascending=[False, True], ignore_index=True)
    return table, pd.concat(parts, ignore_index=True)


def _search_boxes(land: PolygonLayer, largest_m: float) -> Floats:
    """Return the boxes around communities in which concessions may overlap them after both are buffered."""
    reach = REACH * (land.accuracy_m + largest_m) + NEAREST_M
    return np.asarray(land.outlines.bounds + np.outer(reach, (-1, -1, 1, 1)))


@dataclass(frozen=True)
class _Measure:
    """A callable that measures a slice of the communities, in any thread."""

    land: PolygonLayer
    titles: PolygonLayer
    keeps_buffers: bool  # whether buffered land comes from the cache of `land`, and is stored there
    kinds: Codes
    statuses: Codes

    @classmethod
    def from_layers(
        cls, land: PolygonLayer, titles: PolygonLayer, attributes: pd.DataFrame, *, keeps_buffers: bool
    ) -> "_Measure":
        """Build the indexes that all threads read, before any thread starts."""
        _ = titles.outlines.box_tree
        if keeps_buffers:
            _ = land.buffer_cache
        if numba_jit.HAS_NUMBA:
            _ = titles.trees
        return cls(land, titles, keeps_buffers, attributes["kind"].to_numpy(), attributes["status"].to_numpy())

    def __call__(self, chunk: slice) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
        select = self.land.select_part if self.keeps_buffers else self.land.select
        communities, titles = select(np.arange(chunk.start, chunk.stop)), self.titles
        coverage = ConcessionCoverage.from_layers(communities, titles)
        low, high = _buffered_range_m2(communities, titles, coverage.groups.base_positions)
        title_m2 = coverage.measure_covered_m2()
        table = _build_table(communities, np.column_stack((coverage.count_concessions(), title_m2, low, high)))
        splits = (("kind", _split_by_kind, self.kinds), ("status", _split_by_status, self.statuses))
        of_codes = [(by, split(coverage, codes, title_m2)) for by, split, codes in splits]
        return table, [
            _build_parts(communities, by, code, m2) for by, of_code in of_codes for code, m2 in of_code.items()
        ]


@dataclass(frozen=True)
class ConcessionCoverage:
    """Some communities, with the concessions that overlap each of them."""

    land: PolygonLayer
    over: PolygonLayer
    groups: Groups

    @classmethod
    def from_layers(cls, land: PolygonLayer, titles: PolygonLayer) -> "ConcessionCoverage":
        """Find the overlaps of concessions and communities."""
        at_title, at_land = find_candidates(titles, land)
        area_m2 = shared_area_m2(titles, land, at_title, at_land)
        is_shared = area_m2 > ROUNDING_M2
        return cls(land, titles, Groups.from_pairs(at_land[is_shared], at_title[is_shared], area_m2[is_shared]))

    def count_concessions(self) -> Floats:
        """Count the concessions that overlap each community by more than a sliver."""
        number = np.repeat(self.groups.base_positions, np.diff(self.groups.starts))
        is_counted = self.groups.shared_m2 >= MIN_HA * M2_PER_HA
        return np.bincount(number[is_counted], minlength=len(self.land.ids)).astype(float)

    def measure_covered_m2(self) -> Floats:
        """Compute the covered area of each community, with overlapping concessions counted once."""
        area = np.zeros(len(self.land.ids))
        area[self.groups.base_positions] = covered_area_m2(self.land, self.over, self.groups)
        return area

    def measure_selected_m2(self, selected: Mask, whole: Floats) -> Floats:
        """Compute the area of each community that the selected concessions cover.

        It is the whole covered area if all of a community's concessions are selected, and 0 if none is.
        """
        groups = self.groups
        is_selected, size = selected[groups.members], np.diff(groups.starts)
        number = np.repeat(np.arange(len(size)), size)
        count = np.bincount(number[is_selected], minlength=len(size))
        area = np.zeros(len(self.land.ids))
        area[groups.base_positions] = np.where(count == size, whole[groups.base_positions], 0.0)
        is_mixed = is_selected & ((count > 0) & (count < size))[number]
        mixed_groups = Groups.from_pairs(
            groups.base_positions[number[is_mixed]], groups.members[is_mixed], groups.shared_m2[is_mixed]
        )
        area[mixed_groups.base_positions] = covered_area_m2(self.land, self.over, mixed_groups)
        return area


def _build_table(land: PolygonLayer, measured: Floats) -> pd.DataFrame:
    """Build the table from the number of concessions, and the covered area in square metres with its bounds."""
    titles, title_m2, low, high = measured.T
    shares = np.clip(np.array([title_m2, np.minimum(low, title_m2), np.maximum(high, title_m2)]) / land.area_m2, 0, 1)
    columns = {"land_ha": land.area_m2 / M2_PER_HA, "titles": titles.astype(int), "title_ha": title_m2 / M2_PER_HA}
    shared = dict(zip(("share", "share_low", "share_high"), shares, strict=True))
    return pd.DataFrame({"id": land.ids.to_numpy(), **columns, **shared})


def _build_parts(land: PolygonLayer, by: str, code: str, m2: Floats) -> pd.DataFrame:
    rows = np.flatnonzero(m2 > LEAST_M2)
    columns = {"by": by, "code": code, "title_ha": m2[rows] / M2_PER_HA}
    return pd.DataFrame({"id": land.ids.iloc[rows].to_numpy(), **columns})


class SurroundingConcessions(NamedTuple):
    """The concessions around some communities, dissolved by accuracy."""

    ground: PolygonLayer
    land_positions: Ints  # for each row of `ground`, the position of its community

    @classmethod
    def from_layers(cls, land: PolygonLayer, titles: PolygonLayer) -> "SurroundingConcessions":
        """Select the concessions that may overlap each community after buffering, with adjacent ones; dissolve them.

        Concessions are dissolved before they are buffered, because buffering them inward one by one would leave gaps.
        They are dissolved for each community, because all concessions of a country together would have too many
        vertices.
        """
        at_title, at_land = match_boxes(titles, _search_boxes(land, titles.accuracy_m.max(initial=0.0)))
        accuracy_m, code = np.unique(titles.accuracy_m[at_title], return_inverse=True)
        key = at_land * max(len(accuracy_m), 1) + code
        groups = Groups.from_pairs(key, at_title, np.zeros(len(key)))
        shapes = fill_rounding_holes(groups.dissolve_members(titles))
        ids = pd.Series(range(len(shapes))).astype(str)
        dissolved_layer = PolygonLayer(
            ids,
            Outlines(shapes),
            np.asarray(shapely.area(shapes)),
            _group_accuracy(accuracy_m, groups.base_positions),
        )
        return cls(dissolved_layer, groups.base_positions // max(len(accuracy_m), 1))


def fill_rounding_holes(shapes: Geometries) -> Geometries:
    """Fill the holes that rounding leaves between adjacent polygons when they are dissolved.

    Buffering inward would turn each into a gap of twice the accuracy along the common boundary.
    """
    parts, owner = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    is_hole = np.diff(part, prepend=-1) == 0
    is_thin = is_hole & (shapely.area(shapely.polygons(rings)) < HOLE_WIDTH_M * shapely.length(rings) / 2)
    for position in np.unique(part[is_thin]):
        holes = rings[(part == position) & is_hole & ~is_thin]
        parts[position] = shapely.polygons(shapely.get_exterior_ring(parts[position]), holes)
    filled = shapes.copy()
    for position in np.unique(owner[part[is_thin]]):
        filled[position] = shapely.multipolygons(parts[owner == position])
    return filled


def _group_accuracy(accuracy_m: Floats, key: Ints) -> Floats:
    return accuracy_m[key % len(accuracy_m)] if len(key) else np.empty(0)


def _buffered_range_m2(land: PolygonLayer, titles: PolygonLayer, covered_positions: Ints) -> tuple[Floats, Floats]:
    """Compute the covered area of each community with all boundaries buffered inward, and outward.

    Areas that do not overlap as drawn do not overlap after buffering inward, so only communities with concessions are
    buffered for it.
    """
    around = SurroundingConcessions.from_layers(land, titles)
    rows = np.arange(len(around.land_positions))
    low = _buffered_m2(land, around, rows[np.isin(around.land_positions, covered_positions)], INWARD)
    return low, _buffered_m2(land, around, rows, OUTWARD)


def _buffered_m2(land: PolygonLayer, around: SurroundingConcessions, rows: Ints, direction: Way) -> Floats:
    """Compute the covered area of each community after its boundary and some concessions are buffered."""
    buffered_land = BufferedLayer.from_positions(land, around.land_positions[rows], direction)
    buffered_concessions = BufferedLayer.from_positions(around.ground, rows, direction)
    at_land, at_title = (
        buffered_land.new_positions[around.land_positions[rows]],
        buffered_concessions.new_positions[rows],
    )
    is_kept = (at_land >= 0) & (at_title >= 0)
    at_land, at_title = at_land[is_kept], at_title[is_kept]
    area_m2 = shared_area_m2(buffered_concessions.ground, buffered_land.ground, at_title, at_land)
    is_shared = area_m2 > ROUNDING_M2
    groups = Groups.from_pairs(at_land[is_shared], at_title[is_shared], area_m2[is_shared])
    covered = np.zeros(len(buffered_land.ground.ids) + 1)
    covered[groups.base_positions] = covered_area_m2(buffered_land.ground, buffered_concessions.ground, groups)
    return np.where(buffered_land.new_positions >= 0, covered[buffered_land.new_positions], 0.0)


def _split_by_kind(coverage: ConcessionCoverage, kinds: Codes, whole: Floats) -> dict[str, Floats]:
    """Return the area under each kind of concession alone, and that under several kinds."""
    distinct = sorted(set(kinds))
    by_kind = {kind: np.maximum(whole - coverage.measure_selected_m2(kinds != kind, whole), 0.0) for kind in distinct}
    several = whole - sum(by_kind.values(), np.zeros(len(whole)))
    return {**by_kind, SEVERAL: np.where(several > _ROUNDING * whole, several, 0.0)}


def _split_by_status(coverage: ConcessionCoverage, statuses: Codes, whole: Floats) -> dict[str, Floats]:
    """Return the area under each status that is not under an earlier one of `STATUSES`."""
    parts, previous = {}, np.zeros(len(whole))
    for number, status in enumerate(STATUSES, start=1):
        covered = coverage.measure_selected_m2(np.isin(statuses, STATUSES[:number]), whole)
        parts[status] = np.maximum(covered - previous, 0.0)
        previous = covered
    return parts
