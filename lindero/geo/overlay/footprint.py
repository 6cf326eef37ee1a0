"""Shared ground counted once, however many pairs lie on it."""

from collections.abc import Iterator
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.errors import N_, FrameError
from lindero.geo.geometry.crs import DEGREES
from lindero.geo.geometry.projection import Floats, Geometries, polygons_of, unproject
from lindero.geo.geometry.scale_factor import plane_per_m
from lindero.geo.geometry.units import M2_PER_HA
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay.accuracy_buffers import EDGE, IN, OUT, MovedGroups, Way, covered_moved_m2
from lindero.geo.overlay.intersection import Groups, covered_area_m2, let_go, shared_ground
from lindero.geo.overlay.prepared_layer import Ground
from lindero.geo.overlay.totals import Totals
from lindero.machine.threads import shared_out

Side = Literal["left_id", "right_id"]
PAIRS_A_PART = 100_000  # whose ground is measured in one go, about
_SLACK = 1.1  # of an accuracy: moved outlines are thinned, too
_NEIGHBOURS = 2_000  # polygons that a thread unites, before all that comes of it is united
GRID_M = 1e-4  # corners are laid on it: closer ones would fall together, or change sides, on their way to degrees


def totals(
    pairs: pd.DataFrame,
    left: gpd.GeoDataFrame | Ground,
    right: gpd.GeoDataFrame | Ground,
    *,
    with_range: bool = False,
) -> Totals:
    """
    Sum up the pairs that `overlap(left, right)` gave, or any selection of them.

    Parameters
    ----------
    pairs
        With `left_id`, `right_id`, `area_ha`.
    left, right
        The frames that were laid over each other.
    with_range
        Also measure the footprint with all boundaries drawn in, and drawn out.

    Raises
    ------
    FrameError
        If a pair names a feature that is not in its frame. A `ValueError`.
    """
    own, other = Ground.of(right), Ground.of(left)
    groups = _partners(pairs, own, other, by="right_id")
    ways: tuple[Way | None, ...] = (None, IN, OUT) if with_range else (None,)
    covered_ha = [0.0] * len(ways)
    for some, within in _parts(own, other, groups):
        for at, way in enumerate(ways):
            covered_ha[at] += _moved_union_m2(own, other, some, way, within) / M2_PER_HA
        let_go(own, other)
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
    left: gpd.GeoDataFrame | Ground,
    right: gpd.GeoDataFrame | Ground,
    *,
    by: Side = "right_id",
    with_range: bool = False,
) -> pd.DataFrame:
    """
    Count, for every feature of one side, the ground that the other side covers: once, however many lie on it.

    Parameters
    ----------
    pairs, left, right
        As for `totals`.
    by
        Which side's features the rows are.
    with_range
        As for `totals`, of each feature.

    Returns
    -------
    DataFrame
        `id`, `gross_ha` (the pairs added up), `footprint_ha` (ground counted once), `share` (footprint of the feature's
        own area, 0 to 1), and with a range `certain_ha`, `possible_ha`; the largest footprint first.
    """
    own, other = (Ground.of(frame) for frame in ((right, left) if by == "right_id" else (left, right)))
    groups = _partners(pairs, own, other, by=by)
    ids, covered_m2 = own.ids.iloc[groups.own], covered_area_m2(own, other, groups)
    table = pd.DataFrame(
        {
            "id": ids.reset_index(drop=True),
            "gross_ha": groups.gross_m2 / M2_PER_HA,
            "footprint_ha": covered_m2 / M2_PER_HA,
            **(_ranges_ha(own, other, groups, covered_m2) if with_range else {}),
            "share": np.minimum(covered_m2 / own.area_m2[groups.own], 1.0),
        }
    )
    return table.sort_values(["footprint_ha", "id"], ascending=[False, True], ignore_index=True, kind="stable")


def _partners(pairs: pd.DataFrame, own: Ground, other: Ground, *, by: Side) -> Groups:
    """Find, for each feature of `own` that is in `pairs`, what it is paired with."""
    other_by = "left_id" if by == "right_id" else "right_id"
    at_own, at_other = own.positions(pairs[by]), other.positions(pairs[other_by])
    unknown = int(((at_own < 0) | (at_other < 0)).sum())
    if unknown:
        raise FrameError(N_("{count} pairs name features that are not in the frames"), count=unknown)
    return Groups.of(at_own, at_other, pairs["area_ha"].to_numpy(dtype=float) * M2_PER_HA)


