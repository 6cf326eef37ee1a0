"""A vertical line that sweeps over the edges of polygons from left to right, with the edges in order along it.

The line stops wherever an edge starts, ends or crosses another one. Between two stops the order of the edges is fixed.
Going up the line, an edge that runs to the right enters a polygon, and one that runs to the left leaves one (shells are
counterclockwise, holes clockwise). No topology is stored. If rounding puts two edges in the wrong order, the area
between them is as small as rounding.

Arrays are allocated before a loop, never in it. If a loop may replace an array, numba counts its references in every
step, which took longer than the work itself.
"""

from typing import NamedTuple

import numpy as np

from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.kernels.chain_tree import HIGH_X, HIGH_Y, LOW_X, LOW_Y, ChainTrees
from lindero.geo.kernels.numba_jit import jit, jit_inline

CLOSING_BIT = 1 << 30  # -LID is the sign of the upper frame edge; LID exceeds any number of polygons
FLOOR = 0  # the sign of the lower frame edge


class Edges(NamedTuple):
    """Polygon edges within a box. Vertical edges are left out, because no area is above or below them."""

    left: Floats  # x of the left end
    left_y: Floats  # y at this end
    right: Floats  # x of the right end
    right_y: Floats  # y at this end
    slope: Floats
    sign: Ints  # 1 if it runs to the right in its polygon, -1 if it runs to the left
    polygon: Ints  # position of its polygon in `left_positions`, then `right_positions`; -1 for the frame


@jit
def allocate_edges(count: int) -> Edges:
    """Allocate arrays for a number of edges."""
    floats = np.empty((5, count))
    integers = np.empty((2, count), np.int64)
    return Edges(floats[0], floats[1], floats[2], floats[3], floats[4], integers[0], integers[1])


@jit
def collect_edges(  # noqa: PLR0917  compiled code knows no keywords
    box: Floats, left: ChainTrees, left_positions: Ints, right: ChainTrees, right_positions: Ints, edges: Edges
) -> tuple[Edges, int]:
    """Collect the edges of polygons that matter within a box.

    `box`: the box, in the order of `ChainTrees.box`. `left_positions`, `right_positions`: positions of polygons in
    `left` and in `right`.
    """
    max_edges = 2
    for polygon in left_positions:
        max_edges += _max_edges(left, left.root[polygon])
    for polygon in right_positions:
        max_edges += _max_edges(right, right.root[polygon])
    if max_edges > len(edges.left):
        edges = allocate_edges(2 * max_edges)
    low, high, floor, lid = box[LOW_X], box[HIGH_X], box[LOW_Y], box[HIGH_Y]
    count = _add_edge(edges, 0, low, floor, high, floor, low, high)
    count = _add_edge(edges, count, low, lid, high, lid, low, high)
    edges.sign[0], edges.sign[1] = FLOOR, -CLOSING_BIT
    edges.polygon[:2] = -1
    for k in range(len(left_positions)):
        begun, count = count, _collect_polygon_edges(left, left.root[left_positions[k]], box, edges, count)
        edges.polygon[begun:count] = k
    for k in range(len(right_positions)):
        begun, count = count, _collect_polygon_edges(right, right.root[right_positions[k]], box, edges, count)
        edges.polygon[begun:count] = len(left_positions) + k
    return edges, count


@jit_inline
def _max_edges(trees: ChainTrees, root: int) -> int:
    """Bound the number of edges of a polygon, including those that replace its chains below a box."""
    return int(trees.last[root] - trees.first[root] + trees.skip[root] - root)


@jit
def _collect_polygon_edges(trees: ChainTrees, root: int, frame: Floats, edges: Edges, count: int) -> int:
    """Add the edges of a polygon that matter within a box.

    Edges above the box do not matter. Of edges below the box, only the number of entries and exits matters: consecutive
    chains below are replaced by one edge, somewhere below.
    """
    low, high, bottom, top = frame[LOW_X], frame[HIGH_X], frame[LOW_Y], frame[HIGH_Y]
    below = 2 * bottom - top
    begun, ended = 0.0, 0.0  # x range of the edge that replaces the chains below
    node = root
    while node < trees.skip[root]:
        if trees.box[node, LOW_X] >= high or trees.box[node, HIGH_X] <= low or trees.box[node, LOW_Y] >= top:
            node = trees.skip[node]
        elif trees.box[node, HIGH_Y] <= bottom:
            if trees.start[node] != ended:
                count = _add_edge(edges, count, begun, below, ended, below, low, high)
                begun = trees.start[node]
            ended = trees.end[node]
            node = trees.skip[node]
        else:
            if trees.skip[node] == node + 1:
                for i in range(trees.first[node], trees.last[node]):
                    count = _add_edge(edges, count, trees.x[i], trees.y[i], trees.x[i + 1], trees.y[i + 1], low, high)
            node += 1
    return _add_edge(edges, count, begun, below, ended, below, low, high)


@jit
def _add_edge(  # noqa: PLR0917
    edges: Edges, count: int, x0: float, y0: float, x1: float, y1: float, low: float, high: float
) -> int:
    """Add the part of an edge between x = `low` and `high`, if there is any."""
    sign = 1
    if x1 < x0:
        x0, y0, x1, y1, sign = x1, y1, x0, y0, -1
    left, right = max(x0, low), min(x1, high)
    if left >= right:
        return count
    slope = (y1 - y0) / (x1 - x0)
    edges.left[count], edges.right[count] = left, right
    edges.left_y[count] = y0 if left == x0 else y0 + slope * (left - x0)
    edges.right_y[count] = y1 if right == x1 else y0 + slope * (right - x0)
    edges.slope[count], edges.sign[count] = slope, sign
    return count + 1


