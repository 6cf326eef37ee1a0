"""
Boundaries buffered by their accuracy: inward for the smallest possible area, outward for the largest.

Each feature is buffered once, in metres on the ground around its own centre, and projected back to the equal-area
plane.
"""

from dataclasses import dataclass
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from lindero.geo.geometry import scale_factor
from lindero.geo.geometry.projection import EQUATOR_M, Floats, Geometries, Ints, areal
from lindero.geo.geometry.rings import Rings
from lindero.geo.overlay.intersection import ROUNDING_M2, Groups, covered_area_m2, let_go, shared_area_m2
from lindero.geo.overlay.outlines import DrawnOutlines
from lindero.geo.overlay.prepared_layer import Ground
from lindero.machine.threads import shared_by_weight

Way = Literal[-1, 1]
IN: Way = -1
OUT: Way = 1

QUARTER = 8  # pieces that a quarter of a circle is drawn in: short of it by 1 % of the accuracy, at most
FINE = 0.2  # of the accuracy: outlines whose corners are closer than this, on the mean, are thinned first
THINNED = 0.04  # of the accuracy: how far a thinned outline may run from what it was
EDGE = EQUATOR_M * np.pi  # x of the antimeridian
_MANY = 512  # shapes that a thread moves in one go, at most
_CORNERS = 10_000  # of these, about
_NEAR_M = 0.001  # what the two sides of the antimeridian lie apart by rounding


@dataclass(frozen=True)
class Moved:
    """Buffered features of a layer: those that are not empty, and their positions in the original layer."""

    ground: Ground
    where: Ints  # by position in the layer; -1 where nothing is left or nobody asked

    @classmethod
    def of(cls, ground: Ground, positions: Ints, direction: Way) -> "Moved":
        """Buffer the features at some positions. Features that were buffered before come from the layer's cache."""
        positions = np.unique(positions)
        cached = ground.moved.at(positions, direction)
        is_fresh = shapely.is_missing(cached)
        fresh = positions[is_fresh]
        buffered, rings = move(ground.drawn(fresh), direction * ground.accuracy_m[fresh])
        ground.moved.hold(fresh, direction, buffered)
        cached, positions = cached[~is_fresh], np.concatenate([fresh, positions[~is_fresh]])
        shapes = np.concatenate([buffered, cached])
        is_left = ~shapely.is_empty(shapes)
        buffered_position = np.full(len(ground.ids), -1, dtype=np.int64)
        buffered_position[positions[is_left]] = np.arange(is_left.sum())
        shapes, positions = shapes[is_left], positions[is_left]
        cached_rings = shared_by_weight(
            lambda chunk: _rings(cached[chunk]), _corners(cached), max_features=_MANY, max_weight=_CORNERS
        )
        outlines, area = DrawnOutlines(shapes, Rings.together([rings, *cached_rings])), np.asarray(shapely.area(shapes))
        return cls(Ground(ground.ids.iloc[positions], outlines, area, ground.accuracy_m[positions]), buffered_position)


def shared_moved_m2(left: Ground, right: Ground, at_left: Ints, at_right: Ints, direction: Way) -> Floats:
    """Compute the area that pairs, given by position, share after all boundaries are buffered."""
    buffered_left, buffered_right = Moved.of(left, at_left, direction), Moved.of(right, at_right, direction)
    left_positions, right_positions = buffered_left.where[at_left], buffered_right.where[at_right]
    area, both_left = np.zeros(len(at_left)), (left_positions >= 0) & (right_positions >= 0)
    area[both_left] = shared_area_m2(
        buffered_left.ground, buffered_right.ground, left_positions[both_left], right_positions[both_left]
    )
    return area


class MovedGroups(NamedTuple):
    """Groups of features after all boundaries are buffered. Groups that share no area are left out."""

    own: Ground
    other: Ground
    groups: Groups  # positions in these
    number: Ints  # which of the groups as drawn each is

    @classmethod
    def of(cls, base: Ground, cover: Ground, groups: Groups, direction: Way) -> "MovedGroups":
        """Buffer the features of some groups, and group them again."""
        buffered_base, buffered_cover = (
            Moved.of(base, groups.own, direction),
            Moved.of(cover, groups.members, direction),
        )
        number = np.repeat(np.arange(len(groups.own)), np.diff(groups.starts))
        at_base, at_cover = buffered_base.where[groups.own][number], buffered_cover.where[groups.members]
        is_kept = (at_base >= 0) & (at_cover >= 0)
        number, at_cover = number[is_kept], at_cover[is_kept]
        shared = shared_area_m2(buffered_base.ground, buffered_cover.ground, at_base[is_kept], at_cover)
        is_shared = shared > ROUNDING_M2
        new_groups = Groups.of(number[is_shared], at_cover[is_shared], shared[is_shared])
        moved_groups = new_groups._replace(own=buffered_base.where[groups.own[new_groups.own]])
        return cls(buffered_base.ground, buffered_cover.ground, moved_groups, new_groups.own)