def _parts(own: Ground, other: Ground, groups: Groups) -> Iterator[tuple[Groups, Floats | None]]:
    """
    Split many pairs by cells of the plane, so that memory does not grow with their number.

    A cell has every pair whose ground may lie in it, also with both boundaries moved by their accuracy.
    """
    if len(groups.members) <= PAIRS_A_PART or not numba_jit.AVAILABLE:
        yield groups, None
        return
    from lindero.geo.kernels.pair_union import cut_into_cells, pair_boxes  # needs numba

    at_own = np.repeat(groups.own, np.diff(groups.starts))
    boxes = pair_boxes(own.trees, other.trees, at_own, groups.members)
    reach_m = _SLACK * np.maximum(own.accuracy_m[at_own], other.accuracy_m[groups.members])
    reach = reach_m * plane_per_m(np.abs(boxes[:, 2:]).max(axis=1) + _SLACK * reach_m)
    boxes += reach[:, None] * np.array([-1.0, 1.0, -1.0, 1.0])
    across = (boxes[:, 0] < -EDGE) | (boxes[:, 1] > EDGE)  # what moves across the antimeridian comes in on the far side
    boxes[across, :2] = -np.inf, np.inf
    for cell in cut_into_cells(boxes, most=PAIRS_A_PART):
        at = np.sort(cell.pairs)
        yield Groups.of(at_own[at], groups.members[at], groups.shared_m2[at]), cell.box


def _moved_union_m2(own: Ground, other: Ground, groups: Groups, way: Way | None, within: Floats | None) -> float:
    """Measure the union of what all pairs share, as drawn or with all boundaries moved, within a box of the plane."""
    if way is not None:
        own, other, groups, _ = MovedGroups.of(own, other, groups, way)
    if not numba_jit.AVAILABLE:
        shared = shared_ground(own.drawn(groups.own), groups.united(other))
        return float(shapely.area(shapely.union_all(shared)))
    from lindero.geo.kernels.pair_union import union_area  # needs numba

    return union_area(own.trees, other.trees, np.repeat(groups.own, np.diff(groups.starts)), groups.members, within)


def _ranges_ha(own: Ground, other: Ground, groups: Groups, covered_m2: Floats) -> dict[str, Floats]:
    """Measure the footprint of each group with all boundaries drawn in, and drawn out."""
    least, most = (covered_moved_m2(own, other, groups, way) for way in (IN, OUT))
    return {
        "certain_ha": np.minimum(least, covered_m2) / M2_PER_HA,
        "possible_ha": np.maximum(most, covered_m2) / M2_PER_HA,
    }


# The ground that polygons cover, counted once and cut by places, so that what lies on it can be measured by place.
#
# Few corners are drawn where the polygons are simple, as titles are; what they lie on, whatever its outline, is not
# cut.


def united(polygons: gpd.GeoDataFrame) -> Geometries:
    """Draw the ground that polygons (`id`) cover together, in parts that share none, on the equal-area plane."""
    shapes = Ground.of(polygons).shapes
    if not len(shapes):
        return shapes
    neighbours = shapes[np.argsort(gpd.GeoSeries(shapes).hilbert_distance().to_numpy(), kind="stable")]
    parts = shared_out(lambda some: _united(neighbours[some]), len(shapes), chunk=_NEIGHBOURS)
    return _united(np.concatenate(parts))


def _united(shapes: Geometries) -> Geometries:
    return np.asarray(shapely.get_parts(shapely.disjoint_subset_union_all(shapes)))


def cut(ground: Geometries, *kinds: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Cut polygons on the equal-area plane by places of one kind, or of several one after the other.

    Parameters
    ----------
    kinds
        Places (`id`, valid polygons). What lies in no place of a kind is left out; what lies in several, is there for
        each.

    Returns
    -------
    GeoDataFrame
        The pieces, neighbours together: `id` (a number), `in_0`, `in_1`, … (the `id` of the place of each kind),
        `geometry` in OGC:CRS84.
    """
    shapes, attributes = ground, pd.DataFrame(index=range(len(ground)))
    for kind, places in enumerate(kinds):
        over = Ground.of(places)
        at_shape, at_place = shapely.STRtree(over.shapes).query(shapes, predicate="intersects")
        shapes = shared_ground(shapes[at_shape], over.shapes[at_place])
        attributes = attributes.iloc[at_shape].assign(**{f"in_{kind}": over.ids.iloc[at_place].to_numpy()})
    polygons, owner = polygons_of(shapes)
    parts, polygon = polygons_of(shapely.set_precision(polygons, GRID_M))
    thick = shapely.area(parts) > 0
    shapes, attributes = shapely.transform(parts[thick], unproject), attributes.iloc[owner[polygon[thick]]]
    if len(shapes):
        along = np.argsort(gpd.GeoSeries(shapes).hilbert_distance().to_numpy(), kind="stable")
        shapes, attributes = shapes[along], attributes.iloc[along]
    return gpd.GeoDataFrame(
        attributes.assign(id=[str(number) for number in range(len(shapes))]), geometry=shapes, crs=DEGREES
    )
