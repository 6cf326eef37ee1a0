"""
A line that sweeps over the edges of polygons from left to right, and the order in which it meets them.

It stops wherever an edge begins, ends or crosses another; between two stops the edges keep their order. Going up the
line, an edge that runs to the right enters a polygon, and one that runs to the left leaves one (shells are
counterclockwise, holes clockwise). No topology is kept: if rounding puts two edges in the wrong order they are as close
as rounding, and so is the ground between them.

Room is made before a loop, never in it: numba counts who holds an array at every step of a loop that may replace it,
which took longer than the work.
"""

from typing import NamedTuple

import numpy as np

from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.kernels.chain_tree import HIGH_X, HIGH_Y, LOW_X, LOW_Y, ChainTrees
from lindero.geo.kernels.numba_jit import compiled, inlined

LID = 1 << 30  # a sign, turned round: more polygons than there are
FLOOR = 0  # a sign


class Edges(NamedTuple):
    """Edges of polygons within a box, the vertical ones left out, for they bound no ground from above or below."""

    left: Floats  # x where each begins
    at_left: Floats  # y there
    right: Floats  # x where it ends
    at_right: Floats  # y there
    slope: Floats
    sign: Ints  # 1 if it runs to the right in its polygon, -1 if it runs to the left
    polygon: Ints  # which of the polygons given it belongs to, those of `more` after those of `some`


@compiled
def room_for(count: int) -> Edges:
    """Make room for so many edges."""
    floats = np.empty((5, count))
    whole = np.empty((2, count), np.int64)
    return Edges(floats[0], floats[1], floats[2], floats[3], floats[4], whole[0], whole[1])


@compiled
def edges_within(  # noqa: PLR0917  compiled code knows no keywords
    box: Floats, one: ChainTrees, some: Ints, other: ChainTrees, more: Ints, edges: Edges
) -> tuple[Edges, int]:
    """
    Collect the edges of polygons that matter within a box.

    Parameters
    ----------
    some, more
        Positions of polygons in `one` and in `other`.
    edges
        Room for them; more is made if it does not do.

    Returns
    -------
    edges, count
        In no order; with a floor, below which nothing is told, and a lid, which leaves all polygons.
    """
    most = 2
    for polygon in some:
        most += _most_edges(one, one.root[polygon])
    for polygon in more:
        most += _most_edges(other, other.root[polygon])
    if most > len(edges.left):
        edges = room_for(2 * most)
    low, high, floor, lid = box[LOW_X], box[HIGH_X], box[LOW_Y], box[HIGH_Y]
    count = _add(edges, 0, low, floor, high, floor, low, high)
    count = _add(edges, count, low, lid, high, lid, low, high)
    edges.sign[0], edges.sign[1] = FLOOR, -LID
    edges.polygon[:2] = -1
    for k in range(len(some)):
        begun, count = count, _gather(one, one.root[some[k]], box, edges, count)
        edges.polygon[begun:count] = k
    for k in range(len(more)):
        begun, count = count, _gather(other, other.root[more[k]], box, edges, count)
        edges.polygon[begun:count] = len(some) + k
    return edges, count


@inlined
def _most_edges(trees: ChainTrees, root: int) -> int:
    """Bound the number of edges of a polygon, and of those that stand for its chains below a box."""
    return int(trees.last[root] - trees.first[root] + trees.skip[root] - root)


@compiled
def _gather(trees: ChainTrees, root: int, around: Floats, edges: Edges, count: int) -> int:
    """
    Add the edges of a polygon that matter within a box.

    What lies above the box does not matter, and what lies below it only by how often it is entered and left: chains
    below that go on from each other's end are one edge, somewhere below.
    """
    low, high, bottom, top = around[LOW_X], around[HIGH_X], around[LOW_Y], around[HIGH_Y]
    below = 2 * bottom - top
    begun, ended = 0.0, 0.0  # of the edge below
    node = root
    while node < trees.skip[root]:
        if trees.box[node, LOW_X] >= high or trees.box[node, HIGH_X] <= low or trees.box[node, LOW_Y] >= top:
            node = trees.skip[node]
        elif trees.box[node, HIGH_Y] <= bottom:
            if trees.start[node] != ended:
                count = _add(edges, count, begun, below, ended, below, low, high)
                begun = trees.start[node]
            ended = trees.end[node]
            node = trees.skip[node]
        else:
            if trees.skip[node] == node + 1:
                for i in range(trees.first[node], trees.last[node]):
                    count = _add(edges, count, trees.x[i], trees.y[i], trees.x[i + 1], trees.y[i + 1], low, high)
            node += 1
    return _add(edges, count, begun, below, ended, below, low, high)


@compiled
def _add(  # noqa: PLR0917
    edges: Edges, count: int, x0: float, y0: float, x1: float, y1: float, low: float, high: float
) -> int:
    """Add the stretch of an edge between two x, if there is any."""
    sign = 1
    if x1 < x0:
        x0, y0, x1, y1, sign = x1, y1, x0, y0, -1
    left, right = max(x0, low), min(x1, high)
    if left >= right:
        return count
    slope = (y1 - y0) / (x1 - x0)
    edges.left[count], edges.right[count] = left, right
    edges.at_left[count] = y0 if left == x0 else y0 + slope * (left - x0)
    edges.at_right[count] = y1 if right == x1 else y0 + slope * (right - x0)
    edges.slope[count], edges.sign[count] = slope, sign
    return count + 1


