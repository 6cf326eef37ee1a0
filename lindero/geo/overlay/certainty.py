"""Whether an overlap exceeds the accuracy of the two boundaries.

An overlap is `certain` if it remains after both sides shrink by their accuracies. Otherwise it is a `sliver` if it is
narrower than the coarser accuracy (mean width: twice the area divided by the perimeter), and `possible` if not.
"""

import numpy as np
import numpy.typing as npt
import shapely

from lindero.geo.geometry import scale_factor
from lindero.geo.geometry.projection import Floats, Geometries, Ints, count_holes
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay.intersection import intersect_pairs
from lindero.geo.overlay.prepared_layer import PolygonLayer

Grades = npt.NDArray[np.int8]

GRADES = ("certain", "possible", "sliver")
CERTAIN, POSSIBLE, SLIVER = range(3)

SLACK = 1.01  # distances on the local plane are accurate to 1 %
_UNDECIDED = -1
_MANY = 64  # vertices above which a shape is clipped before it is measured
_ROUNDING = 1e-9  # share of an area


def certainty(left: PolygonLayer, right: PolygonLayer, at_left: Ints, at_right: Ints, area_m2: Floats) -> Grades:
    """Grade overlaps as `CERTAIN`, `POSSIBLE` or `SLIVER`.

    `left`, `right`: the prepared layers, with boundary accuracies in metres. `area_m2`: shared area of each pair in
    square metres; greater than rounding errors. Returns: indices into `GRADES`.
    """
    grades = np.full(len(area_m2), CERTAIN, np.int8)
    doubtful = np.flatnonzero(~_is_large(left, right, at_left, at_right, area_m2))
    if numba_jit.HAS_NUMBA:
        grades[doubtful] = _grade_by_depth(left, right, at_left[doubtful], at_right[doubtful], area_m2[doubtful])
        doubtful = doubtful[grades[doubtful] == _UNDECIDED]
    accuracies = left.accuracy_m[at_left[doubtful]], right.accuracy_m[at_right[doubtful]]
    sides = _clip_sides(left.shapes[at_left[doubtful]], right.shapes[at_right[doubtful]], np.maximum(*accuracies))
    grades[doubtful] = grade_by_shape(intersect_pairs(*sides), *sides, *accuracies)
    return grades


def _is_large(
    left: PolygonLayer, right: PolygonLayer, at_left: Ints, at_right: Ints, area_m2: Floats
) -> npt.NDArray[np.bool_]:
    """Return a mask of the overlaps that certainly contain a disc of the coarser accuracy, according to their areas.

    The boundary of an overlap follows those of both sides. If one side covers the other, it is the boundary of the
    other.
    """
    coarser_m = np.maximum(left.accuracy_m[at_left], right.accuracy_m[at_right])
    perimeter_m = left.perimeter_m[at_left] + right.perimeter_m[at_right]
    holes = left.hole_counts[at_left] + right.hole_counts[at_right]
    for side, positions in ((left, at_left), (right, at_right)):
        is_covered = area_m2 >= side.area_m2[positions] * (1 - _ROUNDING)
        perimeter_m[is_covered], holes[is_covered] = (
            side.perimeter_m[positions[is_covered]],
            side.hole_counts[positions[is_covered]],
        )
    return _contains_disc(area_m2, perimeter_m, holes, coarser_m * SLACK)


def _grade_by_depth(left: PolygonLayer, right: PolygonLayer, at_left: Ints, at_right: Ints, area_m2: Floats) -> Grades:
    """Grade overlaps without building their geometry. Those that remain undecided are marked so.

    An overlap is certain if it contains a point farther from each boundary than its accuracy. Such a point has a disc
    of the finer accuracy around it, so smaller overlaps are not certain. A circle has the shortest boundary for its
    area. An overlap smaller than a disc of the coarser accuracy is therefore narrower than that accuracy.
    """
    from lindero.geo.kernels.inner_distance import FOUND, NONE, find_deep_points  # needs numba
    from lindero.geo.kernels.perimeter import shared_perimeters_m

    left_m, right_m = left.accuracy_m[at_left], right.accuracy_m[at_right]
    finer_m, coarser_m = np.minimum(left_m, right_m), np.maximum(left_m, right_m)
    places = np.full(len(area_m2), NONE, np.int8)
    rows = np.flatnonzero(area_m2 * SLACK >= np.pi * finer_m**2)
    positions = at_left[rows], at_right[rows]
    places[rows] = find_deep_points(left.trees, right.trees, *positions, left_m[rows], right_m[rows], SLACK)

    is_narrow = area_m2 * SLACK < np.pi * coarser_m**2
    rows = np.flatnonzero((places == NONE) & ~is_narrow)
    perimeter_m = shared_perimeters_m(left.trees, right.trees, at_left[rows], at_right[rows])
    is_narrow[rows] = 2 * area_m2[rows] < coarser_m[rows] * perimeter_m
    graded = np.where(places == NONE, np.where(is_narrow, SLIVER, POSSIBLE), _UNDECIDED)
    return np.where(places == FOUND, CERTAIN, graded).astype(np.int8)


