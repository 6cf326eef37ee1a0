"""Footprints: areas covered by overlaps, with overlaps of overlaps counted once."""

from collections.abc import Iterator
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.errors import N_, FrameError
from lindero.geo.geometry.crs import DEGREES
from lindero.geo.geometry.projection import Floats, Geometries, extract_polygons, unproject
from lindero.geo.geometry.scale_factor import plane_per_m
from lindero.geo.geometry.units import M2_PER_HA
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay.accuracy_buffers import EDGE, INWARD, OUTWARD, BufferedGroups, Way, buffered_covered_area_m2
from lindero.geo.overlay.intersection import Groups, covered_area_m2, intersect_pairs
from lindero.geo.overlay.prepared_layer import PolygonLayer
from lindero.geo.overlay.totals import Totals
from lindero.machine.threads import map_chunks

Side = Literal["left_id", "right_id"]
PAIRS_A_PART = 4_000  # approximate maximum pairs measured at once
_SLACK = 1.1  # margin on an accuracy, because buffered outlines are also simplified
_NEIGHBOURS = 2_000  # polygons that a thread dissolves before the results are dissolved together
GRID_M = 1e-4  # metres: precision grid; closer vertices would merge or swap sides when converted to degrees


def totals(
    pairs: pd.DataFrame,
    left: gpd.GeoDataFrame | PolygonLayer,
    right: gpd.GeoDataFrame | PolygonLayer,
    *,
    with_range: bool = False,
) -> Totals:
    """Compute the totals of the pairs that `overlap(left, right)` returned, or of any selection of them.

    Parameters
    ----------
    pairs
        Pairs with `left_id`, `right_id`, `area_ha` (hectares).
    left, right
        The frames of the overlap, or prepared layers, in any CRS.
    with_range
        Also compute the footprint with all boundaries buffered inward and outward by their accuracies.

    Returns
    -------
    Totals
        Areas in hectares.

    Raises
    ------
    FrameError
        If a pair refers to a feature that is not in its frame. A `ValueError`.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> from lindero.geo import overlap, totals
    >>> squares = [box(0, 0, 1, 1), box(0, 0, 1, 1)]
    >>> left = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=squares, crs="OGC:CRS84")
    >>> right = gpd.GeoDataFrame({"id": ["c"]}, geometry=[box(0, 0, 1, 2)], crs="OGC:CRS84")
    >>> result = totals(overlap(left, right), left, right)
    >>> round(result.gross_ha, -4), round(result.footprint_ha, -4)
    (2460000.0, 1230000.0)
    """
    base, cover = PolygonLayer.from_frame(right), PolygonLayer.from_frame(left)
    groups = _drop_redundant_pairs(base, cover, _group_pairs(pairs, base, cover, by="right_id"))
    ways: tuple[Way | None, ...] = (None, INWARD, OUTWARD) if with_range else (None,)
    covered_ha = [0.0] * len(ways)
    for chunk, bounds in _split_groups(base, cover, groups):
        for index, way in enumerate(ways):
            covered_ha[index] += _union_area_m2(base, cover, chunk, way, bounds) / M2_PER_HA
    footprint_ha, *moved_ha = covered_ha
    return Totals(
        pairs=len(pairs),
        left_features=int(pairs["left_id"].nunique()),
        right_features=int(pairs["right_id"].nunique()),
        gross_ha=float(pairs["area_ha"].sum()),
        footprint_ha=footprint_ha,
        certain_ha=min(moved_ha[0], footprint_ha) if moved_ha else None,
        possible_ha=max(moved_ha[1], footprint_ha) if moved_ha else None,
    )


