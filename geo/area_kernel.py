"""
The exact area that two polygons share, without building what they share.

Let e run over the edges of polygon P, f over those of Q, each with the sign s of its direction: +1 to the right, -1 to
the left. With shells counterclockwise and holes clockwise, a place is inside as often as edges lie above it, to the
left less to the right. So the length that a vertical line has in both P and Q is a sum over pairs of edges, and

    area(P ∩ Q)  =  Σe Σf  s(e) s(f) ∫ (min(y_e(x), y_f(x)) - base) dx

over the x that e and f have in common. (Green's theorem; compare W. R. Franklin's formulae for areas of overlays from
local information, "Polygon properties calculated from the vertex neighborhoods", 1987.) It is a continuous function of
the coordinates: no topology, no snapping, nothing to go wrong where borders touch or coincide. It counts winding
numbers, so polygons must be valid.

The double sum is cut short by chains (`geo.chains`). If chain C of P lies nowhere below chain D of Q, every minimum is
D's, and the sum over all of their pairs of edges is the area under D over the stretch that C spans, with C's sign: none
if C is a whole ring. It is stored for D as a whole, and found in its tree for a part. Only chains whose boxes share
height are taken apart. That is no approximation and makes no assumption: ties, vertical edges and flat chains are no
special case.
"""

import numpy as np

from geo.chains import ChainTrees
from geo.compiled import compiled
from geo.plane import Floats, Ints
from geo.threads import in_threads

_DEPTH = 1_024  # pairs of chains waiting: at most FAN for each level of either tree


def shared_areas(left: ChainTrees, right: ChainTrees, at_left: Ints, at_right: Ints) -> Floats:
    """
    Measure what pairs of polygons, given by position, share: in the square of the unit of the coordinates.

    Exact but for rounding: 1e-9 of the smaller polygon, or 1e-4 m² on the equal-area plane.
    """

    def measure(chunk: slice, areas: Floats) -> None:
        measure_pairs(left, right, at_left[chunk], at_right[chunk], areas)

    return in_threads(measure, len(at_left))


@compiled
def measure_pairs(left: ChainTrees, right: ChainTrees, at_left: Ints, at_right: Ints, areas: Floats) -> None:
    """Fill `areas` with what pairs share."""
    waiting = np.empty((_DEPTH, 2), np.int64)
    for pair in range(len(areas)):
        p, q = at_left[pair], at_right[pair]
        areas[pair] = _shared_area(left, right, left.root[p], right.root[q], waiting)


@compiled
def _shared_area(p: ChainTrees, q: ChainTrees, p_root: int, q_root: int, waiting: Ints) -> float:
    """Sum over pairs of chains, beginning with the whole polygons, taking chains apart until all pairs are settled."""
    base = max(p.box[p_root, 2], q.box[q_root, 2])  # any would do; near what is shared, little is lost to rounding
    area = 0.0
    waiting[0, 0], waiting[0, 1] = p_root, q_root
    count = 1
    while count > 0:
        count -= 1
        c, d = waiting[count, 0], waiting[count, 1]
        if p.box[c, 0] >= q.box[d, 1] or q.box[d, 0] >= p.box[c, 1]:
            continue
        if p.box[c, 2] >= q.box[d, 3]:
            area += _under(q, d, p.start[c], p.end[c], base)
            continue
        if q.box[d, 2] >= p.box[c, 3]:
            area += _under(p, c, q.start[d], q.end[d], base)
            continue
        c_is_leaf, d_is_leaf = p.skip[c] == c + 1, q.skip[d] == d + 1
        if c_is_leaf and d_is_leaf:
            area += _edges_against_edges(p, c, q, d, base)
        elif d_is_leaf or (not c_is_leaf and _size(p.box[c]) >= _size(q.box[d])):
            child = c + 1
            while child < p.skip[c]:
                waiting[count, 0], waiting[count, 1] = child, d
                count += 1
                child = p.skip[child]
        else:
            child = d + 1
            while child < q.skip[d]:
                waiting[count, 0], waiting[count, 1] = c, child
                count += 1
                child = q.skip[child]
    return area