def grade_by_shape(
    shared: Geometries,
    left: Geometries,
    right: Geometries,
    left_accuracy_m: Floats,
    right_accuracy_m: Floats,
) -> Grades:
    """Grade overlaps from their geometry on the equal-area plane: the shared area of each pair, and its two sides."""
    area, perimeter = shapely.area(shared), scale_factor.perimeters_m(shared)
    coarser_m = np.maximum(left_accuracy_m, right_accuracy_m)
    is_narrow = 2 * area < coarser_m * perimeter
    is_certain = _contains_disc(area, perimeter, count_holes(shared), coarser_m * SLACK)
    undecided = np.flatnonzero(~is_certain)
    is_certain[undecided] = _survives_shrinking(
        shared[undecided], left[undecided], right[undecided], left_accuracy_m[undecided], right_accuracy_m[undecided]
    )
    return np.where(is_certain, CERTAIN, np.where(is_narrow, SLIVER, POSSIBLE)).astype(np.int8)


def _contains_disc(area: Floats, perimeter: Floats, holes: Floats, radius: Floats) -> npt.NDArray[np.bool_]:
    """Return a mask of the shapes that certainly contain a disc of a given radius.

    The perimeter and the number of holes are upper bounds. Shrinking by t leaves a perimeter of at most the original
    one plus 2π t per hole (less without holes). The area lost on the way to `radius` is therefore at most perimeter ·
    radius + π holes radius². If the area is larger, something remains.
    """
    return np.asarray(area > perimeter * radius + np.pi * holes * radius**2)


def _survives_shrinking(
    shared: Geometries, left: Geometries, right: Geometries, left_accuracy_m: Floats, right_accuracy_m: Floats
) -> npt.NDArray[np.bool_]:
    """Shrink both sides of each pair, and return whether they still overlap.

    Shrinking both sides by the finer accuracy equals shrinking their intersection by it. The rest of the coarser
    accuracy applies to the coarser side alone, near the intersection.
    """
    centres = scale_factor.bbox_centres(shared)
    finer_m, coarser_m = np.minimum(left_accuracy_m, right_accuracy_m), np.maximum(left_accuracy_m, right_accuracy_m)
    inner = shapely.buffer(scale_factor.to_local_metres(shared, centres), -finer_m)
    overlaps = ~shapely.is_empty(inner)
    unequal = np.flatnonzero(overlaps & (coarser_m > finer_m))
    coarser_side = np.where((left_accuracy_m > right_accuracy_m)[unequal], left[unequal], right[unequal])
    clipped = shapely.intersection(coarser_side, _expanded_boxes(shared[unequal], 2 * coarser_m[unequal]))
    shrunk = shapely.buffer(scale_factor.to_local_metres(clipped, centres[unequal]), -coarser_m[unequal])
    overlaps[unequal] = shapely.area(shapely.intersection(inner[unequal], shrunk)) > 0
    return np.asarray(overlaps)


def _clip_sides(left: Geometries, right: Geometries, reach_m: Floats) -> tuple[Geometries, Geometries]:
    """Clip large sides to the area that matters: within three times `reach_m` of the other side's bounding box."""
    bounds = [shapely.bounds(_expanded_boxes(side, 3 * reach_m)) for side in (left, right)]
    clipped_sides = []
    for side, other_bounds in ((left, bounds[1]), (right, bounds[0])):
        clipped = side.copy()
        for position in np.flatnonzero(shapely.get_num_coordinates(side) > _MANY):
            clipped[position] = shapely.clip_by_rect(side[position], *other_bounds[position])
        clipped_sides.append(clipped)
    return clipped_sides[0], clipped_sides[1]


def _expanded_boxes(shapes: Geometries, margin_m: Floats) -> Geometries:
    """Return bounding boxes on the plane, expanded by at least `margin_m` metres on the ground."""
    bounds = shapely.bounds(shapes)
    margin = margin_m * scale_factor.plane_per_m(np.abs(bounds[:, [1, 3]]).max(axis=1))
    return np.asarray(
        shapely.box(bounds[:, 0] - margin, bounds[:, 1] - margin, bounds[:, 2] + margin, bounds[:, 3] + margin)
    )


def find_pairs_within_accuracy(left: PolygonLayer, right: PolygonLayer) -> tuple[Ints, Ints]:
    """Find the pairs that overlap if both sides grow by their accuracies: positions in `left` and in `right`."""
    if not len(left.shapes) or not len(right.shapes):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    max_reach_m = left.accuracy_m + right.accuracy_m.max()
    max_height = np.abs(shapely.bounds(left.shapes)[:, [1, 3]]).max(axis=1)
    reach = max_reach_m * scale_factor.plane_per_m(max_height) * SLACK
    at_left, at_right = shapely.STRtree(right.shapes).query(left.shapes, predicate="dwithin", distance=reach)
    sides = left.shapes[at_left], right.shapes[at_right]
    distance_m = np.zeros(len(at_left))
    disjoint = np.flatnonzero(~shapely.intersects(*sides))
    distance_m[disjoint] = _distance_m(sides[0][disjoint], sides[1][disjoint], max_reach_m[at_left[disjoint]])
    is_near = distance_m < left.accuracy_m[at_left] + right.accuracy_m[at_right]
    return at_left[is_near], at_right[is_near]


def _distance_m(left: Geometries, right: Geometries, within_m: Floats) -> Floats:
    """Compute the distance between two sides in metres on the ground; infinity if it is `within_m` or more."""
    boxes = _expanded_boxes(left, within_m), _expanded_boxes(right, within_m)
    window = shapely.intersection(*boxes)
    centres = scale_factor.bbox_centres(window)
    boundaries = (
        scale_factor.to_local_metres(shapely.intersection(shapely.boundary(side), window), centres)
        for side in (left, right)
    )
    distance = shapely.distance(*boundaries)
    return np.where(np.isnan(distance), np.inf, distance)
