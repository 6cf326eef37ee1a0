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
from lindero.geo.overlay.intersection import ROUNDING_M2, Groups, covered_area_m2, let_go, shared_area_m2
from lindero.geo.overlay.outlines import DrawnOutlines
from lindero.geo.overlay.prepared_layer import Ground
from lindero.geo.threads import shared_out

Way = Literal[-1, 1]
IN: Way = -1
OUT: Way = 1

QUARTER = 8  # pieces that a quarter of a circle is drawn in: short of it by 1 % of the accuracy, at most
FINE = 0.2  # of the accuracy: outlines whose corners are closer than this, on the mean, are thinned first
THINNED = 0.04  # of the accuracy: how far a thinned outline may run from what it was
_EDGE = EQUATOR_M * np.pi  # x of the antimeridian
_MANY = 128  # shapes that a thread draws in one go
_NEAR_M = 0.001  # what the two sides of the antimeridian lie apart by rounding


@dataclass(frozen=True)
class Moved:
    """Some features of a layer, moved: those of which anything is left, and where in that each feature is."""

    ground: Ground
    where: Ints  # by position in the layer; -1 where nothing is left or nobody asked

    @classmethod
    def of(cls, ground: Ground, at: Ints, way: Way) -> "Moved":
        """Move the features at some positions."""
        at = np.unique(at)
        shapes = _remembered(ground, at, way)
        left = ~shapely.is_empty(shapes)
        where = np.full(len(ground.ids), -1, dtype=np.int64)
        where[at[left]] = np.arange(left.sum())
        shapes, at = shapes[left], at[left]
        area = np.asarray(shapely.area(shapes))
        return cls(Ground(ground.ids.iloc[at], DrawnOutlines(shapes), area, ground.accuracy_m[at]), where)


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


def _remembered(ground: Ground, at: Ints, way: Way) -> Geometries:
    """Move features, or take them from when they were moved before."""
    known = ground.moved
    wanted: list[tuple[int, int]] = [(way, i) for i in at.tolist()]
    fresh = [key for key in dict.fromkeys(wanted) if key not in known]
    lacking = np.array([i for _way, i in fresh], dtype=np.int64)
    made = move(ground.drawn(lacking), way * ground.accuracy_m[lacking])
    shapes = dict(zip(fresh, made, strict=True))
    found = np.empty(len(at), dtype=object)
    found[:] = [shapes[key] if key in shapes else known[key] for key in wanted]
    known.hold(shapes, corners=int(shapely.get_num_coordinates(made).sum()))
    return found


def move(shapes: Geometries, by_m: Floats) -> Geometries:
    """Draw plane polygons out by so many metres on the ground, or in where that is negative."""
    if not len(shapes):
        return shapes
    wide = np.flatnonzero(np.ptp(shapely.bounds(shapes)[:, [0, 2]], axis=1) > _EDGE)
    shapes = shapes.copy()
    shapes[wide] = [shapely.transform(shape, _run_on) for shape in shapes[wide]]
    centres = scale_factor.middles(shapes)
    near = scale_factor.around(shapes, centres)
    near[wide] = [shapely.union_all(shapely.get_parts(shape), grid_size=_NEAR_M) for shape in near[wide]]
    reach = np.abs(by_m)
    fine = np.flatnonzero(shapely.length(near) < FINE * reach * shapely.get_num_coordinates(near))
    near[fine] = shapely.simplify(near[fine], THINNED * reach[fine])
    moved = _drawn_out(near, by_m)
    laid = scale_factor.back(moved, centres)
    bent = np.flatnonzero(~shapely.is_valid(laid))
    laid[bent] = [areal(shapely.make_valid(shape, method="structure")) for shape in laid[bent]]
    bounds = shapely.bounds(laid)
    for i in np.flatnonzero((bounds[:, 0] < -_EDGE) | (bounds[:, 2] > _EDGE)):
        laid[i] = _cut_at_edge(laid[i])
    return laid


def _drawn_out(shapes: Geometries, by_m: Floats) -> Geometries:
    parts = shared_out(
        lambda some: shapely.buffer(shapes[some], by_m[some], quad_segs=QUARTER), len(shapes), chunk=_MANY
    )
    return np.concatenate(parts)


def _run_on(xy: Floats) -> Floats:
    """Bring what lies west of the antimeridian's far side next to what lies east of it."""
    return np.column_stack((np.where(xy[:, 0] < 0, xy[:, 0] + 2 * _EDGE, xy[:, 0]), xy[:, 1]))


def _cut_at_edge(shape: shapely.Geometry) -> shapely.Geometry:
    """Cut what has moved across the antimeridian at it, and bring both parts onto the plane."""
    parts = []
    for turn in (-1, 0, 1):
        world = shapely.box((2 * turn - 1) * _EDGE, -_EDGE, (2 * turn + 1) * _EDGE, _EDGE)
        part = areal(shapely.intersection(shape, world))
        parts.append(shapely.transform(part, partial(_turned, by=-2 * turn * _EDGE)))
    return areal(shapely.union_all(parts))


def _turned(xy: Floats, *, by: float) -> npt.NDArray[np.float64]:
    return np.asarray(xy + np.array([by, 0.0]))