@compiled
def _size(box: Floats) -> float:
    return float(box[1] - box[0] + box[3] - box[2])


@compiled
def _under(trees: ChainTrees, chain: int, start: float, end: float, base: float) -> float:
    """Give ∫ (y - base) dx along a chain, over the x from `start` to `end`; with the opposite sign if `end` is less."""
    low, high = min(start, end), max(start, end)
    if low == high:
        return 0.0
    area = 0.0
    node = chain
    while node < trees.skip[chain]:
        if trees.box[node, 0] >= high or trees.box[node, 1] <= low:
            node = trees.skip[node]
        elif low <= trees.box[node, 0] and trees.box[node, 1] <= high:
            area += trees.under[node] + (trees.box[node, 2] - base) * (trees.end[node] - trees.start[node])
            node = trees.skip[node]
        else:
            if trees.skip[node] == node + 1:
                for i in range(trees.first[node], trees.last[node]):
                    area += _under_edge(trees, i, low, high, base)
            node += 1
    return area if end > start else -area


@compiled
def _under_edge(trees: ChainTrees, edge: int, low: float, high: float, base: float) -> float:
    """Give ∫ (y - base) dx along one edge, over the x between `low` and `high`."""
    x0, y0, x1, y1 = trees.x[edge], trees.y[edge], trees.x[edge + 1], trees.y[edge + 1]
    left, right = max(min(x0, x1), low), min(max(x0, x1), high)
    if left >= right:
        return 0.0
    slope = (y1 - y0) / (x1 - x0)
    area = (y0 - base + slope * ((left + right) / 2 - x0)) * (right - left)
    return float(area if x1 > x0 else -area)


@compiled
def _edges_against_edges(p: ChainTrees, c: int, q: ChainTrees, d: int, base: float) -> float:
    """Sum over the pairs of edges of two leaves."""
    area = 0.0
    for e in range(p.first[c], p.last[c]):
        x0, x1 = p.x[e], p.x[e + 1]
        low, high = min(x0, x1), max(x0, x1)
        if low >= q.box[d, 1] or high <= q.box[d, 0] or low == high:
            continue
        slope = (p.y[e + 1] - p.y[e]) / (x1 - x0)
        sum_of_e = 0.0
        for f in range(q.first[d], q.last[d]):
            u0, u1 = q.x[f], q.x[f + 1]
            left, right = max(low, min(u0, u1)), min(high, max(u0, u1))
            if left >= right:
                continue
            incline = (q.y[f + 1] - q.y[f]) / (u1 - u0)
            lower = _under_lower(
                p.y[e] - base + slope * (left - x0),
                p.y[e] - base + slope * (right - x0),
                q.y[f] - base + incline * (left - u0),
                q.y[f] - base + incline * (right - u0),
                right - left,
            )
            sum_of_e += lower if u1 > u0 else -lower
        area += sum_of_e if x1 > x0 else -sum_of_e
    return area


@compiled
def _under_lower(a0: float, a1: float, b0: float, b1: float, width: float) -> float:
    """Give the area under the lower of two lines, of heights a and b at either end of a stretch."""
    ahead, behind = a0 - b0, a1 - b1
    if ahead <= 0 and behind <= 0:
        return (a0 + a1) / 2 * width
    if ahead >= 0 and behind >= 0:
        return (b0 + b1) / 2 * width
    crossing = ahead / (ahead - behind)  # share of the stretch before the lines cross
    height = a0 + crossing * (a1 - a0)
    if ahead < 0:
        return ((a0 + height) * crossing + (height + b1) * (1 - crossing)) / 2 * width
    return ((b0 + height) * crossing + (height + a1) * (1 - crossing)) / 2 * width
