"""
How much of each polygon others cover, ground counted once.

The areas of pairs, where covers do not overlap; where they do, the areas shared with the trapezoids that they make.
"""

from typing import NamedTuple

import numpy as np

from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.geometry.rings import Rings
from lindero.geo.kernels.chain_tree import HIGH_X, HIGH_Y, LOW_X, LOW_Y, ChainTrees, chain_trees
from lindero.geo.kernels.numba_jit import compiled
from lindero.geo.kernels.shared_area import measure_pairs
from lindero.geo.kernels.sweep_line import (
    Edges,
    edges_within,
    height_at,
    in_order,
    keep_active,
    room_for,
    spans_of,
    stops_of,
)
from lindero.machine.threads import shared_by_weight

GROUPS = 512  # that a thread takes at a time, at most
MEMBERS = 3_000  # that these have, about: a park may have thousands of titles, and a village two
CORNERS = 5  # of the ring of a trapezoid, the first again at its end

_IN_A_STRIP = 512  # edges, or so


def covered_areas(  # noqa: PLR0917  groups, taken apart
    own: ChainTrees, other: ChainTrees, at: Ints, starts: Ints, members: Ints, shared: Floats
) -> Floats:
    """
    Measure what the members of each group (positions in `other`) cover of the group's polygon (position in `own`).

    Arguments as in `geo.overlay.intersection.Groups`. In the square of the unit of the coordinates, as `shared` is; as
    exact as the areas of pairs.
    """
    areas = np.empty(len(at))

    def measure(chunk: slice) -> None:
        some = starts[chunk.start : chunk.stop + 1]
        within = slice(some[0], some[-1])
        areas[chunk] = _cover(own, other, at[chunk], some - some[0], members[within], shared[within])

    shared_by_weight(measure, np.diff(starts), features=GROUPS, most=MEMBERS)
    return areas


