"""
The ground that several polygons cover together, cut into upright trapezoids that do not overlap: no union is built.

Sweep a vertical line from left to right, stopping wherever an edge begins, ends or crosses another. Between two stops
the edges keep their order. Going up the line, an edge that runs to the right enters a polygon and one that runs to the
left leaves one (shells are counterclockwise, holes clockwise); what lies between the first entry and the last exit is
covered, and counts once. Where the same two edges bound it from stop to stop, it stays one trapezoid. (The vertical
decomposition of de Berg et al., "Computational Geometry", 2008, chapter 6, of the union.)

Like `geo.area_kernel` it needs no topology: if rounding puts two edges in the wrong order they are as close as
rounding, and so is the area between them.
"""

from typing import NamedTuple

import numpy as np

from geo.chains import ChainTrees
from geo.compiled import compiled
from geo.plane import Floats, Ints

CORNERS = 5  # of the ring of a trapezoid, the first again at its end

_LOW_X, _HIGH_X, _LOW_Y, _HIGH_Y = range(4)  # as in ChainTrees.box
_ALL = 1e9  # polygons: more than there are
_COLUMNS = 6  # of an edge: x and y at its left end, x and y at its right end, its slope, its sign (0: the floor)
_SIGN = 5
_IN_A_STRIP = 512  # edges, or so

_Edge = tuple[float, float, float, float, float, float]


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
            west[i - begin] = other.box[other.root[members[i]], _LOW_X]
        order = np.argsort(west) + begin
        for k in range(len(order)):
            one = other.box[other.root[members[order[k]]]]
            for m in range(k + 1, len(order)):
                two = other.box[other.root[members[order[m]]]]
                low, high = max(two[_LOW_X], around[_LOW_X]), min(one[_HIGH_X], around[_HIGH_X])
                if two[_LOW_X] >= high:
                    break
                bottom = max(one[_LOW_Y], two[_LOW_Y], around[_LOW_Y])
                top = min(one[_HIGH_Y], two[_HIGH_Y], around[_HIGH_Y])
                if low < min(high, two[_HIGH_X]) and bottom < top:
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
    edges = np.empty((64, _COLUMNS))
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
            edges, known = _gather_all(other, members[begin:end], around, edges)
            if known > _IN_A_STRIP:
                strips = int(np.sqrt(known / _IN_A_STRIP)) + 1
            for k in range(strips):
                if strips > 1:
                    strip[:] = around
                    strip[_LOW_Y] = around[_LOW_Y] + (around[_HIGH_Y] - around[_LOW_Y]) * (k / strips)
                    strip[_HIGH_Y] = around[_LOW_Y] + (around[_HIGH_Y] - around[_LOW_Y]) * ((k + 1) / strips)
                    edges, known = _gather_all(other, members[begin:end], strip, edges)
                x, y, count = _sweep(edges[:known][np.argsort(edges[:known, 0])], x, y, count)
            begin = end
        first[group + 1] = count
    return Trapezoids(x[: CORNERS * count].copy(), y[: CORNERS * count].copy(), first)


@compiled
def _gather_all(trees: ChainTrees, polygons: Ints, around: Floats, edges: Floats) -> tuple[Floats, int]:
    """Collect the edges of polygons that matter within a box, its floor, and a lid on it that leaves all polygons."""
    low, high, floor, lid = around[_LOW_X], around[_HIGH_X], around[_LOW_Y], around[_HIGH_Y]
    edges, count = _add_edge(edges, 0, (low, floor, high, floor, 0.0, 0.0))
    edges, count = _add_edge(edges, count, (low, lid, high, lid, 0.0, -_ALL))
    for polygon in polygons:
        edges, count = _gather(trees, trees.root[polygon], around, edges, count)
    return edges, count