def covered_moved_m2(base: Ground, cover: Ground, groups: Groups, direction: Way) -> Floats:
    """Compute the area of each base feature that its group covers after all boundaries are buffered."""
    area, done = np.zeros(len(groups.own)), 0
    for chunk in groups.by_and_by():
        buffered = MovedGroups.of(base, cover, chunk, direction)
        area[done + buffered.number] = covered_area_m2(buffered.own, buffered.other, buffered.groups)
        done += len(chunk.own)
        let_go(base, cover)
    return area


def move(shapes: Geometries, distance_m: Floats) -> tuple[Geometries, Rings]:
    """
    Buffer plane polygons by distances in metres on the ground; negative distances shrink them.

    Parameters
    ----------
    shapes : array, (n,)
        Polygons on the equal-area plane.
    distance_m : array, (n,)
        Distances in metres on the ground.

    Returns
    -------
    shapes : array, (n,)
        Buffered polygons on the plane; empty where nothing is left.
    rings : Rings
        The rings of the non-empty ones.
    """

    def work(chunk: slice) -> tuple[Geometries, Rings]:
        buffered = _moved(shapes[chunk], distance_m[chunk])
        return buffered, _rings(buffered)

    parts = shared_by_weight(work, _corners(shapes), max_features=_MANY, max_weight=_CORNERS) or [
        (shapes, _rings(shapes))
    ]
    return np.concatenate([moved for moved, _ in parts]), Rings.together([rings for _, rings in parts])


def _corners(shapes: Geometries) -> Ints:
    return np.asarray(shapely.get_num_coordinates(shapes), dtype=np.int64)


def _rings(shapes: Geometries) -> Rings:
    return Rings.of(shapes[~shapely.is_empty(shapes)])


def _moved(shapes: Geometries, distance_m: Floats) -> Geometries:
    across = np.flatnonzero(np.ptp(shapely.bounds(shapes)[:, [0, 2]], axis=1) > EDGE)
    shapes = shapes.copy()
    shapes[across] = [shapely.transform(shape, _run_on) for shape in shapes[across]]
    centres = scale_factor.middles(shapes)
    local = scale_factor.around(shapes, centres)
    local[across] = [shapely.union_all(shapely.get_parts(shape), grid_size=_NEAR_M) for shape in local[across]]
    reach = np.abs(distance_m)
    dense = np.flatnonzero(shapely.length(local) < FINE * reach * shapely.get_num_coordinates(local))
    local[dense] = shapely.simplify(local[dense], THINNED * reach[dense])
    buffered = scale_factor.back(shapely.buffer(local, distance_m, quad_segs=QUARTER), centres)
    invalid = np.flatnonzero(~shapely.is_valid(buffered))
    buffered[invalid] = [areal(shapely.make_valid(shape, method="structure")) for shape in buffered[invalid]]
    bounds = shapely.bounds(buffered)
    for i in np.flatnonzero((bounds[:, 0] < -EDGE) | (bounds[:, 2] > EDGE)):
        buffered[i] = _cut_at_edge(buffered[i])
    return buffered


def _run_on(xy: Floats) -> Floats:
    """Shift vertices with negative x by one turn of the Earth, to join the parts of a shape at the antimeridian."""
    return np.column_stack((np.where(xy[:, 0] < 0, xy[:, 0] + 2 * EDGE, xy[:, 0]), xy[:, 1]))


def _cut_at_edge(shape: shapely.Geometry) -> shapely.Geometry:
    """Split a shape that extends beyond the antimeridian, and shift both parts onto the plane."""
    parts = []
    for turn in (-1, 0, 1):
        world = shapely.box((2 * turn - 1) * EDGE, -EDGE, (2 * turn + 1) * EDGE, EDGE)
        part = areal(shapely.intersection(shape, world))
        parts.append(shapely.transform(part, partial(_turned, offset=-2 * turn * EDGE)))
    return areal(shapely.union_all(parts))


def _turned(xy: Floats, *, offset: float) -> npt.NDArray[np.float64]:
    return np.asarray(xy + np.array([offset, 0.0]))