@jit
def sort_edges(edges: Edges, count: int) -> Edges:
    """Sort edges in the order in which the line reaches them."""
    order = np.argsort(edges.left[:count])
    sorted_edges = allocate_edges(count)
    for k in range(count):
        i = order[k]
        sorted_edges.left[k], sorted_edges.right[k] = edges.left[i], edges.right[i]
        sorted_edges.left_y[k], sorted_edges.right_y[k] = edges.left_y[i], edges.right_y[i]
        sorted_edges.slope[k], sorted_edges.sign[k] = edges.slope[i], edges.sign[i]
        sorted_edges.polygon[k] = edges.polygon[i]
    return sorted_edges


@jit
def find_stops(edges: Edges) -> Floats:
    """Return each x at which an edge starts, ends or crosses another one: sorted, without duplicates."""
    edge_count = len(edges.left)
    ends = np.empty(3 * edge_count)
    count = edge_count + _find_crossings(edges, ends[edge_count:])
    if count > len(ends):
        ends = np.empty(count)
        _find_crossings(edges, ends[edge_count:])
    ends[:edge_count] = edges.right
    ends = np.sort(ends[:count])
    stops = np.empty(edge_count + count)
    return stops[: _merge_sorted_arrays(edges.left, ends, stops)]


@jit
def _find_crossings(edges: Edges, crossings: Floats) -> int:
    """Store the x of crossing edges, as far as the array has room, and count all crossings."""
    left, edge_count = edges.left, len(edges.left)
    low, top = np.minimum(edges.left_y, edges.right_y), np.maximum(edges.left_y, edges.right_y)
    level, count = np.empty(edge_count, np.int64), 0
    for e in range(edge_count):
        low_e, top_e, right_e = low[e], top[e], edges.right[e]
        levels, f = 0, e + 1
        while f < edge_count and left[f] < right_e:  # no branch on heights, which processors would mispredict
            level[levels] = f
            levels += int((low[f] < top_e) & (top[f] > low_e))
            f += 1
        for k in range(levels):
            f = level[k]
            begin, end = left[f], min(right_e, edges.right[f])
            ahead = edge_height(edges, e, begin) - edges.left_y[f]
            behind = edge_height(edges, e, end) - edge_height(edges, f, end)
            if (ahead < 0 < behind) or (behind < 0 < ahead):
                if count < len(crossings):
                    crossings[count] = begin + (end - begin) * (ahead / (ahead - behind))
                count += 1
    return count


@jit
def _merge_sorted_arrays(first: Floats, second: Floats, merged: Floats) -> int:
    """Merge two sorted arrays into `merged` without duplicates, and return the count."""
    count, last, k = 0, -np.inf, 0
    for number in first:
        while k < len(second) and second[k] < number:
            if second[k] > last:
                merged[count] = last = second[k]
                count += 1
            k += 1
        if number > last:
            merged[count] = last = number
            count += 1
    for number in second[k:]:
        if number > last:
            merged[count] = last = number
            count += 1
    return count


@jit_inline
def update_active(  # noqa: PLR0917
    edges: Edges, active: Ints, height: Floats, alive: int, entered: int, left: float, right: float
) -> tuple[int, int]:
    """Drop the edges that have ended, add those that start, and sort the active edges, lowest first."""
    middle = (left + right) / 2
    active_count = 0
    for k in range(alive):
        if edges.right[active[k]] > left:
            _insert_edge(edges, active, height, active_count, active[k], middle)
            active_count += 1
    while entered < len(edges.left) and edges.left[entered] <= left:
        _insert_edge(edges, active, height, active_count, entered, middle)
        active_count, entered = active_count + 1, entered + 1
    return active_count, entered


@jit_inline
def _insert_edge(edges: Edges, active: Ints, height: Floats, active_count: int, edge: int, x: float) -> None:  # noqa: PLR0917
    """Insert an edge into the sorted active edges. It mostly goes to the end."""
    edge_y, sign = edges.left_y[edge] + edges.slope[edge] * (x - edges.left[edge]), edges.sign[edge]
    position = active_count
    while position > 0 and (
        height[position - 1] > edge_y or (height[position - 1] == edge_y and edges.sign[active[position - 1]] < sign)
    ):
        height[position], active[position] = height[position - 1], active[position - 1]
        position -= 1
    height[position], active[position] = edge_y, edge


@jit_inline
def edge_height(edges: Edges, edge: int, x: float) -> float:
    """Return the height of an edge at x."""
    if x == edges.right[edge]:
        return float(edges.right_y[edge])
    return float(edges.left_y[edge] + edges.slope[edge] * (x - edges.left[edge]))


@jit_inline
def find_spans(  # noqa: PLR0917
    edges: Edges, active: Ints, min_polygons: int, left: float, right: float, max_gap: float, spans: Ints
) -> int:
    """Find the spans of the line that are inside at least `min_polygons` polygons, between two stops."""
    depth, floor = 0, 0
    while edges.sign[active[floor]] != FLOOR:
        depth += edges.sign[active[floor]]
        floor += 1
    count, bottom = 0, active[floor] if depth >= min_polygons else -1
    for edge in active[floor + 1 :]:
        depth += edges.sign[edge]
        if bottom < 0:
            bottom = edge if depth >= min_polygons else -1
        elif depth < min_polygons:
            at_left = edge_height(edges, edge, left) - edge_height(edges, bottom, left)
            at_right = edge_height(edges, edge, right) - edge_height(edges, bottom, right)
            if max(at_left, at_right) > max_gap:
                spans[count, 0], spans[count, 1] = bottom, edge
                count += 1
            bottom = -1
    return count
