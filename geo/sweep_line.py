"""
A line that sweeps over the edges of polygons from left to right, and the order in which it meets them.

It stops wherever an edge begins, ends or crosses another; between two stops the edges keep their order. Going up the
line, an edge that runs to the right enters a polygon, and one that runs to the left leaves one (shells are
counterclockwise, holes clockwise). No topology is kept: if rounding puts two edges in the wrong order they are as close
as rounding, and so is the ground between them.
"""

import numpy as np

from geo.chains import HIGH_X, HIGH_Y, LOW_X, LOW_Y, ChainTrees
from geo.compiled import compiled, inlined
from geo.plane import Floats, Ints

COLUMNS = 6  # of an edge: x and y at its left end, x and y at its right end, its slope, its sign (+1: to the right)
SIGN = 5

_ALL = 1e9  # polygons: more than there are
_FLOOR = 0.0  # a sign

Edge = tuple[float, float, float, float, float, float]


@compiled
def edges_within(  # noqa: PLR0917  compiled code knows no keywords
    box: Floats, one: ChainTrees, some: Ints, other: ChainTrees, more: Ints, edges: Floats
) -> tuple[Floats, int]:
    """
    Collect the edges of polygons that matter within a box, in the order in which the line meets them.

    Parameters
    ----------
    some, more
        Positions of polygons in `one` and in `other`.
    edges
        Room for them; more is made if it does not do.

    Returns
    -------
    edges, count
        Rows of `COLUMNS`; with a floor, below which nothing is told, and a lid, which leaves all polygons.
    """
    low, high, floor, lid = box[LOW_X], box[HIGH_X], box[LOW_Y], box[HIGH_Y]
    edges, count = _add_edge(edges, 0, (low, floor, high, floor, 0.0, _FLOOR))
    edges, count = _add_edge(edges, count, (low, lid, high, lid, 0.0, -_ALL))
    for polygon in some:
        edges, count = _gather(one, one.root[polygon], box, edges, count)
    for polygon in more:
        edges, count = _gather(other, other.root[polygon], box, edges, count)
    edges[:count] = edges[:count][np.argsort(edges[:count, 0])]
    return edges, count


@compiled
def _gather(trees: ChainTrees, root: int, around: Floats, edges: Floats, count: int) -> tuple[Floats, int]:
    """
    Add the edges of a polygon that matter within a box.

    What lies above the box does not matter, and what lies below it only by how often it is entered and left: chains
    below that go on from each other's end are one edge, somewhere below.
    """
    low, high, bottom = around[LOW_X], around[HIGH_X], around[LOW_Y]
    below = 2 * bottom - around[HIGH_Y]
    begun, ended = 0.0, 0.0  # of the edge below
    node = root
    while node < trees.skip[root]:
        box = trees.box[node]
        if box[LOW_X] >= high or box[HIGH_X] <= low or box[LOW_Y] >= around[HIGH_Y]:
            node = trees.skip[node]
        elif box[HIGH_Y] <= bottom:
            if trees.start[node] != ended:
                edges, count = _add(edges, count, begun, below, ended, below, low, high)
                begun = trees.start[node]
            ended = trees.end[node]
            node = trees.skip[node]
        else:
            if trees.skip[node] == node + 1:
                for i in range(trees.first[node], trees.last[node]):
                    edges, count = _add(edges, count, trees.x[i], trees.y[i], trees.x[i + 1], trees.y[i + 1], low, high)
            node += 1
    return _add(edges, count, begun, below, ended, below, low, high)


@inlined
def _add(  # noqa: PLR0917
    edges: Floats, count: int, x0: float, y0: float, x1: float, y1: float, low: float, high: float
) -> tuple[Floats, int]:
    """Add the stretch of an edge between two x; vertical edges bound no ground from above or below."""
    sign = 1.0
    if x1 < x0:
        x0, y0, x1, y1, sign = x1, y1, x0, y0, -1.0
    left, right = max(x0, low), min(x1, high)
    if left >= right:
        return edges, count
    slope = (y1 - y0) / (x1 - x0)
    at_left = y0 if left == x0 else y0 + slope * (left - x0)
    at_right = y1 if right == x1 else y0 + slope * (right - x0)
    return _add_edge(edges, count, (left, at_left, right, at_right, slope, sign))


