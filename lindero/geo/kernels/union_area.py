"""The area of each polygon that other polygons cover, with overlaps between these counted once.

Where the covering polygons do not overlap, the areas of pairs are added. Where they do, their union is cut into
trapezoids, and the areas shared with the trapezoids are added.
"""

from typing import NamedTuple

import numpy as np

from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.geometry.rings import Rings
from lindero.geo.kernels.chain_tree import HIGH_X, HIGH_Y, LOW_X, LOW_Y, ChainTrees, build_chain_trees
from lindero.geo.kernels.numba_jit import jit
from lindero.geo.kernels.shared_area import measure_pairs
from lindero.geo.kernels.sweep_line import (
    Edges,
    allocate_edges,
    collect_edges,
    edge_height,
    find_spans,
    find_stops,
    sort_edges,
    update_active,
)
from lindero.machine.threads import map_weighted_chunks

GROUPS = 512  # maximum groups per thread task
MEMBERS = 3_000  # approximate maximum members per thread task: a park may have thousands of concessions, a village two
VERTICES = 5  # vertices of a trapezoid's ring, the first one repeated at its end

_EDGES_PER_STRIP = 512  # approximate edges per strip


def covered_areas(  # noqa: PLR0917  the fields of Groups
    base: ChainTrees, cover: ChainTrees, positions: Ints, starts: Ints, members: Ints, shared: Floats
) -> Floats:
    """Compute the area that the members of each group (positions in `cover`) cover of the group's polygon (in `base`).

    The arguments are those of `geo.overlay.intersection.Groups`. The unit is the square of the unit of the coordinates,
    as that of `shared`. The areas are as exact as the areas of pairs.
    """
    areas = np.empty(len(positions))

    def measure(chunk: slice) -> None:
        offsets = starts[chunk.start : chunk.stop + 1]
        member_slice = slice(offsets[0], offsets[-1])
        areas[chunk] = _measure_cover(
            base, cover, positions[chunk], offsets - offsets[0], members[member_slice], shared[member_slice]
        )

    map_weighted_chunks(measure, np.diff(starts), max_features=GROUPS, max_weight=MEMBERS)
    return areas


