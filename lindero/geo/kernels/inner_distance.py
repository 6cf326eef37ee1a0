"""A test of whether the intersection of two polygons contains a point far enough from both of their boundaries.

The common bounding box is halved again and again, starting with the cell that may contain the deepest point. The
distance from any point of a cell to a boundary exceeds that from the cell's centre at most by half the cell's diagonal.
The search ends when a point is found, or when no remaining cell can contain one. This is branch and bound; V.
Agafonkin's "polylabel" (2016) searches in this way for the point farthest from one boundary.
"""

import numpy as np
import numpy.typing as npt

from lindero.geo.geometry import scale_factor
from lindero.geo.geometry.projection import EQUATOR_M, SPHERE_M, Floats, Ints
from lindero.geo.kernels.chain_tree import HIGH_X, HIGH_Y, LOW_X, LOW_Y, ChainTrees
from lindero.geo.kernels.numba_jit import jit, jit_inline
from lindero.machine.threads import map_chunks

Verdicts = npt.NDArray[np.int8]

NONE, FOUND, OPEN = range(3)

_metres_per_plane = jit(scale_factor.metres_per_plane)

_MAX_STEPS = 256  # cells examined per pair before it is left open


def find_deep_points(  # noqa: PLR0917  most arguments come in pairs
    left: ChainTrees, right: ChainTrees, at_left: Ints, at_right: Ints, left_m: Floats, right_m: Floats, slack: float
) -> Verdicts:
    """Search each pair of polygons for a point inside both that is far enough from both boundaries.

    `at_left`, `at_right`: positions in `left` and in `right`. `left_m`, `right_m`: required distances from the
    boundaries of either side, in metres on the ground. `slack`: factor greater than 1 by which measured distances may
    be wrong. Returns: `FOUND` where such a point exists, `NONE` where none exists, `OPEN` where it is undecided.
    """
    answers = np.empty(len(at_left), np.int8)

    def search(chunk: slice) -> None:
        pairs = at_left[chunk], at_right[chunk], left_m[chunk], right_m[chunk]
        cells, hope = np.empty((_MAX_STEPS + 1, 4)), np.empty(_MAX_STEPS + 1)
        _search_pairs(left, right, *pairs, slack, cells, hope, answers[chunk])

    map_chunks(search, len(at_left), chunk=1_024)
    return answers


@jit
def _search_pairs(  # noqa: PLR0917
    left: ChainTrees,
    right: ChainTrees,
    at_left: Ints,
    at_right: Ints,
    left_m: Floats,
    right_m: Floats,
    slack: float,
    cells: Floats,
    hope: Floats,
    answers: Verdicts,
) -> None:
    for pair in range(len(answers)):
        p, q = left.root[at_left[pair]], right.root[at_right[pair]]
        for low, high in ((LOW_X, HIGH_X), (LOW_Y, HIGH_Y)):
            cells[0, low] = max(left.box[p, low], right.box[q, low])
            cells[0, high] = min(left.box[p, high], right.box[q, high])
        answers[pair] = _search_cells(left, p, right, q, left_m[pair], right_m[pair], slack, cells, hope)


@jit_inline
def _search_cells(  # noqa: PLR0917
    left: ChainTrees,
    p: int,
    right: ChainTrees,
    q: int,
    left_m: float,
    right_m: float,
    slack: float,
    cells: Floats,
    hope: Floats,
) -> int:
    """Search the first cell for a deep point.

    The arrays have room for the halves of the cell, and for the upper bound of the spare distance in each (`hope`).
    """
    hope[0], count = np.inf, 1
    for _look in range(_MAX_STEPS):
        if count == 0:
            return NONE
        deepest = 0
        for k in range(1, count):
            if hope[k] > hope[deepest]:
                deepest = k
        low, high, bottom, top = (
            cells[deepest, LOW_X],
            cells[deepest, HIGH_X],
            cells[deepest, LOW_Y],
            cells[deepest, HIGH_Y],
        )
        count -= 1
        cells[deepest], hope[deepest] = cells[count], hope[count]

        x, y = (low + high) / 2, (bottom + top) / 2
        per_east, per_north = _metres_per_plane(y)
        east, north = (high - low) * per_east, (top - bottom) * per_north
        radius = _radius_m(np.sqrt(east * east + north * north) / 2, per_east, max(left_m, right_m))
        spare = _spare_m(left, p, x, y, per_east, per_north, left_m, slack, radius)
        if spare > -np.inf:
            spare = min(spare, _spare_m(right, q, x, y, per_east, per_north, right_m, slack, radius))
        if spare >= 0:
            return FOUND
        if spare == -np.inf:
            continue
        cells[count, LOW_X], cells[count, HIGH_X] = low, x if east > north else high
        cells[count, LOW_Y], cells[count, HIGH_Y] = bottom, top if east > north else y
        cells[count + 1, LOW_X], cells[count + 1, HIGH_X] = x if east > north else low, high
        cells[count + 1, LOW_Y], cells[count + 1, HIGH_Y] = bottom if east > north else y, top
        hope[count] = hope[count + 1] = spare + radius
        count += 2
    return OPEN