@compiled
def in_order(edges: Edges, count: int) -> Edges:
    """Put edges in the order in which the line meets them."""
    order = np.argsort(edges.left[:count])
    sorted_edges = room_for(count)
    for k in range(count):
        i = order[k]
        sorted_edges.left[k], sorted_edges.right[k] = edges.left[i], edges.right[i]
        sorted_edges.at_left[k], sorted_edges.at_right[k] = edges.at_left[i], edges.at_right[i]
        sorted_edges.slope[k], sorted_edges.sign[k] = edges.slope[i], edges.sign[i]
        sorted_edges.polygon[k] = edges.polygon[i]
    return sorted_edges


@compiled
def stops_of(edges: Edges) -> Floats:
    """Give every x where an edge begins, ends or crosses another, once, in order."""
    known = len(edges.left)
    ends = np.empty(3 * known)
    count = known + _crossings(edges, ends[known:])
    if count > len(ends):
        ends = np.empty(count)
        _crossings(edges, ends[known:])
    ends[:known] = edges.right
    ends = np.sort(ends[:count])
    stops = np.empty(known + count)
    return stops[: _merge(edges.left, ends, stops)]


@compiled
def _crossings(edges: Edges, found: Floats) -> int:
    """Write down where edges cross, as far as there is room, and count all."""
    left, known = edges.left, len(edges.left)
    low, top = np.minimum(edges.at_left, edges.at_right), np.maximum(edges.at_left, edges.at_right)
    level, count = np.empty(known, np.int64), 0
    for e in range(known):
        low_e, top_e, right_e = low[e], top[e], edges.right[e]
        levels, f = 0, e + 1
        while f < known and left[f] < right_e:  # no branch on heights, which no processor would guess right
            level[levels] = f
            levels += int((low[f] < top_e) & (top[f] > low_e))
            f += 1
        for k in range(levels):
            f = level[k]
            begin, end = left[f], min(right_e, edges.right[f])
            ahead = height_at(edges, e, begin) - edges.at_left[f]
            behind = height_at(edges, e, end) - height_at(edges, f, end)
            if (ahead < 0 < behind) or (behind < 0 < ahead):
                if count < len(found):
                    found[count] = begin + (end - begin) * (ahead / (ahead - behind))
                count += 1
    return count


@compiled
def _merge(one: Floats, other: Floats, merged: Floats) -> int:
    """Fill `merged` with the numbers of two rows, both in order, each number once, and count them."""
    count, last, k = 0, -np.inf, 0
    for number in one:
        while k < len(other) and other[k] < number:
            if other[k] > last:
                merged[count] = last = other[k]
                count += 1
            k += 1
        if number > last:
            merged[count] = last = number
            count += 1
    for number in other[k:]:
        if number > last:
            merged[count] = last = number
            count += 1
    return count


@inlined
def keep_active(  # noqa: PLR0917
    edges: Edges, active: Ints, height: Floats, alive: int, entered: int, left: float, right: float
) -> tuple[int, int]:
    """Drop the edges that have ended, take in those that begin, and put them in order, the lowest first."""
    middle = (left + right) / 2
    kept = 0
    for k in range(alive):
        if edges.right[active[k]] > left:
            _put(edges, active, height, kept, active[k], middle)
            kept += 1
    while entered < len(edges.left) and edges.left[entered] <= left:
        _put(edges, active, height, kept, entered, middle)
        kept, entered = kept + 1, entered + 1
    return kept, entered


@inlined
def _put(edges: Edges, active: Ints, height: Floats, kept: int, edge: int, x: float) -> None:  # noqa: PLR0917
    """Put an edge where it belongs among those that are in order already; mostly behind the last."""
    up, sign = edges.at_left[edge] + edges.slope[edge] * (x - edges.left[edge]), edges.sign[edge]
    at = kept
    while at > 0 and (height[at - 1] > up or (height[at - 1] == up and edges.sign[active[at - 1]] < sign)):
        height[at], active[at] = height[at - 1], active[at - 1]
        at -= 1
    height[at], active[at] = up, edge


@inlined
def height_at(edges: Edges, edge: int, x: float) -> float:
    """Give the height of an edge at x."""
    if x == edges.right[edge]:
        return float(edges.at_right[edge])
    return float(edges.at_left[edge] + edges.slope[edge] * (x - edges.left[edge]))


@inlined
def spans_of(  # noqa: PLR0917
    edges: Edges, active: Ints, least: int, left: float, right: float, thin: float, spans: Ints
) -> int:
    """
    Find the stretches of the line that are in at least so many polygons, between two stops.

    Parameters
    ----------
    active
        The edges between the stops, the lowest first.
    thin
        Stretches that are nowhere longer do not count.
    spans
        Filled with the edges below and above each stretch.
    """
    depth, floor = 0, 0
    while edges.sign[active[floor]] != FLOOR:
        depth += edges.sign[active[floor]]
        floor += 1
    count, bottom = 0, active[floor] if depth >= least else -1
    for edge in active[floor + 1 :]:
        depth += edges.sign[edge]
        if bottom < 0:
            bottom = edge if depth >= least else -1
        elif depth < least:
            at_left = height_at(edges, edge, left) - height_at(edges, bottom, left)
            at_right = height_at(edges, edge, right) - height_at(edges, bottom, right)
            if max(at_left, at_right) > thin:
                spans[count, 0], spans[count, 1] = bottom, edge
                count += 1
            bottom = -1
    return count