def footprint(
    pairs: pd.DataFrame,
    left: gpd.GeoDataFrame | PolygonLayer,
    right: gpd.GeoDataFrame | PolygonLayer,
    *,
    by: Side = "right_id",
    with_range: bool = False,
) -> pd.DataFrame:
    """Compute the footprint of the pairs on every feature of one side: the area that the other side covers.

    Parameters
    ----------
    pairs
        Pairs with `left_id`, `right_id`, `area_ha` (hectares).
    left, right
        The frames of the overlap, or prepared layers, in any CRS.
    by
        The side with the features that are the rows of the result.
    with_range
        Also compute the footprint with all boundaries buffered inward and outward by their accuracies.

    Returns
    -------
    DataFrame
        Largest footprint first: `id`, `gross_ha` (sum over the pairs), `footprint_ha` (every place counted once),
        `share` (footprint divided by the feature's own area, 0 to 1). With a range also `certain_ha` and `possible_ha`.

    Raises
    ------
    FrameError
        If a pair refers to a feature that is not in its frame. A `ValueError`.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> from lindero.geo import footprint, overlap
    >>> squares = [box(0, 0, 1, 1), box(0, 0, 1, 1)]
    >>> left = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=squares, crs="OGC:CRS84")
    >>> right = gpd.GeoDataFrame({"id": ["c"]}, geometry=[box(0, 0, 1, 2)], crs="OGC:CRS84")
    >>> footprint(overlap(left, right), left, right)["share"].round(2).tolist()
    [0.5]
    """
    base, cover = (PolygonLayer.from_frame(frame) for frame in ((right, left) if by == "right_id" else (left, right)))
    groups = _group_pairs(pairs, base, cover, by=by)
    ids, covered_m2 = base.ids.iloc[groups.base_positions], covered_area_m2(base, cover, groups)
    table = pd.DataFrame(
        {
            "id": ids.reset_index(drop=True),
            "gross_ha": groups.gross_m2 / M2_PER_HA,
            "footprint_ha": covered_m2 / M2_PER_HA,
            **(_ranges_ha(base, cover, groups, covered_m2) if with_range else {}),
            "share": np.minimum(covered_m2 / base.area_m2[groups.base_positions], 1.0),
        }
    )
    return table.sort_values(["footprint_ha", "id"], ascending=[False, True], ignore_index=True, kind="stable")


def _group_pairs(pairs: pd.DataFrame, base: PolygonLayer, cover: PolygonLayer, *, by: Side) -> Groups:
    """Group the pairs by the features of `base`."""
    cover_column = "left_id" if by == "right_id" else "right_id"
    at_base, at_cover = base.positions(pairs[by]), cover.positions(pairs[cover_column])
    unknown = int(((at_base < 0) | (at_cover < 0)).sum())
    if unknown:
        raise FrameError(N_("{count} pairs refer to features that are not in the frames"), count=unknown)
    return Groups.from_pairs(at_base, at_cover, pairs["area_ha"].to_numpy(dtype=float) * M2_PER_HA)


def _drop_redundant_pairs(base: PolygonLayer, cover: PolygonLayer, groups: Groups) -> Groups:
    """Drop pairs that add no ground to a total, as drawn or with buffered boundaries.

    A feature deep inside a feature of the other layer shares all its ground with it. Its other pairs add nothing.
    """
    if not numba_jit.HAS_NUMBA:
        return groups
    from lindero.geo.kernels.pair_union import find_enclosed_pairs  # needs numba

    sides = (base, groups.base_of_members), (cover, groups.members)
    kept = np.arange(len(groups.members))
    for (outer, at_outer), (inner, at_inner) in (sides, sides[::-1]):
        pair_outer, pair_inner = at_outer[kept], at_inner[kept]
        height = np.abs(inner.outlines.bounds[pair_inner, 1::2]).max(axis=1)
        reach = _buffer_reach(outer.accuracy_m[pair_outer], inner.accuracy_m[pair_inner], height)
        enclosed = np.flatnonzero(find_enclosed_pairs(outer.trees, inner.trees, pair_outer, pair_inner, reach))
        enclosed = enclosed[np.argsort(outer.area_m2[pair_outer[enclosed]], kind="stable")]
        chosen = np.full(len(inner.ids), -1)
        chosen[pair_inner[enclosed]] = enclosed  # the pair with the largest outer feature is written last
        chosen = chosen[pair_inner]
        kept = kept[(chosen < 0) | (chosen == np.arange(len(kept)))]
    return Groups.from_pairs(groups.base_of_members[kept], groups.members[kept], groups.shared_m2[kept])


def _buffer_reach(base_accuracy_m: Floats, cover_accuracy_m: Floats, height: Floats) -> Floats:
    """Return how far buffered boundaries reach, in plane units, where y is at most `height` from 0."""
    reach_m = _SLACK * np.maximum(base_accuracy_m, cover_accuracy_m)
    return reach_m * plane_per_m(height + _SLACK * reach_m)


def _split_groups(base: PolygonLayer, cover: PolygonLayer, groups: Groups) -> Iterator[tuple[Groups, Floats | None]]:
    """Split many pairs by cells of the plane, so that memory does not grow with their number.

    A cell has every pair that may share area in it, also after both boundaries are buffered by their accuracy.
    """
    if len(groups.members) <= PAIRS_A_PART or not numba_jit.HAS_NUMBA:
        yield groups, None
        return
    from lindero.geo.kernels.pair_union import pair_boxes, split_into_cells  # needs numba

    at_base = groups.base_of_members
    boxes = pair_boxes(base.trees, cover.trees, at_base, groups.members)
    height = np.abs(boxes[:, 2:]).max(axis=1)
    reach = _buffer_reach(base.accuracy_m[at_base], cover.accuracy_m[groups.members], height)
    boxes += reach[:, None] * np.array([-1.0, 1.0, -1.0, 1.0])
    is_across = (boxes[:, 0] < -EDGE) | (
        boxes[:, 1] > EDGE
    )  # a boundary that moves across the antimeridian reappears on the other side
    boxes[is_across, :2] = -np.inf, np.inf
    for cell in split_into_cells(boxes, max_pairs=PAIRS_A_PART):
        rows = np.sort(cell.pairs)
        yield Groups.from_pairs(at_base[rows], groups.members[rows], groups.shared_m2[rows]), cell.box


