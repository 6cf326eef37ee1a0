"""
Boundaries moved by their accuracy: drawn in, as little ground as there may be, and drawn out, as much.

Each feature is moved once, in metres on the ground, round its own middle, and laid back on the equal-area plane, where
it is measured like any other.
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
    """Some features of a layer, moved: those of which anything is left, and where in that each feature is."""

    ground: Ground
    where: Ints  # by position in the layer; -1 where nothing is left or nobody asked

    @classmethod
    def of(cls, ground: Ground, at: Ints, way: Way) -> "Moved":
        """Move the features at some positions, or take them from when they were moved before."""
        at = np.unique(at)
        known = ground.moved.at(at, way)
        is_fresh = shapely.is_missing(known)
        fresh = at[is_fresh]
        moved, rings = move(ground.drawn(fresh), way * ground.accuracy_m[fresh])
        ground.moved.hold(fresh, way, moved)
        known, at = known[~is_fresh], np.concatenate([fresh, at[~is_fresh]])
        shapes = np.concatenate([moved, known])
        left = ~shapely.is_empty(shapes)
        where = np.full(len(ground.ids), -1, dtype=np.int64)
        where[at[left]] = np.arange(left.sum())
        shapes, at = shapes[left], at[left]
        remembered = shared_by_weight(lambda some: _rings(known[some]), _corners(known), features=_MANY, most=_CORNERS)
        outlines, area = DrawnOutlines(shapes, Rings.together([rings, *remembered])), np.asarray(shapely.area(shapes))
        return cls(Ground(ground.ids.iloc[at], outlines, area, ground.accuracy_m[at]), where)


def shared_moved_m2(left: Ground, right: Ground, at_left: Ints, at_right: Ints, way: Way) -> Floats:
    """Measure what pairs, given by position, share when all boundaries have moved."""
    one, other = Moved.of(left, at_left, way), Moved.of(right, at_right, way)
    ours, theirs = one.where[at_left], other.where[at_right]
    area, left_over = np.zeros(len(at_left)), (ours >= 0) & (theirs >= 0)
    area[left_over] = shared_area_m2(one.ground, other.ground, ours[left_over], theirs[left_over])
    return area


class MovedGroups(NamedTuple):
    """Groups of features as they lie when all boundaries have moved; those of which nothing is shared are left out."""

    own: Ground
    other: Ground
    groups: Groups  # positions in these
    number: Ints  # which of the groups as drawn each is

    @classmethod
    def of(cls, own: Ground, other: Ground, groups: Groups, way: Way) -> "MovedGroups":
        """Move what is in some groups."""
        ours, theirs = Moved.of(own, groups.own, way), Moved.of(other, groups.members, way)
        number = np.repeat(np.arange(len(groups.own)), np.diff(groups.starts))
        at_own, at_other = ours.where[groups.own][number], theirs.where[groups.members]
        kept = (at_own >= 0) & (at_other >= 0)
        number, at_other = number[kept], at_other[kept]
        shared = shared_area_m2(ours.ground, theirs.ground, at_own[kept], at_other)
        meet = shared > ROUNDING_M2
        found = Groups.of(number[meet], at_other[meet], shared[meet])
        moved = found._replace(own=ours.where[groups.own[found.own]])
        return cls(ours.ground, theirs.ground, moved, found.own)


def covered_moved_m2(own: Ground, other: Ground, groups: Groups, way: Way) -> Floats:
    """Measure how much of each feature of `own` its group covers when all boundaries have moved."""
    area, done = np.zeros(len(groups.own)), 0
    for some in groups.by_and_by():
        moved = MovedGroups.of(own, other, some, way)
        area[done + moved.number] = covered_area_m2(moved.own, moved.other, moved.groups)
        done += len(some.own)
        let_go(own, other)
    return area


def move(shapes: Geometries, by_m: Floats) -> tuple[Geometries, Rings]:
    """
    Draw plane polygons out by so many metres on the ground, or in where that is negative.

    Returns
    -------
    tuple
        What they are then, empty where nothing is left; and the rings of those that are not empty.
    """

    def work(some: slice) -> tuple[Geometries, Rings]:
        moved = _moved(shapes[some], by_m[some])
        return moved, _rings(moved)

    parts = shared_by_weight(work, _corners(shapes), features=_MANY, most=_CORNERS) or [(shapes, _rings(shapes))]
    return np.concatenate([moved for moved, _ in parts]), Rings.together([rings for _, rings in parts])


def _corners(shapes: Geometries) -> Ints:
    return np.asarray(shapely.get_num_coordinates(shapes), dtype=np.int64)


def _rings(shapes: Geometries) -> Rings:
    return Rings.of(shapes[~shapely.is_empty(shapes)])


def _moved(shapes: Geometries, by_m: Floats) -> Geometries:
    wide = np.flatnonzero(np.ptp(shapely.bounds(shapes)[:, [0, 2]], axis=1) > EDGE)
    shapes = shapes.copy()
    shapes[wide] = [shapely.transform(shape, _run_on) for shape in shapes[wide]]
    centres = scale_factor.middles(shapes)
    near = scale_factor.around(shapes, centres)
    near[wide] = [shapely.union_all(shapely.get_parts(shape), grid_size=_NEAR_M) for shape in near[wide]]
    reach = np.abs(by_m)
    fine = np.flatnonzero(shapely.length(near) < FINE * reach * shapely.get_num_coordinates(near))
    near[fine] = shapely.simplify(near[fine], THINNED * reach[fine])
    laid = scale_factor.back(shapely.buffer(near, by_m, quad_segs=QUARTER), centres)
    bent = np.flatnonzero(~shapely.is_valid(laid))
    laid[bent] = [areal(shapely.make_valid(shape, method="structure")) for shape in laid[bent]]
    bounds = shapely.bounds(laid)
    for i in np.flatnonzero((bounds[:, 0] < -EDGE) | (bounds[:, 2] > EDGE)):
        laid[i] = _cut_at_edge(laid[i])
    return laid


def _run_on(xy: Floats) -> Floats:
    """Bring what lies west of the antimeridian's far side next to what lies east of it."""
    return np.column_stack((np.where(xy[:, 0] < 0, xy[:, 0] + 2 * EDGE, xy[:, 0]), xy[:, 1]))


def _cut_at_edge(shape: shapely.Geometry) -> shapely.Geometry:
    """Cut what has moved across the antimeridian at it, and bring both parts onto the plane."""
    parts = []
    for turn in (-1, 0, 1):
        world = shapely.box((2 * turn - 1) * EDGE, -EDGE, (2 * turn + 1) * EDGE, EDGE)
        part = areal(shapely.intersection(shape, world))
        parts.append(shapely.transform(part, partial(_turned, by=-2 * turn * EDGE)))
    return areal(shapely.union_all(parts))


def _turned(xy: Floats, *, by: float) -> npt.NDArray[np.float64]:
    return np.asarray(xy + np.array([by, 0.0]))
