"""Smallest distances between the edges of two polygons, in metres around the centre of one of them.

One polygon is a chain tree in local metres. The vertices of the other are reprojected to the same metres one by one.
Chains with boxes farther away than the smallest distance so far are skipped. The search stops once the distance is
small enough.
"""

import numpy as np

from lindero.geo.geometry.projection import EQUATOR_M, POLE_M, SPHERE_M, Floats, Ints
from lindero.geo.kernels.chain_tree import HIGH_X, HIGH_Y, LOW_X, LOW_Y, ChainTrees
from lindero.geo.kernels.inner_distance import is_inside
from lindero.geo.kernels.numba_jit import jit, jit_inline


@jit
def distances_m(  # noqa: PLR0917  most arguments come in pairs
    local: ChainTrees,
    plane: ChainTrees,
    centres: Floats,
    local_positions: Ints,
    plane_positions: Ints,
    enough_m: Floats,
    most_m: Floats,
) -> Floats:
    """Compute the distances between pairs of polygons. They are 0 where the polygons overlap.

    `local`, `plane`: chain trees of polygons in metres around their own centres
    (`geo.geometry.scale_factor.to_local_metres`), and of polygons on the equal-area plane. `local_positions`,
    `plane_positions`: positions in `local` and in `plane`. `enough_m`, `most_m`: distances below `enough_m` need not be
    exact, and distances above `most_m` are not computed. Returns: metres on the ground, accurate to 1 %; `most_m` where
    the distance is larger.
    """
    distances = np.empty(len(local_positions))
    for pair in range(len(local_positions)):
        first, last = plane.rings[plane_positions[pair]]
        begin, end = plane.ring_start[first], plane.ring_start[last]
        x, y = _to_local_metres(
            plane.x[begin:end], plane.y[begin:end], centres[local_positions[pair], 0], centres[local_positions[pair], 1]
        )
        root = local.root[local_positions[pair]]
        if _contains_part(local, local_positions[pair], plane, plane_positions[pair], x, y):
            distances[pair] = 0.0
            continue
        least, enough = most_m[pair] * most_m[pair], enough_m[pair] * enough_m[pair]
        for ring in range(first, last):
            for i in range(plane.ring_start[ring] - begin, plane.ring_start[ring + 1] - begin - 1):
                if least > enough:
                    least = _min_distance2(local, root, x[i], y[i], x[i + 1], y[i + 1], least, enough)
        distances[pair] = np.sqrt(least)
    return distances


@jit_inline
def _to_local_metres(x: Floats, y: Floats, x0: float, y0: float) -> tuple[Floats, Floats]:
    """Project plane vertices to metres around a centre, as `geo.geometry.scale_factor.to_local_metres` does."""
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


@jit_inline
def _contains_part(  # noqa: PLR0917
    local: ChainTrees, local_position: int, plane: ChainTrees, plane_position: int, x: Floats, y: Floats
) -> bool:
    """Return whether a part of one polygon starts inside the other."""
    first, last = plane.rings[plane_position]
    begin = plane.ring_start[first]
    for ring in range(first, last):
        i = plane.ring_start[ring] - begin
        if not plane.is_hole[ring] and is_inside(local, local.root[local_position], x[i], y[i]):
            return True
    low_x, high_x, low_y, high_y = x.min(), x.max(), y.min(), y.max()
    for ring in range(local.rings[local_position, 0], local.rings[local_position, 1]):
        px, py = local.x[local.ring_start[ring]], local.y[local.ring_start[ring]]
        if local.is_hole[ring] or not (low_x <= px <= high_x and low_y <= py <= high_y):
            continue
        inside = False
        for plane_ring in range(first, last):
            for i in range(plane.ring_start[plane_ring] - begin, plane.ring_start[plane_ring + 1] - begin - 1):
                if (y[i] > py) != (y[i + 1] > py) and px < x[i] + (x[i + 1] - x[i]) * ((py - y[i]) / (y[i + 1] - y[i])):
                    inside = not inside
        if inside:
            return True
    return False


@jit_inline
def _min_distance2(  # noqa: PLR0917
    trees: ChainTrees, root: int, x0: float, y0: float, x1: float, y1: float, least: float, enough: float
) -> float:
    """Compute the squared smallest distance between a polygon's edges and one edge, or `least` if that is smaller.

    The search stops once the squared distance is `enough` or less.
    """
    low_x, high_x, low_y, high_y = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    node = root
    while node < trees.skip[root] and least > enough:
        east = max(trees.box[node, LOW_X] - high_x, 0.0, low_x - trees.box[node, HIGH_X])
        north = max(trees.box[node, LOW_Y] - high_y, 0.0, low_y - trees.box[node, HIGH_Y])
        if east * east + north * north >= least:
            node = trees.skip[node]
            continue
        if trees.skip[node] == node + 1:
            for i in range(trees.first[node], trees.last[node]):
                ax, ay, bx, by = trees.x[i], trees.y[i], trees.x[i + 1], trees.y[i + 1]
                if _edges_cross(x0, y0, x1, y1, ax, ay, bx, by):
                    return 0.0
                least = min(
                    least, _point_edge_distance2(ax, ay, x0, y0, x1, y1), _point_edge_distance2(bx, by, x0, y0, x1, y1)
                )
                least = min(
                    least, _point_edge_distance2(x0, y0, ax, ay, bx, by), _point_edge_distance2(x1, y1, ax, ay, bx, by)
                )
        node += 1
    return least


@jit_inline
def _edges_cross(  # noqa: PLR0917
    x0: float, y0: float, x1: float, y1: float, ax: float, ay: float, bx: float, by: float
) -> bool:
    """Return whether two edges cross, each from one side of the other to its other side."""
    a = (x1 - x0) * (ay - y0) - (y1 - y0) * (ax - x0)
    b = (x1 - x0) * (by - y0) - (y1 - y0) * (bx - x0)
    c = (bx - ax) * (y0 - ay) - (by - ay) * (x0 - ax)
    d = (bx - ax) * (y1 - ay) - (by - ay) * (x1 - ax)
    return (a > 0) != (b > 0) and (c > 0) != (d > 0)


@jit_inline
def _point_edge_distance2(x: float, y: float, x0: float, y0: float, x1: float, y1: float) -> float:  # noqa: PLR0917
    """Compute the squared distance between a point and an edge."""
    along_x, along_y, dx, dy = x1 - x0, y1 - y0, x0 - x, y0 - y
    length2 = along_x * along_x + along_y * along_y
    along = min(max(-(dx * along_x + dy * along_y) / length2, 0.0), 1.0) if length2 > 0 else 0.0
    dx, dy = dx + along * along_x, dy + along * along_y
    return dx * dx + dy * dy