def _union_area_m2(
    base: PolygonLayer, cover: PolygonLayer, groups: Groups, direction: Way | None, bounds: Floats | None
) -> float:
    """Compute the area of the union of all intersections within a box, as drawn or with buffered boundaries."""
    if direction is not None:
        base, cover, groups, _ = BufferedGroups.from_groups(base, cover, groups, direction)
    if not numba_jit.HAS_NUMBA:
        shared = intersect_pairs(base.shapes[groups.base_positions], groups.dissolve_members(cover))
        return float(shapely.area(shapely.union_all(shared)))
    from lindero.geo.kernels.pair_union import union_area  # needs numba

    return union_area(base.trees, cover.trees, groups.base_of_members, groups.members, bounds)


def _ranges_ha(base: PolygonLayer, cover: PolygonLayer, groups: Groups, covered_m2: Floats) -> dict[str, Floats]:
    """Compute the footprint of each group with all boundaries buffered inward and outward."""
    smallest_m2, largest_m2 = (
        buffered_covered_area_m2(base, cover, groups, direction) for direction in (INWARD, OUTWARD)
    )
    return {
        "certain_ha": np.minimum(smallest_m2, covered_m2) / M2_PER_HA,
        "possible_ha": np.maximum(largest_m2, covered_m2) / M2_PER_HA,
    }


# Ground that polygons cover, counted once and split by places, so that overlaps with it can be measured by place.
#
# Dissolving draws few vertices where the polygons are simple, as concessions are. The land below them, whatever its
# outline, is not cut.


def dissolve(polygons: gpd.GeoDataFrame) -> Geometries:
    """Dissolve polygons into parts that do not overlap.

    `polygons`: frame of valid polygons with a unique `id`, in any CRS.
    """
    shapes = PolygonLayer.from_frame(polygons).shapes
    if not len(shapes):
        return shapes
    neighbours = shapes[np.argsort(gpd.GeoSeries(shapes).hilbert_distance().to_numpy(), kind="stable")]
    dissolved = map_chunks(lambda chunk: _dissolve_shapes(neighbours[chunk]), len(shapes), chunk=_NEIGHBOURS)
    return _dissolve_shapes(np.concatenate(dissolved))


def _dissolve_shapes(shapes: Geometries) -> Geometries:
    return np.asarray(shapely.get_parts(shapely.disjoint_subset_union_all(shapes)))


def split_by_places(ground: Geometries, *kinds: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Split polygons by the places of one or more layers, one layer after the other.

    Parts outside all places of a layer are dropped. A part inside several places appears once for each of them.

    `kinds`: frames of valid polygons with a unique `id`, in any CRS. Returns: the parts in spatial order: `id` (a
    number as text), `in_0`, `in_1`, … (the `id` of the place of each layer), `geometry` in OGC:CRS84.
    """
    shapes, attributes = ground, pd.DataFrame(index=range(len(ground)))
    for place_index, places in enumerate(kinds):
        layer = PolygonLayer.from_frame(places)
        at_shape, at_place = shapely.STRtree(layer.shapes).query(shapes, predicate="intersects")
        shapes = intersect_pairs(shapes[at_shape], layer.shapes[at_place])
        attributes = attributes.iloc[at_shape].assign(**{f"in_{place_index}": layer.ids.iloc[at_place].to_numpy()})
    polygons, owner = extract_polygons(shapes)
    parts, polygon = extract_polygons(shapely.set_precision(polygons, GRID_M))
    has_area = shapely.area(parts) > 0
    shapes, attributes = shapely.transform(parts[has_area], unproject), attributes.iloc[owner[polygon[has_area]]]
    if len(shapes):
        order = np.argsort(gpd.GeoSeries(shapes).hilbert_distance().to_numpy(), kind="stable")
        shapes, attributes = shapes[order], attributes.iloc[order]
    return gpd.GeoDataFrame(
        attributes.assign(id=[str(number) for number in range(len(shapes))]), geometry=shapes, crs=DEGREES
    )
