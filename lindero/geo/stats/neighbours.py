"""Which places are neighbours: cells in rings, polygons that touch, the nearest of scattered ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import h3
import numpy as np
import numpy.typing as npt
import shapely

from lindero.geo.geometry.projection import EQUATOR_M, POLE_M, Floats, Geometries, Ints

GAP_M = 100.0  # polygons of one publisher that lie no farther apart are neighbours: digitised borders leave gaps
_BLOCK = 500


@dataclass(frozen=True)
class Neighbours:
    """Pairs of neighbours by position, sorted by the first: `other[i]` is a neighbour of `owner[i]`, never itself."""

    owner: Ints
    other: Ints
    places: int

    @cached_property
    def degrees(self) -> Ints:
        """How many neighbours each place has."""
        return np.bincount(self.owner, minlength=self.places).astype(np.int64)

    def sums(self, values: Floats) -> Floats:
        """Add up the values of each place's neighbours, its own left out."""
        return np.bincount(self.owner, values[self.other], minlength=self.places).astype(np.float64)

    def among(self, kept: npt.NDArray[np.bool_]) -> "Neighbours":
        """Give the neighbours among some of the places, which are counted anew."""
        both = kept[self.owner] & kept[self.other]
        at = np.cumsum(kept) - 1
        return Neighbours(at[self.owner[both]], at[self.other[both]], int(kept.sum()))

    def groups(self, members: npt.NDArray[np.bool_]) -> Ints:
        """Number the groups of members that are each other's neighbours, on and on, from 0; -1 for all others."""
        label = np.where(members, np.arange(self.places), -1)
        both = members[self.owner] & members[self.other]
        owner, other = self.owner[both], self.other[both]
        while True:
            least = label.copy()
            np.minimum.at(least, owner, label[other])
            if (least == label).all():
                break
            label = least
        found = np.unique(label[members], return_inverse=True)[1]
        label[members] = found
        return label.astype(np.int64)

    def farther(self, steps: int) -> "Neighbours":
        """Count as neighbours all that are reached in so many steps from neighbour to neighbour."""
        reach = self
        for _ in range(steps - 1):
            order = np.argsort(self.owner, kind="stable")
            starts = np.concatenate(([0], np.cumsum(self.degrees)))
            counts = self.degrees[reach.other]
            owner = np.repeat(reach.owner, counts)
            nth = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
            other = self.other[order][starts[np.repeat(reach.other, counts)] + nth]
            reach = _pairs(
                np.concatenate((reach.owner, owner)), np.concatenate((reach.other, other)), places=self.places
            )
        return reach


def of_cells(ids: Sequence[str], *, rings: int) -> Neighbours:
    """Give as neighbours of H3 cells those of the given ones that lie within so many rings."""
    at = {cell: i for i, cell in enumerate(ids)}
    near = [(i, at[cell]) for i, own in enumerate(ids) for cell in h3.grid_disk(own, rings) if cell in at]
    pairs = np.array(near, dtype=np.int64).reshape(-1, 2)
    return _pairs(pairs[:, 0], pairs[:, 1], places=len(ids))


def touching(polygons: Geometries, *, gap_m: float = GAP_M) -> Neighbours:
    """Give as neighbours of polygons on the equal-area plane those that touch, or nearly do (a gap in plane metres)."""
    owner, other = shapely.STRtree(polygons).query(polygons, predicate="dwithin", distance=gap_m)
    return _pairs(owner, other, places=len(polygons))


def nearest(points: Floats, *, count: int) -> Neighbours:
    """
    Give as neighbours of scattered points the `count` nearest to each, by great circle.

    Parameters
    ----------
    points
        (n, 2): x, y on the equal-area plane.
    """
    turn, sine = points[:, 0] / EQUATOR_M, np.clip(points[:, 1] / POLE_M, -1, 1)
    cosine = np.sqrt(1 - sine**2)
    on_sphere = np.column_stack((cosine * np.cos(turn), cosine * np.sin(turn), sine))
    count = min(count, len(points) - 1)
    if count < 1:
        return _pairs(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), places=len(points))
    found = []
    for start in range(0, len(points), _BLOCK):
        closeness = on_sphere[start : start + _BLOCK] @ on_sphere.T
        rows = np.arange(len(closeness))
        closeness[rows, start + rows] = -2  # nobody is their own neighbour
        found.append(np.argpartition(-closeness, count - 1, axis=1)[:, :count])
    other = np.concatenate(found)
    return _pairs(np.repeat(np.arange(len(points)), count), other.ravel(), places=len(points))


def _pairs(owner: npt.NDArray[np.integer], other: npt.NDArray[np.integer], *, places: int) -> Neighbours:
    """Sort pairs, each once, and leave out a place's own."""
    keys = np.unique(owner.astype(np.int64) * places + other)
    keys = keys[keys // max(places, 1) != keys % max(places, 1)]
    return Neighbours(keys // max(places, 1), keys % max(places, 1), places)
