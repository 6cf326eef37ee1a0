"""
Whether an overlap is beyond the accuracy of the boundaries that make it.

An overlap is `certain` if it survives shrinking both sides by their accuracies, a `sliver` if it does not and is
narrower than the coarser accuracy (mean width: twice the area by the perimeter), `possible` otherwise.
"""

import numpy as np
import numpy.typing as npt
import shapely

from lindero.geo.geometry import scale_factor
from lindero.geo.geometry.projection import Floats, Geometries, Ints, holes_of
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay.intersection import shared_ground
from lindero.geo.overlay.prepared_layer import Ground

Grades = npt.NDArray[np.int8]

GRADES = ("certain", "possible", "sliver")
CERTAIN, POSSIBLE, SLIVER = range(3)

SLACK = 1.01  # distances on the local plane are true to 1 %
_UNDECIDED = -1
_MANY = 64  # corners
_ROUNDING = 1e-9  # of an area


def certainty(left: Ground, right: Ground, at_left: Ints, at_right: Ints, area_m2: Floats) -> Grades:
    """
    Grade overlaps: `CERTAIN`, `POSSIBLE` or `SLIVER`.

    Parameters
    ----------
    left, right
        The layers.
    at_left, at_right
        Positions of the two sides of each overlap.
    area_m2
        How much each pair shares: more than rounding.
    """
    grades = np.full(len(area_m2), CERTAIN, np.int8)
    doubtful = np.flatnonzero(~_is_large(left, right, at_left, at_right, area_m2))
    if numba_jit.AVAILABLE:
        grades[doubtful] = _graded_by_depth(left, right, at_left[doubtful], at_right[doubtful], area_m2[doubtful])
        doubtful = doubtful[grades[doubtful] == _UNDECIDED]
    accuracies = left.accuracy_m[at_left[doubtful]], right.accuracy_m[at_right[doubtful]]
    sides = _near_each_other(left.drawn(at_left[doubtful]), right.drawn(at_right[doubtful]), np.maximum(*accuracies))
    grades[doubtful] = graded_by_shape(shared_ground(*sides), *sides, *accuracies)
    return grades


def _is_large(left: Ground, right: Ground, at_left: Ints, at_right: Ints, area_m2: Floats) -> npt.NDArray[np.bool_]:
    """
    Tell which overlaps surely hold a disc of the coarser accuracy, by their areas alone.

    What is shared has its outline along those of the two sides; where one side covers the other, along that one's.
    """
    reach = np.maximum(left.accuracy_m[at_left], right.accuracy_m[at_right])
    outline = left.perimeter_m[at_left] + right.perimeter_m[at_right]
    holes = left.holes[at_left] + right.holes[at_right]
    for side, at in ((left, at_left), (right, at_right)):
        covered = area_m2 >= side.area_m2[at] * (1 - _ROUNDING)
        outline[covered], holes[covered] = side.perimeter_m[at[covered]], side.holes[at[covered]]
    return _holds_a_disc(area_m2, outline, holes, reach * SLACK)


def _graded_by_depth(left: Ground, right: Ground, at_left: Ints, at_right: Ints, area_m2: Floats) -> Grades:
    """
    Grade the overlaps that can be graded without drawing them; the others stay undecided.

    Certain is what holds a place farther from either boundary than that one's accuracy. Such a place has a disc of the
    finer accuracy round it, so what is smaller is not certain. And of all outlines a circle's is the shortest for its
    area, so what is smaller than a disc of the coarser accuracy is narrower than that.
    """
    from lindero.geo.kernels.inner_distance import FOUND, NONE, deep_places  # needs numba
    from lindero.geo.kernels.perimeter import shared_outlines_m

    left_m, right_m = left.accuracy_m[at_left], right.accuracy_m[at_right]
    fine, reach = np.minimum(left_m, right_m), np.maximum(left_m, right_m)
    places = np.full(len(area_m2), NONE, np.int8)
    some = np.flatnonzero(area_m2 * SLACK >= np.pi * fine**2)
    at = at_left[some], at_right[some]
    places[some] = deep_places(left.trees, right.trees, *at, left_m[some], right_m[some], SLACK)

    narrow = area_m2 * SLACK < np.pi * reach**2
    some = np.flatnonzero((places == NONE) & ~narrow)
    outline = shared_outlines_m(left.trees, right.trees, at_left[some], at_right[some])
    narrow[some] = 2 * area_m2[some] < reach[some] * outline
    graded = np.where(places == NONE, np.where(narrow, SLIVER, POSSIBLE), _UNDECIDED)
    return np.where(places == FOUND, CERTAIN, graded).astype(np.int8)


