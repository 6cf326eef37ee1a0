"""
Whether the ground that two polygons share holds a place far enough from both of their boundaries.

A place is looked for by moving away from the nearest edges, never farther than the nearest of them is: so it stays
inside. What is found is certain; that nothing is found says nothing.
"""

import numpy as np
import numpy.typing as npt

from geo import local
from geo.chains import HIGH_X, HIGH_Y, LOW_X, LOW_Y, ChainTrees
from geo.compiled import compiled, inlined
from geo.plane import Floats, Ints
from geo.threads import shared_out

_metres_per_plane = compiled(local.metres_per_plane)

_SEEDS = 5  # along each side of the box in which both are
_STEPS = 8
_EAGER = 1.2  # times the way that is missing, so that a few steps do
_STAYING = 0.95  # of the way to the nearest edge


def deep_places(  # noqa: PLR0917  two of each
    left: ChainTrees, right: ChainTrees, at_left: Ints, at_right: Ints, left_m: Floats, right_m: Floats
) -> npt.NDArray[np.bool_]:
    """
    Tell for which pairs a place was found, on a grid and around it.

    Parameters
    ----------
    left_m, right_m
        (pairs): how far, in metres on the ground, a place should be from the boundary of either side.
    """
    found = np.zeros(len(at_left), dtype=bool)

    def look(some: slice) -> None:
        _look(left, right, at_left[some], at_right[some], left_m[some], right_m[some], found[some])

    shared_out(look, len(at_left), chunk=256)
    return found


@compiled
def _look(  # noqa: PLR0917
    left: ChainTrees,
    right: ChainTrees,
    at_left: Ints,
    at_right: Ints,
    left_m: Floats,
    right_m: Floats,
    found: npt.NDArray[np.bool_],
) -> None:
    for pair in range(len(at_left)):
        p, q = left.root[at_left[pair]], right.root[at_right[pair]]
        low_x, high_x = max(left.box[p, LOW_X], right.box[q, LOW_X]), min(left.box[p, HIGH_X], right.box[q, HIGH_X])
        low_y, high_y = max(left.box[p, LOW_Y], right.box[q, LOW_Y]), min(left.box[p, HIGH_Y], right.box[q, HIGH_Y])
        for seed in range(_SEEDS * _SEEDS):
            x = low_x + (high_x - low_x) * (seed // _SEEDS + 0.5) / _SEEDS
            y = low_y + (high_y - low_y) * (seed % _SEEDS + 0.5) / _SEEDS
            inside = is_inside(left, p, x, y) and is_inside(right, q, x, y)
            if inside and deepens(left, p, right, q, x, y, left_m[pair], right_m[pair]):
                found[pair] = True
                break


@inlined
def is_inside(trees: ChainTrees, root: int, x: float, y: float) -> bool:
    """Tell whether a place is in a polygon: edges above it that run to the left, less those that run to the right."""
    count = 0
    node = root
    while node < trees.skip[root]:
        if trees.box[node, LOW_X] > x or trees.box[node, HIGH_X] <= x or trees.box[node, HIGH_Y] <= y:
            node = trees.skip[node]
        elif trees.box[node, LOW_Y] > y:
            count += _passes(trees.start[node], trees.end[node], x)
            node = trees.skip[node]
        else:
            if trees.skip[node] == node + 1:
                for i in range(trees.first[node], trees.last[node]):
                    x0, y0, x1, y1 = trees.x[i], trees.y[i], trees.x[i + 1], trees.y[i + 1]
                    side = _passes(x0, x1, x)
                    if side != 0 and y0 + (y1 - y0) * ((x - x0) / (x1 - x0)) > y:
                        count += side
            node += 1
    return count > 0


@inlined
def _passes(start: float, end: float, x: float) -> int:
    """Tell how a chain passes over x: 1 to the left, -1 to the right, 0 not."""
    return int(end <= x < start) - int(start <= x < end)


@compiled
def deepens(  # noqa: PLR0917
    left: ChainTrees, p: int, right: ChainTrees, q: int, x: float, y: float, left_m: float, right_m: float
) -> bool:
    """Tell whether a place that is farther from both boundaries than asked is found from a place inside both."""
    reach = max(left_m, right_m)
    for _step in range(_STEPS):
        per_east, per_north = _metres_per_plane(y)
        from_left, east, north = _away(left, p, x, y, left_m, reach)
        from_right, east_too, north_too = _away(right, q, x, y, right_m, reach)
        if from_left >= left_m and from_right >= right_m:
            return True
        east, north = _EAGER * (east + east_too), _EAGER * (north + north_too)
        way, free = np.hypot(east, north), _STAYING * min(from_left, from_right)
        if way == 0.0 or free == 0.0:
            return False
        share = min(1.0, free / way)
        x, y = x + share * east / per_east, y + share * north / per_north
    return False


@inlined
def _away(  # noqa: PLR0917
    trees: ChainTrees, root: int, x: float, y: float, wanted_m: float, reach_m: float
) -> tuple[float, float, float]:
    """
    Find the edge nearest to a place, looking no farther than `reach_m` (metres on the ground).

    Returns
    -------
    distance, east, north
        How far it is, `reach_m` if there is none; and the step away from it that makes it `wanted_m`, if it is nearer.
    """
    per_east, per_north = _metres_per_plane(y)
    least, to_x, to_y = reach_m * reach_m, 0.0, 0.0
    node = root
    while node < trees.skip[root]:
        box = trees.box[node]
        east = max(box[LOW_X] - x, 0.0, x - box[HIGH_X]) * per_east
        north = max(box[LOW_Y] - y, 0.0, y - box[HIGH_Y]) * per_north
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
                if dx * dx + dy * dy < least:
                    least, to_x, to_y = dx * dx + dy * dy, dx, dy
        node += 1
    distance = np.sqrt(least)
    missing = max(wanted_m - distance, 0.0) / distance if distance > 0 else 0.0
    return distance, -to_x * missing, -to_y * missing
