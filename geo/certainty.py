"""
Whether an overlap is beyond the accuracy of the boundaries that make it.

An overlap is `certain` if it survives shrinking both sides by their accuracies, a `sliver` if it does not and is
narrower than the coarser accuracy (mean width: twice the area by the perimeter), `possible` otherwise.
"""

import numpy as np
import numpy.typing as npt
import shapely

from geo import local
from geo.ground import Ground
from geo.plane import Floats, Geometries, Ints, polygons_of

SLACK = 1.01  # distances on the local plane are true to 1 %


def certainty(
    shared: Geometries, left: Geometries, right: Geometries, left_accuracy_m: Floats, right_accuracy_m: Floats
) -> npt.NDArray[np.str_]:
    """
    Grade overlaps: `certain`, `possible` or `sliver`, pair by pair.

    Parameters
    ----------
    shared
        The ground that each pair shares, with area, on the equal-area plane.
    left, right
        The two sides of each pair, whole, on the same plane.
    left_accuracy_m, right_accuracy_m
        How far from its true place each side's boundary may lie.
    """
    area, perimeter = shapely.area(shared), local.perimeters_m(shared)
    reach = np.maximum(left_accuracy_m, right_accuracy_m)
    grades = np.where(2 * area < reach * perimeter, "sliver", "possible")
    certain = _wide_enough(shared, area, perimeter, reach * SLACK)
    doubtful = np.flatnonzero(~certain)
    certain[doubtful] = _survives(
        shared[doubtful], left[doubtful], right[doubtful], left_accuracy_m[doubtful], right_accuracy_m[doubtful]
    )
    return np.where(certain, "certain", grades)


def _wide_enough(shared: Geometries, area: Floats, perimeter: Floats, reach: Floats) -> npt.NDArray[np.bool_]:
    """
    Find overlaps that hold a disc of radius `reach`, without drawing it.

    Shrinking by t leaves an outline of at most the perimeter plus 2π t per hole (less without), so what is lost on the
    way to `reach` is at most perimeter · reach + π holes reach². Where the area is more, something is left.
    """
    parts, owner = polygons_of(shared)
    holes = np.zeros(len(shared))
    np.add.at(holes, owner, shapely.get_num_interior_rings(parts))
    return np.asarray(area > perimeter * reach + np.pi * holes * reach**2)


def _survives(
    shared: Geometries, left: Geometries, right: Geometries, left_accuracy_m: Floats, right_accuracy_m: Floats
) -> npt.NDArray[np.bool_]:
    """
    Shrink both sides and look whether they still meet.

    Shrinking both sides by the finer accuracy is shrinking what they share by it. The rest of the coarser accuracy
    concerns the coarser side alone, near what they share.
    """
    centres = local.middles(shared)
    fine, coarse = np.minimum(left_accuracy_m, right_accuracy_m), np.maximum(left_accuracy_m, right_accuracy_m)
    inner = shapely.buffer(local.around(shared, centres), -fine)
    meets = ~shapely.is_empty(inner)
    unequal = np.flatnonzero(meets & (coarse > fine))
    side = np.where((left_accuracy_m > right_accuracy_m)[unequal], left[unequal], right[unequal])
    nearby = shapely.intersection(side, _boxes(shared[unequal], 2 * coarse[unequal]))
    shrunk = shapely.buffer(local.around(nearby, centres[unequal]), -coarse[unequal])
    meets[unequal] = shapely.area(shapely.intersection(inner[unequal], shrunk)) > 0
    return np.asarray(meets)


def _boxes(shapes: Geometries, margin_m: Floats) -> Geometries:
    """Give bounding boxes on the plane, grown by at least `margin_m` metres on the ground."""
    bounds = shapely.bounds(shapes)
    margin = margin_m * local.plane_per_m(np.abs(bounds[:, [1, 3]]).max(axis=1))
    return np.asarray(
        shapely.box(bounds[:, 0] - margin, bounds[:, 1] - margin, bounds[:, 2] + margin, bounds[:, 3] + margin)
    )


def within_accuracy(left: Ground, right: Ground) -> tuple[Ints, Ints]:
    """Find the pairs that come to share ground if both sides grow by their accuracies: positions in `left`, `right`."""
    if not len(left.shapes) or not len(right.shapes):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    widest = left.accuracy_m + right.accuracy_m.max()
    edge = np.abs(shapely.bounds(left.shapes)[:, [1, 3]]).max(axis=1)
    reach = widest * local.plane_per_m(edge) * SLACK
    at_left, at_right = shapely.STRtree(right.shapes).query(left.shapes, predicate="dwithin", distance=reach)
    sides = left.shapes[at_left], right.shapes[at_right]
    apart_m = np.zeros(len(at_left))
    apart = np.flatnonzero(~shapely.intersects(*sides))
    apart_m[apart] = _distance_m(sides[0][apart], sides[1][apart], widest[at_left[apart]])
    near = apart_m < left.accuracy_m[at_left] + right.accuracy_m[at_right]
    return at_left[near], at_right[near]


def _distance_m(left: Geometries, right: Geometries, within_m: Floats) -> Floats:
    """Measure how far apart two sides are (metres on the ground), where they are less than `within_m` apart."""
    boxes = _boxes(left, within_m), _boxes(right, within_m)
    window = shapely.intersection(*boxes)
    centres = local.middles(window)
    edges = (local.around(shapely.intersection(shapely.boundary(side), window), centres) for side in (left, right))
    distance = shapely.distance(*edges)
    return np.where(np.isnan(distance), np.inf, distance)
