"""Neighbours of places: cells within rings, touching polygons, or the nearest points."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import h3
import numpy as np
import numpy.typing as npt
import shapely

from lindero.geo.geometry.projection import EQUATOR_M, POLE_M, Floats, Geometries, Ints

GAP_M = 100.0  # polygons of one publisher this close are neighbours, because digitised borders leave gaps
_BLOCK = 500


@dataclass(frozen=True)
class Neighbours:
    """Pairs of neighbours by position, sorted by `owner`: `neighbour[i]` is a neighbour of `owner[i]`, never itself."""

    owner: Ints
    neighbour: Ints
    places: int

    @cached_property
    def degrees(self) -> Ints:
        """The number of neighbours of each place."""
        return np.bincount(self.owner, minlength=self.places).astype(np.int64)

    def sums(self, values: Floats) -> Floats:
        """Sum the values of each place's neighbours, without its own value."""
        return np.bincount(self.owner, values[self.neighbour], minlength=self.places).astype(np.float64)

    def select(self, mask: npt.NDArray[np.bool_]) -> "Neighbours":
        """Return the neighbours among the places of a mask. The selected places are renumbered."""
        is_pair_kept = mask[self.owner] & mask[self.neighbour]
        new_position = np.cumsum(mask) - 1
        return Neighbours(
            new_position[self.owner[is_pair_kept]], new_position[self.neighbour[is_pair_kept]], int(mask.sum())
        )

    def label_groups(self, members: npt.NDArray[np.bool_]) -> Ints:
        """Assign numbers to the connected groups of member places from 0; -1 for all other places."""
        label = np.where(members, np.arange(self.places), -1)
        is_member_pair = members[self.owner] & members[self.neighbour]
        owner, neighbour = self.owner[is_member_pair], self.neighbour[is_member_pair]
        while True:
            smallest = label.copy()
            np.minimum.at(smallest, owner, label[neighbour])
            if (smallest == label).all():
                break
            label = smallest
        numbers = np.unique(label[members], return_inverse=True)[1]
        label[members] = numbers
        return label.astype(np.int64)

    def expand(self, steps: int) -> "Neighbours":
        """Return neighbours within a number of steps from neighbour to neighbour."""
        reach = self
        for _ in range(steps - 1):
            order = np.argsort(self.owner, kind="stable")
            starts = np.concatenate(([0], np.cumsum(self.degrees)))
            counts = self.degrees[reach.neighbour]
            owner = np.repeat(reach.owner, counts)
            nth = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
            neighbour = self.neighbour[order][starts[np.repeat(reach.neighbour, counts)] + nth]
            reach = _build_neighbours(
                np.concatenate((reach.owner, owner)), np.concatenate((reach.neighbour, neighbour)), places=self.places
            )
        return reach


def cell_neighbours(ids: Sequence[str], *, rings: int) -> Neighbours:
    """Find the neighbours of H3 cells: the given cells within a number of rings.

    `ids`: H3 indexes of one resolution. Returns: by position in `ids`.
    """
    positions = {cell: i for i, cell in enumerate(ids)}
    found_pairs = [
        (i, positions[cell])
        for i, cell_id in enumerate(ids)
        for cell in h3.grid_disk(cell_id, rings)
        if cell in positions
    ]
    pairs = np.array(found_pairs, dtype=np.int64).reshape(-1, 2)
    return _build_neighbours(pairs[:, 0], pairs[:, 1], places=len(ids))


def touching_neighbours(polygons: Geometries, *, gap_m: float = GAP_M) -> Neighbours:
    """Find the neighbours of polygons: those that touch, or almost touch.

    `gap_m`: maximum gap in plane metres. Returns: by position in `polygons`.
    """
    owner, neighbour = shapely.STRtree(polygons).query(polygons, predicate="dwithin", distance=gap_m)
    return _build_neighbours(owner, neighbour, places=len(polygons))


def nearest_neighbours(points: Floats, *, count: int) -> Neighbours:
    """Find the neighbours of points: the `count` nearest ones by great-circle distance.

    Returns: by position in `points`.
    """
    turn, sine = points[:, 0] / EQUATOR_M, np.clip(points[:, 1] / POLE_M, -1, 1)
    cosine = np.sqrt(1 - sine**2)
    on_sphere = np.column_stack((cosine * np.cos(turn), cosine * np.sin(turn), sine))
    count = min(count, len(points) - 1)
    if count < 1:
        return _build_neighbours(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), places=len(points))
    blocks = []
    for start in range(0, len(points), _BLOCK):
        closeness = on_sphere[start : start + _BLOCK] @ on_sphere.T
        rows = np.arange(len(closeness))
        closeness[rows, start + rows] = -2  # a place is not its own neighbour
        blocks.append(np.argpartition(-closeness, count - 1, axis=1)[:, :count])
    neighbour = np.concatenate(blocks)
    return _build_neighbours(np.repeat(np.arange(len(points)), count), neighbour.ravel(), places=len(points))


def _build_neighbours(owner: npt.NDArray[np.integer], neighbour: npt.NDArray[np.integer], *, places: int) -> Neighbours:
    """Sort pairs, and drop duplicates and pairs of a place with itself."""
    keys = np.unique(owner.astype(np.int64) * places + neighbour)
    keys = keys[keys // max(places, 1) != keys % max(places, 1)]
    return Neighbours(keys // max(places, 1), keys % max(places, 1), places)