@jit_inline
def _radius_m(half_m: float, per_east: float, required_m: float) -> float:
    """Bound the spare distance that other points of a cell may have beyond its centre, from half its diagonal.

    Distances from the centre are measured as if steps to the east had the same length everywhere. They change with the
    tangent of the latitude, per Earth radius to the north. The bound includes this change.
    """
    cosine = per_east * EQUATOR_M / SPHERE_M
    tangent = np.sqrt(1 - cosine * cosine) / cosine
    return float(half_m + 2 * tangent * (half_m + required_m) ** 2 / SPHERE_M)


@jit_inline
def _spare_m(  # noqa: PLR0917
    trees: ChainTrees,
    root: int,
    x: float,
    y: float,
    per_east: float,
    per_north: float,
    required_m: float,
    slack: float,
    radius_m: float,
) -> float:
    """Compute the spare distance of a point: its distance from a polygon's boundary minus the required distance.

    The result is negative if the point is too near, 0 or more if it is far enough, and -inf if no point within a radius
    can be far enough.
    """
    least, enough = required_m / slack, required_m * slack
    inside = is_inside(trees, root, x, y)
    reach = enough if inside else max(radius_m - least, 0.0)
    distance = _nearest_edge_m(trees, root, x, y, per_east, per_north, reach)
    if inside:
        return distance - enough if distance + radius_m > least else -np.inf
    return -distance - enough if distance < reach else -np.inf


@jit_inline
def is_inside(trees: ChainTrees, root: int, x: float, y: float) -> bool:
    """Return whether a point is in a polygon: edges above it that run to the left outnumber those to the right."""
    count = 0
    node = root
    while node < trees.skip[root]:
        if trees.box[node, LOW_X] > x or trees.box[node, HIGH_X] <= x or trees.box[node, HIGH_Y] <= y:
            node = trees.skip[node]
        elif trees.box[node, LOW_Y] > y:
            count += _crossing_direction(trees.start[node], trees.end[node], x)
            node = trees.skip[node]
        else:
            if trees.skip[node] == node + 1:
                for i in range(trees.first[node], trees.last[node]):
                    x0, y0, x1, y1 = trees.x[i], trees.y[i], trees.x[i + 1], trees.y[i + 1]
                    side = _crossing_direction(x0, x1, x)
                    if side != 0 and y0 + (y1 - y0) * ((x - x0) / (x1 - x0)) > y:
                        count += side
            node += 1
    return count > 0


@jit_inline
def _crossing_direction(start: float, end: float, x: float) -> int:
    """Return the direction in which a chain crosses x: 1 to the left, -1 to the right, 0 if it does not."""
    return int(end <= x < start) - int(start <= x < end)


@jit_inline
def _nearest_edge_m(  # noqa: PLR0917
    trees: ChainTrees, root: int, x: float, y: float, per_east: float, per_north: float, reach_m: float
) -> float:
    """Compute the distance from a point to the nearest edge in metres on the ground; `reach_m` if it is larger."""
    least = reach_m * reach_m
    node = root
    while node < trees.skip[root]:
        east = max(trees.box[node, LOW_X] - x, 0.0, x - trees.box[node, HIGH_X]) * per_east
        north = max(trees.box[node, LOW_Y] - y, 0.0, y - trees.box[node, HIGH_Y]) * per_north
        if east * east + north * north >= least:
            node = trees.skip[node]
            continue
        if trees.skip[node] == node + 1:
            for i in range(trees.first[node], trees.last[node]):
                dx, dy = (trees.x[i] - x) * per_east, (trees.y[i] - y) * per_north
                along_x, along_y = (trees.x[i + 1] - trees.x[i]) * per_east, (trees.y[i + 1] - trees.y[i]) * per_north
                length2 = along_x * along_x + along_y * along_y
                along = min(max(-(dx * along_x + dy * along_y) / length2, 0.0), 1.0) if length2 > 0 else 0.0
                dx, dy = dx + along * along_x, dy + along * along_y
                least = min(least, dx * dx + dy * dy)
        node += 1
    return float(np.sqrt(least))
