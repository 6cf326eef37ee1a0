"""
Which polygons surely do not cross or touch themselves, told from their trees of chains.

Stretches of a ring whose boxes lie apart cannot meet; where boxes meet, edges are looked at by the signs of triangles,
each with the bound of its rounding (Shewchuk 1997, "Adaptive precision floating-point arithmetic", section 4.3). What
is not sure is not told to be simple: GEOS looks at it. So does it at whatever has more rings than one.
"""

import numpy as np

from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.geometry.rings import Flags, Rings
from lindero.geo.kernels.chain_tree import FAN, ChainTrees
from lindero.geo.kernels.numba_jit import compiled, inlined
from lindero.geo.threads import in_threads, shared_out

_ROUNDING = 4e-16  # of a triangle's sign, for each unit of what is added up: Shewchuk has 3.3e-16
_WAITING = 4_096  # pairs of chains that wait to be looked at; a ring that needs more is not told
_PUSHED = FAN * (FAN + 1)  # at most, by one of them


def surely_simple(trees: ChainTrees) -> Flags:
    """Tell of each polygon whether it is one ring that surely meets itself nowhere, and so is valid."""
    is_simple = np.zeros(len(trees.root), dtype=bool)
    shared_out(lambda some: _look(trees, is_simple, some.start, some.stop), len(is_simple))
    return is_simple


@compiled
def _look(trees: ChainTrees, is_simple: Flags, begin: int, stop: int) -> None:
    one, other = np.empty(_WAITING, np.int64), np.empty(_WAITING, np.int64)
    for polygon in range(begin, stop):
        ring = trees.rings[polygon, 0]
        if trees.rings[polygon, 1] - ring == 1:
            is_simple[polygon] = _is_simple(trees, trees.root[polygon], one, other)


@compiled
def _is_simple(trees: ChainTrees, root: int, one: Ints, other: Ints) -> bool:
    """Look at the ring of a tree: pairs of chains whose boxes meet, down to the shortest."""
    begin, end, skip = trees.first[root], trees.last[root], trees.skip
    if end - begin < 3:  # noqa: PLR2004  corners of a triangle
        return False
    one[0], other[0], waiting = root, root, 1
    while waiting > 0:
        waiting -= 1
        a, b = one[waiting], other[waiting]
        if waiting + _PUSHED > _WAITING:
            return False
        if skip[a] == a + 1 and skip[b] == b + 1:
            if not _are_apart(trees, a, b, begin, end):
                return False
        elif a == b:
            waiting = _push_within(trees, a, one, other, waiting)
        elif skip[b] == b + 1 or (skip[a] != a + 1 and skip[a] - a >= skip[b] - b):  # the larger one
            waiting = _push_below(trees, a, b, one, other, waiting)
        else:
            waiting = _push_below(trees, b, a, one, other, waiting)
    return True


@inlined
def _push_within(trees: ChainTrees, a: int, one: Ints, other: Ints, waiting: int) -> int:
    """Have the chains that make up a longer one looked at, each by itself and beside each."""
    child = a + 1
    while child < trees.skip[a]:
        one[waiting], other[waiting] = child, child
        waiting += 1
        sibling = trees.skip[child]
        while sibling < trees.skip[a]:
            if _boxes_meet(trees.box, child, sibling):
                one[waiting], other[waiting] = child, sibling
                waiting += 1
            sibling = trees.skip[sibling]
        child = trees.skip[child]
    return waiting


@inlined
def _push_below(trees: ChainTrees, a: int, b: int, one: Ints, other: Ints, waiting: int) -> int:  # noqa: PLR0917
    """Have the chains that make up a longer one looked at beside another."""
    child = a + 1
    while child < trees.skip[a]:
        if _boxes_meet(trees.box, child, b):
            one[waiting], other[waiting] = child, b
            waiting += 1
        child = trees.skip[child]
    return waiting