def _measure_cover(  # noqa: PLR0917
    base: ChainTrees, cover: ChainTrees, positions: Ints, starts: Ints, members: Ints, shared: Floats
) -> Floats:
    group = np.repeat(np.arange(len(positions)), np.diff(starts))
    grouping = find_clusters(base, cover, positions, starts, members)
    is_alone = grouping.size == 1
    areas = np.zeros(len(positions))
    np.add.at(areas, group[is_alone], shared[is_alone])

    bundled = np.flatnonzero(~is_alone)
    bundled = bundled[np.lexsort((grouping.cluster[bundled], group[bundled]))]
    first = np.searchsorted(group[bundled], np.arange(len(positions) + 1))
    pieces = cut_trapezoids(base, cover, positions, first, members[bundled], grouping.cluster[bundled])
    nonempty = np.flatnonzero(np.diff(pieces.first))
    rings = np.arange(len(pieces.x) // VERTICES + 1) * VERTICES
    first = np.append(pieces.first[nonempty], pieces.first[-1])
    trees = build_chain_trees(Rings(pieces.x, pieces.y, rings, first, np.zeros(len(rings) - 1, dtype=bool)))
    covered_by_bundles = np.empty(len(nonempty))
    measure_pairs(base, trees, positions[nonempty], np.arange(len(nonempty)), covered_by_bundles)
    areas[nonempty] += covered_by_bundles
    return areas


# The union of several polygons, cut into upright trapezoids that do not overlap. The union itself is not built.
#
# Between two stops of the sweep line (`geo.kernels.sweep_line`), the ground from the first entry to the last exit
# is covered, and counts once. While the same two edges bound it from stop to stop, it stays one trapezoid. (The
# vertical decomposition of the union, after de Berg et al., "Computational Geometry", 2008, chapter 6.)


class Trapezoids(NamedTuple):
    """Trapezoids as rings that run counterclockwise."""

    x: Floats  # (VERTICES · trapezoids)
    y: Floats
    first: Ints  # (groups + 1): offset of each group's trapezoids


class Clusters(NamedTuple):
    """The clusters of group members with bounding boxes that overlap."""

    cluster: Ints  # (members): the cluster of each member in its group, named by one of the cluster's members
    size: Ints  # (members): number of members in that cluster


@jit
def find_clusters(base: ChainTrees, cover: ChainTrees, positions: Ints, starts: Ints, members: Ints) -> Clusters:
    """Cluster the members of each group with boxes that overlap within the box of the group's own polygon.

    `positions`: positions in `base`. `starts`: offsets of the groups in `members`. `members`: positions in `cover`.
    """
    parent = np.arange(len(members))
    for group in range(len(positions)):
        base_box = base.box[base.root[positions[group]]]
        begin, end = starts[group], starts[group + 1]
        west = np.empty(end - begin)
        for i in range(begin, end):
            west[i - begin] = cover.box[cover.root[members[i]], LOW_X]
        order = np.argsort(west) + begin
        for k in range(len(order)):
            first_box = cover.box[cover.root[members[order[k]]]]
            for m in range(k + 1, len(order)):
                second_box = cover.box[cover.root[members[order[m]]]]
                low, high = max(second_box[LOW_X], base_box[LOW_X]), min(first_box[HIGH_X], base_box[HIGH_X])
                if second_box[LOW_X] >= high:
                    break
                bottom = max(first_box[LOW_Y], second_box[LOW_Y], base_box[LOW_Y])
                top = min(first_box[HIGH_Y], second_box[HIGH_Y], base_box[HIGH_Y])
                if low < min(high, second_box[HIGH_X]) and bottom < top:
                    parent[_find_root(parent, order[k])] = _find_root(parent, order[m])
    size = np.zeros(len(members), np.int64)
    for i in range(len(members)):
        parent[i] = _find_root(parent, i)
        size[parent[i]] += 1
    return Clusters(parent, size[parent])


@jit
def _find_root(parent: Ints, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@jit
def cut_trapezoids(  # noqa: PLR0917  compiled code knows no keywords
    base: ChainTrees, cover: ChainTrees, positions: Ints, starts: Ints, members: Ints, cluster: Ints
) -> Trapezoids:
    """Cut the union of each cluster's members into trapezoids, within the box of the group's own polygon.

    `base`, `cover`, `positions`, `starts`, `members`, `cluster`: the arguments and the result of `find_clusters`. The
    members of a cluster are consecutive.
    """
    edges = allocate_edges(64)
    x, y, count = np.empty(64 * VERTICES), np.empty(64 * VERTICES), 0
    first = np.zeros(len(positions) + 1, np.int64)
    strip = np.empty(4)
    for group in range(len(positions)):
        base_box = base.box[base.root[positions[group]]]
        begin = starts[group]
        while begin < starts[group + 1]:
            end = begin + 1
            while end < starts[group + 1] and cluster[end] == cluster[begin]:
                end += 1
            strips = 1
            edges, edge_count = collect_edges(base_box, cover, members[begin:end], cover, members[:0], edges)
            if edge_count > _EDGES_PER_STRIP:
                strips = int(np.sqrt(edge_count / _EDGES_PER_STRIP)) + 1
            for k in range(strips):
                if strips > 1:
                    strip[:] = base_box
                    strip[LOW_Y] = base_box[LOW_Y] + (base_box[HIGH_Y] - base_box[LOW_Y]) * (k / strips)
                    strip[HIGH_Y] = base_box[LOW_Y] + (base_box[HIGH_Y] - base_box[LOW_Y]) * ((k + 1) / strips)
                    edges, edge_count = collect_edges(strip, cover, members[begin:end], cover, members[:0], edges)
                x, y, count = _sweep_trapezoids(sort_edges(edges, edge_count), x, y, count)
            begin = end
        first[group + 1] = count
    return Trapezoids(x[: VERTICES * count].copy(), y[: VERTICES * count].copy(), first)


@jit
def _sweep_trapezoids(edges: Edges, x: Floats, y: Floats, count: int) -> tuple[Floats, Floats, int]:
    """Append the trapezoids that sorted edges enclose."""
    edge_count, stops = len(edges.left), find_stops(edges)
    active, height, alive, entered = np.empty(edge_count, np.int64), np.empty(edge_count), 0, 0
    spans = np.empty((edge_count, 2), np.int64)
    top, since, until = np.full(edge_count, -1), np.empty(edge_count), np.empty(edge_count)  # indexed by lower edge
    for stop in range(len(stops) - 1):
        left, right = stops[stop], stops[stop + 1]
        alive, entered = update_active(edges, active, height, alive, entered, left, right)
        for k in range(find_spans(edges, active[:alive], 1, left, right, 0.0, spans)):
            below, above = spans[k]
            if top[below] != above or until[below] != left:
                if top[below] >= 0:
                    x, y, count = _append_trapezoid(edges, below, top[below], since[below], until[below], x, y, count)
                top[below], since[below] = above, left
            until[below] = right
    for edge in range(edge_count):
        if top[edge] >= 0:
            x, y, count = _append_trapezoid(edges, edge, top[edge], since[edge], until[edge], x, y, count)
    return x, y, count


@jit
def _append_trapezoid(  # noqa: PLR0917
    edges: Edges, bottom: int, top: int, left: float, right: float, x: Floats, y: Floats, count: int
) -> tuple[Floats, Floats, int]:
    offset = VERTICES * count
    if offset == len(x):
        x, y = np.concatenate((x, np.empty(offset))), np.concatenate((y, np.empty(offset)))
    x[offset], x[offset + 1], x[offset + 2], x[offset + 3], x[offset + 4] = left, right, right, left, left
    y[offset], y[offset + 1] = edge_height(edges, bottom, left), edge_height(edges, bottom, right)
    y[offset + 2], y[offset + 3] = edge_height(edges, top, right), edge_height(edges, top, left)
    y[offset + 4] = y[offset]
    return x, y, count + 1
