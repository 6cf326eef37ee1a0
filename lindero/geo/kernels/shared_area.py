"""The exact area of the intersection of two polygons, computed without building the intersection.

Let e be the edges of polygon P and f those of Q, each with the sign s of its direction: +1 to the right, -1 to the
left. With shells counterclockwise and holes clockwise, the winding number of a point is the number of edges above it to
the left minus those to the right. The length that a vertical line has in both P and Q is therefore a sum over pairs of
edges, and

    area(P ∩ Q)  =  Σe Σf  s(e) s(f) ∫ (min(y_e(x), y_f(x)) - base) dx

over the x that e and f have in common. (Green's theorem; compare W. R. Franklin's formulae for areas of overlays from
local information, "Polygon properties calculated from the vertex neighborhoods", 1987.) The area is a continuous
function of the coordinates. There is no topology and no snapping, so shared or touching borders cause no errors. The
method counts winding numbers, so polygons must be valid.

Chains (`geo.kernels.chain_tree`) shorten the double sum. If chain C of P is nowhere below chain D of Q, every minimum
is that of D. The sum over all their pairs of edges is then the area below D over the range that C spans, with C's sign;
it is zero if C is a whole ring. This area is stored for D as a whole, and computed from its tree for a part. Only
chains with boxes that overlap in height are split. This is exact and makes no assumptions: ties, vertical edges and
flat chains need no special case.
"""

import numpy as np

from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.kernels.chain_tree import HIGH_X, HIGH_Y, LOW_X, LOW_Y, ChainTrees
from lindero.geo.kernels.numba_jit import jit, jit_inline
from lindero.machine.threads import fill_array

_DEPTH = 1_024  # stack size of pairs of chains: at most FAN for each level of either tree
_OF_P, _OF_Q = range(2)  # columns of the stack


def shared_areas(left: ChainTrees, right: ChainTrees, at_left: Ints, at_right: Ints) -> Floats:
    """Compute the area of the intersection of each pair of polygons, given by position.

    The unit is the square of the unit of the coordinates. The areas are exact except for rounding: 1e-9 of the smaller
    polygon, or 1e-4 m² on the equal-area plane.
    """

    def measure(chunk: slice, areas: Floats) -> None:
        p, q = at_left[chunk], at_right[chunk]
        is_swapped = left.node_counts(p) > right.node_counts(q)
        areas[~is_swapped] = _measure_areas(left, right, p[~is_swapped], q[~is_swapped])
        areas[is_swapped] = _measure_areas(right, left, q[is_swapped], p[is_swapped])

    return fill_array(measure, len(at_left))


def _measure_areas(simple: ChainTrees, detailed: ChainTrees, at_simple: Ints, at_detailed: Ints) -> Floats:
    areas = np.empty(len(at_simple))
    if len(areas):
        measure_pairs(simple, detailed, at_simple, at_detailed, areas)
    return areas


@jit
def measure_pairs(left: ChainTrees, right: ChainTrees, at_left: Ints, at_right: Ints, areas: Floats) -> None:
    """Fill `areas` with the shared area of each pair. It is faster if the polygons of `left` have fewer chains."""
    _measure_with_stack(left, right, at_left, at_right, areas, np.empty((_DEPTH, 2), np.int64))


@jit
def _measure_with_stack(  # noqa: PLR0917
    left: ChainTrees, right: ChainTrees, at_left: Ints, at_right: Ints, areas: Floats, stack: Ints
) -> None:
    for pair in range(len(areas)):
        p, q = at_left[pair], at_right[pair]
        areas[pair] = _shared_area(left, right, left.root[p], right.root[q], stack)


@jit_inline
def _shared_area(p: ChainTrees, q: ChainTrees, p_root: int, q_root: int, stack: Ints) -> float:
    """Sum over pairs of chains, from the whole polygons down, until every pair is settled.

    Consecutive chains of Q above the same chain of P are settled as one. This is faster if P is the simpler polygon,
    because chains of Q then pass over the whole of it.
    """
    base = max(p.box[p_root, LOW_Y], q.box[q_root, LOW_Y])  # any height works; one near the overlap rounds least
    area = 0.0
    chain_below, start, end = p_root, 0.0, 0.0  # chains of Q pass over this one, from `start` to `end` in total
    stack[0, 0], stack[0, 1] = p_root, q_root
    count = 1
    while count > 0:
        count -= 1
        c, d = stack[count, 0], stack[count, 1]
        if p.box[c, LOW_X] >= q.box[d, HIGH_X] or q.box[d, LOW_X] >= p.box[c, HIGH_X]:
            continue
        if p.box[c, LOW_Y] >= q.box[d, HIGH_Y]:
            if p.start[c] != p.end[c]:  # a whole ring ends where it starts
                area += _area_below_chain(q, d, p.start[c], p.end[c], base)
            continue
        if q.box[d, LOW_Y] >= p.box[c, HIGH_Y]:
            if c != chain_below or q.end[d] != start:  # the stack returns the last chain of a ring first
                area += _area_below_chain(p, chain_below, start, end, base) if start != end else 0.0
                chain_below, end = c, q.end[d]
            start = q.start[d]
            continue
        c_is_leaf, d_is_leaf = p.skip[c] == c + 1, q.skip[d] == d + 1
        if c_is_leaf and d_is_leaf:
            area += _sum_leaf_pairs(p, c, q, d, base)
        elif d_is_leaf or (not c_is_leaf and _box_size(p, c) >= _box_size(q, d)):
            count = _push_children(stack, count, p, c, _OF_P, d)
        else:
            count = _push_children(stack, count, q, d, _OF_Q, c)
    return area + (_area_below_chain(p, chain_below, start, end, base) if start != end else 0.0)