def graded_by_shape(
    shared: Geometries,
    left: Geometries,
    right: Geometries,
    left_accuracy_m: Floats,
    right_accuracy_m: Floats,
) -> Grades:
    """Grade overlaps by drawing them: what each pair shares, and its two sides, on the equal-area plane."""
    area, perimeter = shapely.area(shared), scale_factor.perimeters_m(shared)
    reach = np.maximum(left_accuracy_m, right_accuracy_m)
    narrow = 2 * area < reach * perimeter
    certain = _holds_a_disc(area, perimeter, holes_of(shared), reach * SLACK)
    rest = np.flatnonzero(~certain)
    certain[rest] = _survives(shared[rest], left[rest], right[rest], left_accuracy_m[rest], right_accuracy_m[rest])
    return np.where(certain, CERTAIN, np.where(narrow, SLIVER, POSSIBLE)).astype(np.int8)


def _holds_a_disc(area: Floats, outline: Floats, holes: Floats, radius: Floats) -> npt.NDArray[np.bool_]:
    """
    Tell, without drawing it, which shapes surely hold a disc of a radius; outline and number of holes are upper bounds.

    Shrinking by t leaves an outline of at most the whole one plus 2π t per hole (less without), so what is lost on the
    way to `radius` is at most outline · radius + π holes radius². Where the area is more, something is left.
    """
    return np.asarray(area > outline * radius + np.pi * holes * radius**2)


def _survives(
    shared: Geometries, left: Geometries, right: Geometries, left_accuracy_m: Floats, right_accuracy_m: Floats
) -> npt.NDArray[np.bool_]:
    """
    Shrink both sides and look whether they still meet.

    Shrinking both sides by the finer accuracy is shrinking what they share by it. The rest of the coarser accuracy
    concerns the coarser side alone, near what they share.
    """
    centres = scale_factor.middles(shared)
    fine, coarse = np.minimum(left_accuracy_m, right_accuracy_m), np.maximum(left_accuracy_m, right_accuracy_m)
    inner = shapely.buffer(scale_factor.around(shared, centres), -fine)
    meets = ~shapely.is_empty(inner)
    unequal = np.flatnonzero(meets & (coarse > fine))
    side = np.where((left_accuracy_m > right_accuracy_m)[unequal], left[unequal], right[unequal])
    nearby = shapely.intersection(side, _boxes(shared[unequal], 2 * coarse[unequal]))
    shrunk = shapely.buffer(scale_factor.around(nearby, centres[unequal]), -coarse[unequal])
    meets[unequal] = shapely.area(shapely.intersection(inner[unequal], shrunk)) > 0
    return np.asarray(meets)


def _near_each_other(left: Geometries, right: Geometries, reach_m: Floats) -> tuple[Geometries, Geometries]:
    """Leave out what cannot matter of large sides: what is farther than three times `reach_m` from the other's box."""
    bounds = [shapely.bounds(_boxes(side, 3 * reach_m)) for side in (left, right)]
    near = []
    for side, others in ((left, bounds[1]), (right, bounds[0])):
        clipped = side.copy()
        for at in np.flatnonzero(shapely.get_num_coordinates(side) > _MANY):
            clipped[at] = shapely.clip_by_rect(side[at], *others[at])
        near.append(clipped)
    return near[0], near[1]


def _boxes(shapes: Geometries, margin_m: Floats) -> Geometries:
    """Give bounding boxes on the plane, grown by at least `margin_m` metres on the ground."""
    bounds = shapely.bounds(shapes)
    margin = margin_m * scale_factor.plane_per_m(np.abs(bounds[:, [1, 3]]).max(axis=1))
    return np.asarray(
        shapely.box(bounds[:, 0] - margin, bounds[:, 1] - margin, bounds[:, 2] + margin, bounds[:, 3] + margin)
    )


def within_accuracy(left: Ground, right: Ground) -> tuple[Ints, Ints]:
    """Find the pairs that come to share ground if both sides grow by their accuracies: positions in `left`, `right`."""
    if not len(left.shapes) or not len(right.shapes):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    widest = left.accuracy_m + right.accuracy_m.max()
    edge = np.abs(shapely.bounds(left.shapes)[:, [1, 3]]).max(axis=1)
    reach = widest * scale_factor.plane_per_m(edge) * SLACK
    at_left, at_right = shapely.STRtree(right.shapes).query(left.shapes, predicate="dwithin", distance=reach)
    sides = left.drawn(at_left), right.drawn(at_right)
    apart_m = np.zeros(len(at_left))
    apart = np.flatnonzero(~shapely.intersects(*sides))
    apart_m[apart] = _distance_m(sides[0][apart], sides[1][apart], widest[at_left[apart]])
    near = apart_m < left.accuracy_m[at_left] + right.accuracy_m[at_right]
    return at_left[near], at_right[near]


def _distance_m(left: Geometries, right: Geometries, within_m: Floats) -> Floats:
    """Measure how far apart two sides are (metres on the ground), where they are less than `within_m` apart."""
    boxes = _boxes(left, within_m), _boxes(right, within_m)
    window = shapely.intersection(*boxes)
    centres = scale_factor.middles(window)
    edges = (
        scale_factor.around(shapely.intersection(shapely.boundary(side), window), centres) for side in (left, right)
    )
    distance = shapely.distance(*edges)
    return np.where(np.isnan(distance), np.inf, distance)