def _cover(  # noqa: PLR0917
    own: ChainTrees, other: ChainTrees, at: Ints, starts: Ints, members: Ints, shared: Floats
) -> Floats:
    group = np.repeat(np.arange(len(at)), np.diff(starts))
    found = clusters(own, other, at, starts, members)
    alone = found.size == 1
    areas = np.zeros(len(at))
    np.add.at(areas, group[alone], shared[alone])

    bundled = np.flatnonzero(~alone)
    bundled = bundled[np.lexsort((found.cluster[bundled], group[bundled]))]
    first = np.searchsorted(group[bundled], np.arange(len(at) + 1))
    pieces = covered(own, other, at, first, members[bundled], found.cluster[bundled])
    some = np.flatnonzero(np.diff(pieces.first))
    rings = np.arange(len(pieces.x) // CORNERS + 1) * CORNERS
    first = np.append(pieces.first[some], pieces.first[-1])
    trees = chain_trees(Rings(pieces.x, pieces.y, rings, first, np.zeros(len(rings) - 1, dtype=bool)))
    covered_by_bundles = np.empty(len(some))
    measure_pairs(own, trees, at[some], np.arange(len(some)), covered_by_bundles)
    areas[some] += covered_by_bundles
    return areas


# The ground that several polygons cover together, cut into upright trapezoids that do not overlap: no union is built.
#
# Between two stops of the line (`geo.kernels.sweep_line`), what lies between the first entry and the last exit is
# covered, and counts once. Where the same two edges bound it from stop to stop, it stays one trapezoid. (The vertical
# decomposition of de Berg et al., "Computational Geometry", 2008, chapter 6, of the union.)


class Trapezoids(NamedTuple):
    """Trapezoids as rings that run counterclockwise."""

    x: Floats  # (CORNERS · trapezoids)
    y: Floats
    first: Ints  # (groups + 1): which trapezoids each group has


class Alone(NamedTuple):
    """Groups of polygons, and which of them share no box with another of their group."""

    cluster: Ints  # (members): which of the clusters of its group each belongs to, by one of its members
    size: Ints  # (members): how many belong to that cluster


@compiled
def clusters(own: ChainTrees, other: ChainTrees, at: Ints, starts: Ints, members: Ints) -> Alone:
    """
    Bundle the members of each group whose boxes overlap within the box of the group's own polygon.

    Parameters
    ----------
    at
        (groups): positions in `own`.
    starts
        (groups + 1): where in `members` each group begins.
    members
        Positions in `other`.
    """
    parent = np.arange(len(members))
    for group in range(len(at)):
        around = own.box[own.root[at[group]]]
        begin, end = starts[group], starts[group + 1]
        west = np.empty(end - begin)
        for i in range(begin, end):
            west[i - begin] = other.box[other.root[members[i]], LOW_X]
        order = np.argsort(west) + begin
        for k in range(len(order)):
            one = other.box[other.root[members[order[k]]]]
            for m in range(k + 1, len(order)):
                two = other.box[other.root[members[order[m]]]]
                low, high = max(two[LOW_X], around[LOW_X]), min(one[HIGH_X], around[HIGH_X])
                if two[LOW_X] >= high:
                    break
                bottom = max(one[LOW_Y], two[LOW_Y], around[LOW_Y])
                top = min(one[HIGH_Y], two[HIGH_Y], around[HIGH_Y])
                if low < min(high, two[HIGH_X]) and bottom < top:
                    parent[_top(parent, order[k])] = _top(parent, order[m])
    size = np.zeros(len(members), np.int64)
    for i in range(len(members)):
        parent[i] = _top(parent, i)
        size[parent[i]] += 1
    return Alone(parent, size[parent])


@compiled
def _top(parent: Ints, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@compiled
def covered(  # noqa: PLR0917  compiled code knows no keywords
    own: ChainTrees, other: ChainTrees, at: Ints, starts: Ints, members: Ints, cluster: Ints
) -> Trapezoids:
    """
    Cut what the members of each cluster cover together, within the box of their group's own polygon, into trapezoids.

    Parameters
    ----------
    at, starts, members, cluster
        As `clusters` takes and gives them; the members of a cluster stand together.
    """
    edges = room_for(64)
    x, y, count = np.empty(64 * CORNERS), np.empty(64 * CORNERS), 0
    first = np.zeros(len(at) + 1, np.int64)
    strip = np.empty(4)
    for group in range(len(at)):
        around = own.box[own.root[at[group]]]
        begin = starts[group]
        while begin < starts[group + 1]:
            end = begin + 1
            while end < starts[group + 1] and cluster[end] == cluster[begin]:
                end += 1
            strips = 1
            edges, known = edges_within(around, other, members[begin:end], other, members[:0], edges)
            if known > _IN_A_STRIP:
                strips = int(np.sqrt(known / _IN_A_STRIP)) + 1
            for k in range(strips):
                if strips > 1:
                    strip[:] = around
                    strip[LOW_Y] = around[LOW_Y] + (around[HIGH_Y] - around[LOW_Y]) * (k / strips)
                    strip[HIGH_Y] = around[LOW_Y] + (around[HIGH_Y] - around[LOW_Y]) * ((k + 1) / strips)
                    edges, known = edges_within(strip, other, members[begin:end], other, members[:0], edges)
                x, y, count = _sweep(in_order(edges, known), x, y, count)
            begin = end
        first[group + 1] = count
    return Trapezoids(x[: CORNERS * count].copy(), y[: CORNERS * count].copy(), first)


@compiled
def _sweep(edges: Edges, x: Floats, y: Floats, count: int) -> tuple[Floats, Floats, int]:
    """Add the trapezoids that edges in order enclose."""
    known, stops = len(edges.left), stops_of(edges)
    active, height, alive, entered = np.empty(known, np.int64), np.empty(known), 0, 0
    spans = np.empty((known, 2), np.int64)
    top, since, until = np.full(known, -1), np.empty(known), np.empty(known)  # by the edge below
    for stop in range(len(stops) - 1):
        left, right = stops[stop], stops[stop + 1]
        alive, entered = keep_active(edges, active, height, alive, entered, left, right)
        for k in range(spans_of(edges, active[:alive], 1, left, right, 0.0, spans)):
            below, above = spans[k]
            if top[below] != above or until[below] != left:
                if top[below] >= 0:
                    x, y, count = _emit(edges, below, top[below], since[below], until[below], x, y, count)
                top[below], since[below] = above, left
            until[below] = right
    for edge in range(known):
        if top[edge] >= 0:
            x, y, count = _emit(edges, edge, top[edge], since[edge], until[edge], x, y, count)
    return x, y, count


@compiled
def _emit(  # noqa: PLR0917
    edges: Edges, bottom: int, top: int, left: float, right: float, x: Floats, y: Floats, count: int
) -> tuple[Floats, Floats, int]:
    at = CORNERS * count
    if at == len(x):
        x, y = np.concatenate((x, np.empty(at))), np.concatenate((y, np.empty(at)))
    x[at], x[at + 1], x[at + 2], x[at + 3], x[at + 4] = left, right, right, left, left
    y[at], y[at + 1] = height_at(edges, bottom, left), height_at(edges, bottom, right)
    y[at + 2], y[at + 3] = height_at(edges, top, right), height_at(edges, top, left)
    y[at + 4] = y[at]
    return x, y, count + 1