@jit_inline
def _push_children(stack: Ints, count: int, trees: ChainTrees, parent: int, column: int, partner: int) -> int:  # noqa: PLR0917
    """Push the children of a chain on the stack, each with the chain that it is paired with."""
    child = parent + 1
    while child < trees.skip[parent]:
        stack[count, column], stack[count, 1 - column] = child, partner
        count += 1
        child = trees.skip[child]
    return count


@jit_inline
def _box_size(trees: ChainTrees, node: int) -> float:
    box = trees.box
    return float(box[node, HIGH_X] - box[node, LOW_X] + box[node, HIGH_Y] - box[node, LOW_Y])


@jit_inline
def _area_below_chain(trees: ChainTrees, chain: int, start: float, end: float, base: float) -> float:
    """Compute ∫ (y - base) dx along a chain over the x from `start` to `end`, negated if `end` is less than `start`."""
    low, high = min(start, end), max(start, end)
    area = 0.0
    node = chain
    while node < trees.skip[chain]:
        if trees.box[node, LOW_X] >= high or trees.box[node, HIGH_X] <= low:
            node = trees.skip[node]
        elif low <= trees.box[node, LOW_X] and trees.box[node, HIGH_X] <= high:
            area += trees.under[node] + (trees.box[node, LOW_Y] - base) * (trees.end[node] - trees.start[node])
            node = trees.skip[node]
        else:
            if trees.skip[node] == node + 1:
                for i in range(trees.first[node], trees.last[node]):
                    area += _area_below_edge(trees, i, low, high, base)
            node += 1
    return area if end > start else -area


@jit_inline
def _area_below_edge(trees: ChainTrees, edge: int, low: float, high: float, base: float) -> float:
    """Compute ∫ (y - base) dx along one edge, over the x between `low` and `high`."""
    x0, y0, x1, y1 = trees.x[edge], trees.y[edge], trees.x[edge + 1], trees.y[edge + 1]
    if low <= min(x0, x1) and max(x0, x1) <= high:
        return float((y0 - base + (y1 - base)) / 2 * (x1 - x0))
    left, right = max(min(x0, x1), low), min(max(x0, x1), high)
    if left >= right:
        return 0.0
    slope = (y1 - y0) / (x1 - x0)
    area = (y0 - base + slope * ((left + right) / 2 - x0)) * (right - left)
    return float(area if x1 > x0 else -area)


@jit_inline
def _sum_leaf_pairs(p: ChainTrees, c: int, q: ChainTrees, d: int, base: float) -> float:
    """Sum over the pairs of edges of two leaves. An edge entirely above or below D is settled with all of D at once."""
    area = 0.0
    for e in range(p.first[c], p.last[c]):
        x0, x1 = p.x[e], p.x[e + 1]
        low, high = min(x0, x1), max(x0, x1)
        if low >= q.box[d, HIGH_X] or high <= q.box[d, LOW_X] or low == high:
            continue
        if max(p.y[e], p.y[e + 1]) <= q.box[d, LOW_Y]:
            below_e = _area_below_edge(p, e, min(q.start[d], q.end[d]), max(q.start[d], q.end[d]), base)
            area += below_e if q.end[d] > q.start[d] else -below_e
        elif min(p.y[e], p.y[e + 1]) >= q.box[d, HIGH_Y] and low <= q.box[d, LOW_X] and high >= q.box[d, HIGH_X]:
            below_d = q.under[d] + (q.box[d, LOW_Y] - base) * (q.end[d] - q.start[d])
            area += below_d if x1 > x0 else -below_d
        else:
            area += _sum_edge_pairs(p, e, q, d, base)
    return area


@jit_inline
def _sum_edge_pairs(p: ChainTrees, e: int, q: ChainTrees, d: int, base: float) -> float:
    """Sum over the pairs of one non-vertical edge and the edges of a leaf."""
    x0, x1 = p.x[e], p.x[e + 1]
    low, high = min(x0, x1), max(x0, x1)
    slope = (p.y[e + 1] - p.y[e]) / (x1 - x0)
    area = 0.0
    for f in range(q.first[d], q.last[d]):
        u0, u1 = q.x[f], q.x[f + 1]
        left, right = max(low, min(u0, u1)), min(high, max(u0, u1))
        if left >= right:
            continue
        incline = (q.y[f + 1] - q.y[f]) / (u1 - u0)
        lower = _area_below_lower(
            p.y[e] - base + slope * (left - x0),
            p.y[e] - base + slope * (right - x0),
            q.y[f] - base + incline * (left - u0),
            q.y[f] - base + incline * (right - u0),
            right - left,
        )
        area += lower if u1 > u0 else -lower
    return area if x1 > x0 else -area


@jit_inline
def _area_below_lower(a0: float, a1: float, b0: float, b1: float, width: float) -> float:
    """Compute the area below the lower of two lines, with heights a and b at either end of a range."""
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