@inlined
def _boxes_meet(box: Floats, a: int, b: int) -> bool:
    return bool(box[a, 0] <= box[b, 1] and box[b, 0] <= box[a, 1] and box[a, 2] <= box[b, 3] and box[b, 2] <= box[a, 3])


@inlined
def _are_apart(trees: ChainTrees, a: int, b: int, begin: int, end: int) -> bool:
    """Tell whether each edge of a chain surely meets those of another, or of itself, at common corners alone."""
    x, y, box = trees.x, trees.y, trees.box
    for i in range(trees.first[a], trees.last[a]):
        if x[i] == x[i + 1] and y[i] == y[i + 1]:
            return False
        west, east, south, north = min(x[i], x[i + 1]), max(x[i], x[i + 1]), min(y[i], y[i + 1]), max(y[i], y[i + 1])
        if west > box[b, 1] or east < box[b, 0] or south > box[b, 3] or north < box[b, 2]:
            continue
        for j in range(i + 1 if a == b else trees.first[b], trees.last[b]):
            beside = min(x[j], x[j + 1]) > east or max(x[j], x[j + 1]) < west
            if beside or min(y[j], y[j + 1]) > north or max(y[j], y[j + 1]) < south:
                continue
            if not _edges_are_apart(x, y, min(i, j), max(i, j), begin, end):
                return False
    return True


@inlined
def _edges_are_apart(x: Floats, y: Floats, i: int, j: int, begin: int, end: int) -> bool:  # noqa: PLR0917
    if j - i == 1:
        return _turns(x, y, i, j, j + 1)
    if i == begin and j == end - 1:  # the last edge of the ring and the first
        return _turns(x, y, j, i, i + 1)
    return _same_side(x, y, i, j) or _same_side(x, y, j, i)


@inlined
def _turns(x: Floats, y: Floats, before: int, at: int, after: int) -> bool:
    """Tell whether two edges with a common corner surely have no other place in common: they do not fold back."""
    left, right = (x[before] - x[at]) * (y[after] - y[at]), (y[before] - y[at]) * (x[after] - x[at])
    ahead = (x[before] - x[at]) * (x[after] - x[at]) + (y[before] - y[at]) * (y[after] - y[at])
    return bool(abs(left - right) > _ROUNDING * (abs(left) + abs(right)) or ahead < 0)


@inlined
def _same_side(x: Floats, y: Floats, i: int, j: int) -> bool:
    """Tell whether both ends of edge j surely lie on one side of the line through edge i."""
    left, right = (x[i] - x[j]) * (y[i + 1] - y[j]), (y[i] - y[j]) * (x[i + 1] - x[j])
    one, sure = left - right, _ROUNDING * (abs(left) + abs(right))
    left2, right2 = (x[i] - x[j + 1]) * (y[i + 1] - y[j + 1]), (y[i] - y[j + 1]) * (x[i + 1] - x[j + 1])
    other, sure2 = left2 - right2, _ROUNDING * (abs(left2) + abs(right2))
    return bool((one > sure and other > sure2) or (one < -sure and other < -sure2))


# The area of polygons from their rings: shells less holes, added up in the order in which GEOS does.


def areas_m2(rings: Rings) -> Floats:
    """Measure polygons on the plane, as `shapely.area` does, to the bit."""
    return in_threads(lambda some, into: _add_up(*rings, some.start, into), len(rings.first_ring) - 1)


@compiled
def _add_up(  # noqa: PLR0917
    x: Floats, y: Floats, ring_start: Ints, first_ring: Ints, is_hole: Flags, begin: int, into: Floats
) -> None:
    for polygon in range(len(into)):
        total = part = 0.0
        for ring in range(first_ring[begin + polygon], first_ring[begin + polygon + 1]):
            at, end = ring_start[ring], ring_start[ring + 1]
            twice = 0.0
            for i in range(at + 1, end - 1):
                twice += (x[i] - x[at]) * (y[i - 1] - y[i + 1])
            if is_hole[ring]:
                part -= np.abs(twice / 2.0)
            else:
                total += part
                part = np.abs(twice / 2.0)
        into[polygon] = total + part
