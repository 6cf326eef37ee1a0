"""
How near the edges of two polygons come to each other, in metres round the middle of one of them.

That one is a tree of chains drawn in those metres already; the other is drawn so corner by corner. Chains whose boxes
are farther than the nearest edges found so far are passed over; the search ends where what was found is near enough.
"""

import numpy as np

from lindero.geo.geometry.projection import EQUATOR_M, POLE_M, SPHERE_M, Floats, Ints
from lindero.geo.kernels.chain_tree import HIGH_X, HIGH_Y, LOW_X, LOW_Y, ChainTrees
from lindero.geo.kernels.inner_distance import is_inside
from lindero.geo.kernels.numba_jit import compiled, inlined


@compiled
def distances_m(  # noqa: PLR0917  two of each
    drawn: ChainTrees, others: ChainTrees, centres: Floats, at: Ints, to: Ints, enough_m: Floats, most_m: Floats
) -> Floats:
    """
    Measure how far pairs are apart: 0 where they share ground.

    Parameters
    ----------
    drawn, others
        Polygons in metres each round its own centre (`geo.geometry.scale_factor.around`), and on the equal-area plane.
    centres
        (drawn, 2): those centres, on that plane.
    at, to
        (pairs): positions in `drawn` and in `others`.
    enough_m, most_m
        (pairs): what is nearer than the one need not be told better, and nothing that is farther than the other.

    Returns
    -------
    array
        Metres on the ground, to 1 %; `most_m` where it is farther.
    """
    distances = np.empty(len(at))
    for pair in range(len(at)):
        first, last = others.rings[to[pair]]
        begin, end = others.ring_start[first], others.ring_start[last]
        x, y = _drawn(others.x[begin:end], others.y[begin:end], centres[at[pair], 0], centres[at[pair], 1])
        root = drawn.root[at[pair]]
        if _one_in_the_other(drawn, at[pair], others, to[pair], x, y):
            distances[pair] = 0.0
            continue
        least = most_m[pair] * most_m[pair]
        for ring in range(first, last):
            for i in range(others.ring_start[ring] - begin, others.ring_start[ring + 1] - begin - 1):
                if least > enough_m[pair] * enough_m[pair]:
                    least = _nearest2(drawn, root, x[i], y[i], x[i + 1], y[i + 1], least)
        distances[pair] = np.sqrt(least)
    return distances


@inlined
def _drawn(x: Floats, y: Floats, x0: float, y0: float) -> tuple[Floats, Floats]:
    """Draw corners in metres round a centre, as `geo.geometry.scale_factor.around` does."""
    east, north = np.empty(len(x)), np.empty(len(x))
    sine0 = min(max(y0 / POLE_M, -1.0), 1.0)
    cosine0 = np.sqrt(1 - sine0 * sine0)
    for i in range(len(x)):
        turn = (x[i] - x0) / EQUATOR_M
        sine = min(max(y[i] / POLE_M, -1.0), 1.0)
        cosine = np.sqrt(1 - sine * sine)
        along = np.cos(turn)
        scale = SPHERE_M * np.sqrt(2 / (1 + sine0 * sine + cosine0 * cosine * along))
        east[i] = scale * cosine * np.sin(turn)
        north[i] = scale * (cosine0 * sine - sine0 * cosine * along)
    return east, north


@inlined
def _one_in_the_other(  # noqa: PLR0917
    drawn: ChainTrees, own: int, others: ChainTrees, other: int, x: Floats, y: Floats
) -> bool:
    """Tell whether a part of one polygon begins inside the other."""
    first, last = others.rings[other]
    begin = others.ring_start[first]
    for ring in range(first, last):
        i = others.ring_start[ring] - begin
        if not others.is_hole[ring] and is_inside(drawn, drawn.root[own], x[i], y[i]):
            return True
    low_x, high_x, low_y, high_y = x.min(), x.max(), y.min(), y.max()
    for ring in range(drawn.rings[own, 0], drawn.rings[own, 1]):
        px, py = drawn.x[drawn.ring_start[ring]], drawn.y[drawn.ring_start[ring]]
        if drawn.is_hole[ring] or not (low_x <= px <= high_x and low_y <= py <= high_y):
            continue
        inside = False
        for each in range(first, last):
            for i in range(others.ring_start[each] - begin, others.ring_start[each + 1] - begin - 1):
                if (y[i] > py) != (y[i + 1] > py) and px < x[i] + (x[i + 1] - x[i]) * ((py - y[i]) / (y[i + 1] - y[i])):
                    inside = not inside
        if inside:
            return True
    return False


@inlined
def _nearest2(  # noqa: PLR0917
    trees: ChainTrees, root: int, x0: float, y0: float, x1: float, y1: float, least: float
) -> float:
    """Measure how near a polygon's edges come to one edge, squared; `least` if they come no nearer."""
    low_x, high_x, low_y, high_y = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    node = root
    while node < trees.skip[root]:
        east = max(trees.box[node, LOW_X] - high_x, 0.0, low_x - trees.box[node, HIGH_X])
        north = max(trees.box[node, LOW_Y] - high_y, 0.0, low_y - trees.box[node, HIGH_Y])
        if east * east + north * north >= least:
            node = trees.skip[node]
            continue
        if trees.skip[node] == node + 1:
            for i in range(trees.first[node], trees.last[node]):
                ax, ay, bx, by = trees.x[i], trees.y[i], trees.x[i + 1], trees.y[i + 1]
                if _cross(x0, y0, x1, y1, ax, ay, bx, by):
                    return 0.0
                least = min(least, _to_edge2(ax, ay, x0, y0, x1, y1), _to_edge2(bx, by, x0, y0, x1, y1))
                least = min(least, _to_edge2(x0, y0, ax, ay, bx, by), _to_edge2(x1, y1, ax, ay, bx, by))
        node += 1
    return least


@inlined
def _cross(  # noqa: PLR0917
    x0: float, y0: float, x1: float, y1: float, ax: float, ay: float, bx: float, by: float
) -> bool:
    """Tell whether two edges cross, each passing from one side of the other to the other side."""
    a = (x1 - x0) * (ay - y0) - (y1 - y0) * (ax - x0)
    b = (x1 - x0) * (by - y0) - (y1 - y0) * (bx - x0)
    c = (bx - ax) * (y0 - ay) - (by - ay) * (x0 - ax)
    d = (bx - ax) * (y1 - ay) - (by - ay) * (x1 - ax)
    return (a > 0) != (b > 0) and (c > 0) != (d > 0)


@inlined
def _to_edge2(x: float, y: float, x0: float, y0: float, x1: float, y1: float) -> float:  # noqa: PLR0917
    """Measure how far a place is from an edge, squared."""
    along_x, along_y, dx, dy = x1 - x0, y1 - y0, x0 - x, y0 - y
    length2 = along_x * along_x + along_y * along_y
    along = min(max(-(dx * along_x + dy * along_y) / length2, 0.0), 1.0) if length2 > 0 else 0.0
    dx, dy = dx + along * along_x, dy + along * along_y
    return dx * dx + dy * dy