@compiled
def _gather(trees: ChainTrees, root: int, around: Floats, edges: Floats, count: int) -> tuple[Floats, int]:
    """
    Add the edges of a polygon that matter within a box.

    What lies above the box does not matter, and what lies below it only by how often it is entered and left: chains
    below that go on from each other's end are one edge, somewhere below.
    """
    low, high, bottom = around[_LOW_X], around[_HIGH_X], around[_LOW_Y]
    below = 2 * bottom - around[_HIGH_Y]
    begun, ended = 0.0, 0.0  # of the edge below
    node = root
    while node < trees.skip[root]:
        box = trees.box[node]
        if box[_LOW_X] >= high or box[_HIGH_X] <= low or box[_LOW_Y] >= around[_HIGH_Y]:
            node = trees.skip[node]
        elif box[_HIGH_Y] <= bottom:
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


@compiled
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


@compiled
def _add_edge(edges: Floats, count: int, edge: _Edge) -> tuple[Floats, int]:
    if count == len(edges):
        edges = np.concatenate((edges, np.empty_like(edges)))
    for i in range(len(edge)):
        edges[count, i] = edge[i]
    return edges, count + 1


@compiled
def _sweep(edges: Floats, x: Floats, y: Floats, count: int) -> tuple[Floats, Floats, int]:
    """Add the trapezoids that edges (sorted by where they begin) enclose."""
    stops = _stops(edges)
    active, height, entered = np.empty(len(edges), np.int64), np.empty(len(edges)), 0
    top, since, until = np.full(len(edges), -1), np.empty(len(edges)), np.empty(len(edges))  # by the edge below
    alive = 0
    for stop in range(len(stops) - 1):
        left, right = stops[stop], stops[stop + 1]
        if left == right:
            continue
        alive, entered = _keep_active(edges, active, height, alive, entered, left, right)
        depth, bottom, inside = 0, -1, False
        for k in range(alive):
            edge = active[k]
            depth += int(edges[edge, _SIGN])
            inside = inside or edges[edge, _SIGN] == 0  # above the floor
            if inside and depth > 0 and bottom < 0:
                bottom = edge
            elif depth <= 0 <= bottom:
                if top[bottom] != edge or until[bottom] != left:
                    if top[bottom] >= 0:
                        x, y, count = _emit(edges, bottom, top[bottom], since[bottom], until[bottom], x, y, count)
                    top[bottom], since[bottom] = edge, left
                until[bottom], bottom = right, -1
    for edge in range(len(edges)):
        if top[edge] >= 0:
            x, y, count = _emit(edges, edge, top[edge], since[edge], until[edge], x, y, count)
    return x, y, count


@compiled
def _stops(edges: Floats) -> Floats:
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
            ahead, behind = _at(edges, e, left) - edges[f, 1], _at(edges, e, right) - _at(edges, f, right)
            if (ahead < 0 < behind) or (behind < 0 < ahead):
                if count == len(stops):
                    stops = np.concatenate((stops, np.empty(count)))
                stops[count] = left + (right - left) * (ahead / (ahead - behind))
                count += 1
    return np.sort(stops[:count])


@compiled
def _keep_active(  # noqa: PLR0917
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
        edge, up = active[k], _at(edges, active[k], middle)
        at = k
        while at > 0 and (
            height[at - 1] > up or (height[at - 1] == up and edges[active[at - 1], _SIGN] < edges[edge, _SIGN])
        ):
            height[at], active[at] = height[at - 1], active[at - 1]
            at -= 1
        height[at], active[at] = up, edge
    return kept, entered


@compiled
def _at(edges: Floats, edge: int, x: float) -> float:
    """Give the height of an edge at x."""
    if x == edges[edge, 2]:
        return float(edges[edge, 3])
    return float(edges[edge, 1] + edges[edge, 4] * (x - edges[edge, 0]))


@compiled
def _emit(  # noqa: PLR0917
    edges: Floats, bottom: int, top: int, left: float, right: float, x: Floats, y: Floats, count: int
) -> tuple[Floats, Floats, int]:
    at = CORNERS * count
    if at == len(x):
        x, y = np.concatenate((x, np.empty(at))), np.concatenate((y, np.empty(at)))
    x[at], x[at + 1], x[at + 2], x[at + 3], x[at + 4] = left, right, right, left, left
    y[at], y[at + 1] = _at(edges, bottom, left), _at(edges, bottom, right)
    y[at + 2], y[at + 3] = _at(edges, top, right), _at(edges, top, left)
    y[at + 4] = y[at]
    return x, y, count + 1