@inlined
def _add_edge(edges: Floats, count: int, edge: Edge) -> tuple[Floats, int]:
    if count == len(edges):
        edges = np.concatenate((edges, np.empty_like(edges)))
    for i in range(len(edge)):
        edges[count, i] = edge[i]
    return edges, count + 1


@compiled
def stops_of(edges: Floats) -> Floats:
    """Give every x where an edge begins, ends or crosses another, in order."""
    stops, count = np.empty(4 * len(edges)), 2 * len(edges)
    stops[: len(edges)], stops[len(edges) : count] = edges[:, 0], edges[:, 2]
    for e in range(len(edges)):
        low_e, high_e = min(edges[e, 1], edges[e, 3]), max(edges[e, 1], edges[e, 3])
        for f in range(e + 1, len(edges)):
            left, right = edges[f, 0], min(edges[e, 2], edges[f, 2])
            if left >= edges[e, 2]:
                break
            if min(edges[f, 1], edges[f, 3]) >= high_e or max(edges[f, 1], edges[f, 3]) <= low_e:
                continue
            ahead, behind = (
                height_at(edges, e, left) - edges[f, 1],
                height_at(edges, e, right) - height_at(edges, f, right),
            )
            if (ahead < 0 < behind) or (behind < 0 < ahead):
                if count == len(stops):
                    stops = np.concatenate((stops, np.empty(count)))
                stops[count] = left + (right - left) * (ahead / (ahead - behind))
                count += 1
    return np.sort(stops[:count])


@compiled
def keep_active(  # noqa: PLR0917
    edges: Floats, active: Ints, height: Floats, alive: int, entered: int, left: float, right: float
) -> tuple[int, int]:
    """Drop the edges that have ended, take in those that begin, and put them in order, the lowest first."""
    kept = 0
    for k in range(alive):
        if edges[active[k], 2] > left:
            active[kept] = active[k]
            kept += 1
    while entered < len(edges) and edges[entered, 0] <= left:
        active[kept] = entered
        kept, entered = kept + 1, entered + 1
    middle = (left + right) / 2
    for k in range(kept):
        edge, up = active[k], height_at(edges, active[k], middle)
        at = k
        while at > 0 and (
            height[at - 1] > up or (height[at - 1] == up and edges[active[at - 1], SIGN] < edges[edge, SIGN])
        ):
            height[at], active[at] = height[at - 1], active[at - 1]
            at -= 1
        height[at], active[at] = up, edge
    return kept, entered


@inlined
def height_at(edges: Floats, edge: int, x: float) -> float:
    """Give the height of an edge at x."""
    if x == edges[edge, 2]:
        return float(edges[edge, 3])
    return float(edges[edge, 1] + edges[edge, 4] * (x - edges[edge, 0]))


@compiled
def spans_of(  # noqa: PLR0917
    edges: Floats, active: Ints, least: int, left: float, right: float, thin: float, spans: Ints
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
    depth, count, bottom, inside = 0, 0, -1, False
    for edge in active:
        depth += int(edges[edge, SIGN])
        inside = inside or edges[edge, SIGN] == _FLOOR
        if inside and depth >= least and bottom < 0:
            bottom = edge
        elif depth < least and bottom >= 0:
            at_left = height_at(edges, edge, left) - height_at(edges, bottom, left)
            at_right = height_at(edges, edge, right) - height_at(edges, bottom, right)
            if max(at_left, at_right) > thin:
                spans[count, 0], spans[count, 1] = bottom, edge
                count += 1
            bottom = -1
    return count
