"""The ground that pairs of polygons share: its area, fast, and its shape, where somebody looks at it."""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from lindero.geo.geometry.prepared import prepared_copy
from lindero.geo.geometry.projection import Floats, Geometries, Ints, boxes_of
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay.prepared_layer import Ground
from lindero.machine.threads import shared_by_weight

ROUNDING_M2 = 1e-4  # less than this is no shared ground but the last digits of coordinates

_UNITED = 64  # members, or groups, that a thread draws in one go, about
_MEMBERS = 100_000  # looked at in one go, or a little more


def let_go(*grounds: Ground) -> None:
    """Let go of the memory that was needed to look at outlines that are in a file."""
    for ground in grounds:
        ground.outlines.let_go()


def candidates(left: Ground, right: Ground) -> tuple[Ints, Ints]:
    """Pair the positions whose bounding boxes meet, right by right."""
    return meeting_boxes(left, right.outlines.bounds)


def meeting_boxes(left: Ground, boxes: Floats) -> tuple[Ints, Ints]:
    """Return the pairs of a feature of `left` and a box (x_low, y_low, x_high, y_high) that meet, box by box."""
    at_right, at_left = left.outlines.box_tree.query(boxes_of(boxes))
    return at_left, at_right


def shared_area_m2(left: Ground, right: Ground, at_left: Ints, at_right: Ints) -> Floats:
    """
    Measure what pairs, given by position, share.

    By the exact kernel where numba is installed, by shapely otherwise: the same to 1e-9 of the smaller side.
    """
    if not len(at_left):
        return np.empty(0)
    if not numba_jit.AVAILABLE:
        return np.asarray(shapely.area(shared_ground(left.drawn(at_left), right.drawn(at_right))))
    from lindero.geo.kernels.shared_area import shared_areas  # needs numba

    return np.maximum(shared_areas(left.trees, right.trees, at_left, at_right), 0)


class Groups(NamedTuple):
    """Features of one layer, by position, each with features of another that lie on it."""

    own: Ints  # (groups): positions in the layer itself
    starts: Ints  # (groups + 1): where in `members` each group begins
    members: Ints  # positions in the other layer
    shared_m2: Floats  # (members): what each shares with its group's own

    @classmethod
    def of(cls, at_own: Ints, at_other: Ints, shared_m2: Floats) -> "Groups":
        """Group pairs by the first of the two."""
        order = np.argsort(at_own, kind="stable")
        starts = np.flatnonzero(np.diff(at_own[order], prepend=-1))
        return cls(at_own[order[starts]], np.append(starts, len(order)), at_other[order], shared_m2[order])

    @property
    def gross_m2(self) -> Floats:
        """What is shared with the members of each group, added up."""
        return np.add.reduceat(self.shared_m2, self.starts[:-1]) if len(self.own) else np.empty(0)

    def some(self, chosen: npt.NDArray[np.bool_]) -> "Groups":
        """Choose groups."""
        sizes = np.diff(self.starts)
        starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes[chosen])))
        members = np.repeat(chosen, sizes)
        return Groups(self.own[chosen], starts, self.members[members], self.shared_m2[members])

    def by_and_by(self) -> Iterator["Groups"]:
        """Part the groups in a row, so that what is looked at for each part is not too much."""
        number = self.starts[:-1] // _MEMBERS
        for begin, end in itertools.pairwise([*np.flatnonzero(np.diff(number, prepend=-1)), len(number)]):
            starts = self.starts[begin : end + 1]
            members = slice(starts[0], starts[-1])
            yield Groups(self.own[begin:end], starts - starts[0], self.members[members], self.shared_m2[members])

    def united(self, other: Ground) -> Geometries:
        """Draw what the members of each group cover together."""
        groups = [group for group in np.split(other.drawn(self.members), self.starts[1:-1]) if len(group)]
        united = np.empty(len(groups), dtype=object)

        def unite(some: slice) -> None:
            united[some] = [shapely.union_all(group) for group in groups[some]]

        shared_by_weight(unite, np.array([len(group) for group in groups]), features=_UNITED, most=_UNITED)
        return united


def covered_area_m2(own: Ground, other: Ground, groups: Groups) -> Floats:
    """
    Measure how much of each feature of `own` its group covers, ground counted once; by the same ways.

    The compiled way draws no union: members that overlap no other add up, the others are cut into trapezoids.
    """
    if not len(groups.own):
        return np.empty(0)
    if not numba_jit.AVAILABLE:
        return np.asarray(shapely.area(shared_ground(own.drawn(groups.own), groups.united(other))))
    from lindero.geo.kernels.union_area import covered_areas  # needs numba

    areas = []
    for some in groups.by_and_by():
        areas.append(covered_areas(own.trees, other.trees, *some))
        let_go(own, other)
    return np.maximum(np.concatenate(areas), 0)


def shared_ground(left: Geometries, right: Geometries) -> Geometries:
    """
    Intersect two arrays of plane polygons pair by pair.

    A copy of the side with more vertices is prepared: most pairs are settled by whether it covers or misses the other.
    """
    left_is_larger = shapely.get_num_coordinates(left) > shapely.get_num_coordinates(right)
    large, small = np.where(left_is_larger, left, right), np.where(left_is_larger, right, left)
    large = prepared_copy(large)
    shared = small.copy()
    crossing = np.flatnonzero(~shapely.covers(large, small))
    crossing_large, crossing_small = large[crossing], small[crossing]
    meet = shapely.intersects(crossing_large, crossing_small)
    shared[crossing] = shapely.Polygon()
    shared[crossing[meet]] = shapely.intersection(crossing_small[meet], crossing_large[meet])
    return shared
