"""Detection of polygons that are certainly valid, from their chain trees.

Parts of a boundary with disjoint boxes cannot meet. Two consecutive parts meet only at their common vertex if all their
edges have a common direction, such as east or north-west. The rest is tested edge by edge, with the signs of triangles
and the bounds of their rounding errors (Shewchuk 1997, "Adaptive precision floating-point arithmetic", section 4.3).
Where rings meet nowhere, one vertex of each determines its nesting. A polygon without a certain result is not reported
as valid: GEOS tests it.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.geometry.rings import Flags, Rings
from lindero.geo.kernels.borrow import borrow
from lindero.geo.kernels.chain_tree import FAN, HIGH_X, HIGH_Y, LOW_X, LOW_Y, ChainTrees
from lindero.geo.kernels.numba_jit import jit, jit_inline
from lindero.machine.threads import fill_array, map_chunks

_ROUNDING = 4e-16  # relative error bound of the orientation test; Shewchuk (1997) proves 3.3e-16
_STACK_SIZE = 4_096  # stack size of pairs of chains; an outline that needs more is left undecided
_MAX_PUSHED = FAN * (FAN + 1)  # maximum pairs pushed for one pair
_UNSURE = -99  # returned where rounding leaves the winding number open

Headings = npt.NDArray[np.uint8]  # one bit for each of eight directions, set if all edges of a chain head that way


class _PairStack(NamedTuple):
    """A stack of pairs of chains that have to be tested, as two arrays."""

    first: Ints
    second: Ints


def find_valid(trees: ChainTrees) -> Flags:
    """Return a mask of the polygons that are certainly valid.

    Their rings certainly meet nowhere, and are nested as parts and holes are.
    """
    is_valid = np.zeros(len(trees.root), dtype=bool)
    map_chunks(lambda chunk: _check_polygons(trees, is_valid, chunk.start, chunk.stop), len(is_valid))
    return is_valid


@jit
def _check_polygons(trees: ChainTrees, is_valid: Flags, begin: int, stop: int) -> None:
    max_nodes = max_edges = 0
    for polygon in range(begin, stop):
        root = trees.root[polygon]
        max_nodes = max(max_nodes, trees.skip[root] - root)
        max_edges = max(max_edges, trees.last[root] - trees.first[root])
    headings, edge_headings = np.empty(max_nodes, np.uint8), np.empty(max_edges, np.uint8)
    stack = _PairStack(np.empty(_STACK_SIZE, np.int64), np.empty(_STACK_SIZE, np.int64))
    _check_with_memory(trees, is_valid, begin, stop, headings, edge_headings, stack)


@jit
def _check_with_memory(  # noqa: PLR0917
    trees: ChainTrees,
    is_valid: Flags,
    begin: int,
    stop: int,
    headings: Headings,
    edge_headings: Headings,
    stack: _PairStack,
) -> None:
    trees, is_valid, stack = borrow(trees), borrow(is_valid), borrow(stack)
    headings, edge_headings = borrow(headings), borrow(edge_headings)
    for polygon in range(begin, stop):
        root = trees.root[polygon]
        first, last = trees.first[root], trees.last[root]
        _find_edge_headings(trees.x[first : last + 1], trees.y[first : last + 1], edge_headings)
        _find_headings(trees, root, edge_headings, headings)
        is_valid[polygon] = _has_no_crossing(trees, polygon, headings, edge_headings, stack)
        if is_valid[polygon] and trees.rings[polygon, 1] - trees.rings[polygon, 0] > 1:
            is_valid[polygon] = _has_valid_nesting(trees, polygon)


@jit
def _find_edge_headings(x: Floats, y: Floats, headings: Headings) -> None:
    """Compute the directions of edges, as bits.

    Coordinates, their sums and their differences are compared. Rounding keeps their order, so that a greater number is
    certainly greater.
    """
    for i in range(len(x) - 1):
        x0, y0, x1, y1 = x[i], y[i], x[i + 1], y[i + 1]
        straight = np.uint8(x1 > x0) | np.uint8(x1 < x0) << 1 | np.uint8(y1 > y0) << 2 | np.uint8(y1 < y0) << 3
        rising = np.uint8(x1 + y1 > x0 + y0) << 4 | np.uint8(x1 + y1 < x0 + y0) << 5
        falling = np.uint8(x1 - y1 > x0 - y0) << 6 | np.uint8(x1 - y1 < x0 - y0) << 7
        headings[i] = straight | rising | falling


@jit_inline
def _find_headings(trees: ChainTrees, root: int, edge_headings: Headings, headings: Headings) -> None:
    """Compute the common directions of all edges of each chain below a root, children before parents."""
    begin = trees.first[root]
    for node in range(trees.skip[root] - 1, root - 1, -1):
        common = np.uint8(255)
        if trees.skip[node] == node + 1:
            for i in range(trees.first[node] - begin, trees.last[node] - begin):
                common &= edge_headings[i]
            headings[node - root] = common
            continue
        child = node + 1
        while child < trees.skip[node]:
            common &= headings[child - root]
            child = trees.skip[child]
        headings[node - root] = common


@jit_inline
def _has_no_crossing(
    trees: ChainTrees, polygon: int, headings: Headings, edge_headings: Headings, stack: _PairStack
) -> bool:
    """Return whether the edges of a polygon certainly do not cross, from pairs of chains with boxes that overlap."""
    for ring in range(trees.rings[polygon, 0], trees.rings[polygon, 1]):
        if trees.ring_start[ring + 1] - trees.ring_start[ring] < 4:  # noqa: PLR2004  vertices of a triangle
            return False
    root, skip = trees.root[polygon], trees.skip
    stack.first[0], stack.second[0], count = root, root, 1
    while count > 0:
        count -= 1
        a, b = stack.first[count], stack.second[count]
        if count + _MAX_PUSHED > _STACK_SIZE:
            return False
        if skip[a] == a + 1 and skip[b] == b + 1:
            if not _chains_are_apart(trees, polygon, a, b, edge_headings):
                return False
        elif a == b:
            count = _push_children(trees, root, a, headings, stack, count)
        elif skip[b] == b + 1 or (skip[a] != a + 1 and skip[a] - a >= skip[b] - b):  # split the larger one
            count = _push_child_pairs(trees, root, a, b, headings, stack, count)
        else:
            count = _push_child_pairs(trees, root, b, a, headings, stack, count)
    return True


@jit_inline
def _push_children(  # noqa: PLR0917
    trees: ChainTrees, root: int, a: int, headings: Headings, stack: _PairStack, count: int
) -> int:
    """Push the children of a chain on the stack: each with itself, and with its siblings."""
    first, last, skip, box = trees.first, trees.last, trees.skip, trees.box
    child = a + 1
    while child < skip[a]:
        if headings[child - root] == 0:
            stack.first[count], stack.second[count] = child, child
            count += 1
        sibling = skip[child]
        while sibling < skip[a]:
            common = headings[child - root] & headings[sibling - root]
            if _boxes_meet(box, child, sibling) and not _continues_straight(first, last, child, sibling, common):
                stack.first[count], stack.second[count] = child, sibling
                count += 1
            sibling = skip[sibling]
        child = skip[child]
    return count


@jit_inline
def _push_child_pairs(  # noqa: PLR0917
    trees: ChainTrees, root: int, a: int, b: int, headings: Headings, stack: _PairStack, count: int
) -> int:
    """Push the children of a chain on the stack, each with another chain."""
    first, last, skip, box = trees.first, trees.last, trees.skip, trees.box
    child = a + 1
    while child < skip[a]:
        common = headings[child - root] & headings[b - root]
        if _boxes_meet(box, child, b) and not _continues_straight(first, last, child, b, common):
            stack.first[count], stack.second[count] = child, b
            count += 1
        child = skip[child]
    return count


@jit_inline
def _boxes_meet(box: Floats, a: int, b: int) -> bool:
    return bool(box[a, 0] <= box[b, 1] and box[b, 0] <= box[a, 1] and box[a, 2] <= box[b, 3] and box[b, 2] <= box[a, 3])


@jit_inline
def _continues_straight(first: Ints, last: Ints, a: int, b: int, common: int) -> bool:
    """Return whether two chains are consecutive and all their edges have a common direction."""
    return bool((last[a] == first[b] or last[b] == first[a]) and common != 0)


@jit_inline
def _chains_are_apart(trees: ChainTrees, polygon: int, a: int, b: int, headings: Headings) -> bool:
    """Return whether the edges of two chains, or of one chain, certainly meet at common vertices only.

    `headings` are those of the polygon's edges. An edge is not tested against the edges that follow it in a common
    direction.
    """
    x, y, box, begin = trees.x, trees.y, trees.box, trees.first[trees.root[polygon]]
    if trees.first[a] > trees.first[b]:
        a, b = b, a
    for i in range(trees.first[a], trees.last[a]):
        common, j = headings[i - begin], i + 1
        if common == 0:  # an edge without length
            return False
        west, east, south, north = min(x[i], x[i + 1]), max(x[i], x[i + 1]), min(y[i], y[i + 1]), max(y[i], y[i + 1])
        if west > box[b, HIGH_X] or east < box[b, LOW_X] or south > box[b, HIGH_Y] or north < box[b, LOW_Y]:
            continue
        if trees.last[a] >= trees.first[b]:
            while j < trees.last[b] and common & headings[j - begin] != 0:
                common &= headings[j - begin]
                j += 1
        for k in range(max(j, trees.first[b]), trees.last[b]):
            is_beside = min(x[k], x[k + 1]) > east or max(x[k], x[k + 1]) < west
            if is_beside or min(y[k], y[k + 1]) > north or max(y[k], y[k + 1]) < south:
                continue
            if not _edges_are_apart(trees, polygon, i, k):
                return False
    return True


@jit_inline
def _edges_are_apart(trees: ChainTrees, polygon: int, i: int, j: int) -> bool:
    x, y = trees.x, trees.y
    if j - i == 1:
        return _has_no_fold(x, y, i, j, j + 1)
    if x[i] == x[j + 1] and y[i] == y[j + 1]:
        for ring in range(trees.rings[polygon, 0], trees.rings[polygon, 1]):
            if trees.ring_start[ring] == i and trees.ring_start[ring + 1] == j + 2:  # first and last edge of the ring
                return _has_no_fold(x, y, j, i, i + 1)
    return _is_on_one_side(x, y, i, j) or _is_on_one_side(x, y, j, i)


@jit_inline
def _has_no_fold(x: Floats, y: Floats, previous: int, vertex: int, following: int) -> bool:
    """Return whether two edges with a common vertex certainly share no other point: they do not fold back."""
    left, right = (
        (x[previous] - x[vertex]) * (y[following] - y[vertex]),
        (y[previous] - y[vertex]) * (x[following] - x[vertex]),
    )
    ahead = (x[previous] - x[vertex]) * (x[following] - x[vertex]) + (y[previous] - y[vertex]) * (
        y[following] - y[vertex]
    )
    return bool(abs(left - right) > _ROUNDING * (abs(left) + abs(right)) or ahead < 0)


@jit_inline
def _is_on_one_side(x: Floats, y: Floats, i: int, j: int) -> bool:
    """Return whether both ends of edge j are certainly on one side of the line through edge i."""
    left, right = (x[i] - x[j]) * (y[i + 1] - y[j]), (y[i] - y[j]) * (x[i + 1] - x[j])
    cross, sure = left - right, _ROUNDING * (abs(left) + abs(right))
    left2, right2 = (x[i] - x[j + 1]) * (y[i + 1] - y[j + 1]), (y[i] - y[j + 1]) * (x[i + 1] - x[j + 1])
    cross2, sure2 = left2 - right2, _ROUNDING * (abs(left2) + abs(right2))
    return bool((cross > sure and cross2 > sure2) or (cross < -sure and cross2 < -sure2))


@jit
def _has_valid_nesting(trees: ChainTrees, polygon: int) -> bool:
    """Return whether rings that meet nowhere bound disjoint parts, each with its own holes.

    This is the case if each shell is inside as many holes as shells, and each hole is inside one shell more, which is
    its own. From outside in, an outermost ring must then be a shell, a ring directly inside a shell its hole, and a
    ring inside that hole a shell again.
    """
    begin, end = trees.rings[polygon]
    shell = after = begin
    for ring in range(begin, end):
        if not trees.is_hole[ring]:
            shell, after = ring, ring + 1
            while after < end and trees.is_hole[after]:
                after += 1
        whole, part = _count_enclosing_rings(
            trees, trees.root[polygon], ring, trees.ring_start[shell], trees.ring_start[after]
        )
        if whole != trees.is_hole[ring] or part != trees.is_hole[ring]:
            return False
    return True


@jit_inline
def _count_enclosing_rings(trees: ChainTrees, root: int, ring: int, begin: int, stop: int) -> tuple[int, int]:
    """Count shells minus holes around the first vertex of a ring: of all rings, and of those between two vertices."""
    first_vertex, last_vertex = trees.ring_start[ring], trees.ring_start[ring + 1] - 1
    x, y = trees.x[first_vertex], trees.y[first_vertex]
    whole = part = 0
    node = root
    while node < trees.skip[root]:
        box = trees.box[node]
        is_own = trees.first[node] == first_vertex and trees.last[node] == last_vertex
        if is_own or box[LOW_X] > x or box[HIGH_X] <= x or box[HIGH_Y] < y:
            node = trees.skip[node]
            continue
        if trees.skip[node] == node + 1:
            for i in range(trees.first[node], trees.last[node]):
                passes = _crossing_direction(trees.x, trees.y, i, x, y)
                if passes == _UNSURE:
                    return _UNSURE, _UNSURE
                whole += passes
                part += passes if begin <= i < stop else 0
        node += 1
    return whole, part


@jit_inline
def _crossing_direction(x_of: Floats, y_of: Floats, i: int, x: float, y: float) -> int:
    """Return the direction in which edge i passes above a point: 1 to the left, -1 to the right, 0 if it does not."""
    x0, y0, x1, y1 = x_of[i], y_of[i], x_of[i + 1], y_of[i + 1]
    side = int(x1 <= x < x0) - int(x0 <= x < x1)
    if side == 0:
        return 0
    left, right = (x0 - x) * (y1 - y), (y0 - y) * (x1 - x)
    if abs(left - right) <= _ROUNDING * (abs(left) + abs(right)):
        return _UNSURE
    return side if (left > right) == (side > 0) else 0


# The area of polygons from their rings: shells minus holes, added in the same order as in GEOS.


def areas_m2(rings: Rings) -> Floats:
    """Compute the areas of polygons on the plane, identical to `shapely.area` to the last bit."""
    return fill_array(lambda chunk, areas: _sum_areas(*rings, chunk.start, areas), len(rings.first_ring) - 1)


@jit
def _sum_areas(  # noqa: PLR0917
    x: Floats, y: Floats, ring_start: Ints, first_ring: Ints, is_hole: Flags, begin: int, areas: Floats
) -> None:
    for polygon in range(len(areas)):
        total = part = 0.0
        for ring in range(first_ring[begin + polygon], first_ring[begin + polygon + 1]):
            start, end = ring_start[ring], ring_start[ring + 1]
            twice = 0.0
            for i in range(start + 1, end - 1):
                twice += (x[i] - x[start]) * (y[i - 1] - y[i + 1])
            if is_hole[ring]:
                part -= np.abs(twice / 2.0)
            else:
                total += part
                part = np.abs(twice / 2.0)
        areas[polygon] = total + part
