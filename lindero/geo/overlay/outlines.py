"""The outlines of a layer on the equal-area plane: as shapes, and as trees of chains; either is made from the other."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
import shapely

from lindero.geo.geometry import scale_factor
from lindero.geo.geometry.projection import Floats, Geometries, Ints, Offsets, boxes_of
from lindero.geo.geometry.rings import Rings
from lindero.geo.kernels import numba_jit

if TYPE_CHECKING:
    from lindero.geo.kernels.chain_tree import ChainTrees


class Outlines(Protocol):
    """Valid polygons on the equal-area plane, by position."""

    @property
    def shapes(self) -> Geometries:
        """As polygons and multipolygons."""

    @property
    def bounds(self) -> Floats:
        """Their boxes, (n, 4): x_low, y_low, x_high, y_high."""

    @property
    def box_tree(self) -> shapely.STRtree:
        """Their boxes, as a tree."""

    @property
    def trees(self) -> "ChainTrees":
        """As trees of chains."""

    @property
    def perimeter_m(self) -> Floats:
        """The length of each outline, holes too, in metres on the ground."""

    def some(self, at: Ints) -> "Outlines":
        """Choose by position."""

    def drawn(self, at: Ints) -> Geometries:
        """Draw some, by position."""

    def let_go(self) -> None:
        """Let go of the memory that was needed to look at them, where it can be had again."""


@dataclass(frozen=True)
class DrawnOutlines:
    """Shapes, of which trees are made when they are needed; from their rings, if these are at hand."""

    shapes: Geometries
    rings: Rings | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """Travel as arrays: shape by shape takes longer than laying them down did."""
        return _travelled, shapely.to_ragged_array(self.shapes)

    @cached_property
    def bounds(self) -> Floats:
        """Boxes of the shapes."""
        return np.asarray(shapely.bounds(self.shapes))

    @cached_property
    def box_tree(self) -> shapely.STRtree:
        """Sort the boxes into a tree."""
        return shapely.STRtree(boxes_of(self.bounds))

    @cached_property
    def trees(self) -> "ChainTrees":
        """Build the trees."""
        from lindero.geo.kernels.chain_tree import chain_trees  # needs numba

        return chain_trees(Rings.of(self.shapes) if self.rings is None else self.rings)

    @cached_property
    def perimeter_m(self) -> Floats:
        """Measure along the trees; without numba along the shapes."""
        if not numba_jit.AVAILABLE:
            return scale_factor.perimeters_m(self.shapes)
        from lindero.geo.kernels.perimeter import perimeters_m  # needs numba

        return perimeters_m(self.trees)

    def some(self, at: Ints) -> Self:
        """Choose by position."""
        return type(self)(self.shapes[at])

    def drawn(self, at: Ints) -> Geometries:
        """Give the shapes at these positions."""
        return self.shapes[at]

    def let_go(self) -> None:
        """Hold on: they are nowhere else."""


@dataclass(frozen=True)
class LaidOutlines:
    """Rings as they were laid on the plane, of which trees are made, and shapes when somebody looks at them."""

    rings: Rings
    area_m2: Floats

    @classmethod
    def of(cls, rings: Rings) -> Self:
        """Measure the rings before trees turn any of them round."""
        from lindero.geo.kernels.validity import areas_m2  # needs numba

        return cls(rings, areas_m2(rings))

    def __reduce__(self) -> tuple[object, ...]:
        """Travel without what was made of it."""
        return type(self), (self.rings, self.area_m2)

    @cached_property
    def shapes(self) -> Geometries:
        """Draw the shapes as the trees have them: so what is measured on them is the same once trees are kept."""
        return drawn_again(self.trees)

    @cached_property
    def box_tree(self) -> shapely.STRtree:
        """Sort the boxes into a tree."""
        return shapely.STRtree(boxes_of(self.bounds))

    @cached_property
    def bounds(self) -> Floats:
        """Boxes of the roots."""
        return _bounds(self.trees)

    @cached_property
    def trees(self) -> "ChainTrees":
        """Build the trees."""
        from lindero.geo.kernels.chain_tree import chain_trees  # needs numba

        return chain_trees(self.rings)

    @cached_property
    def perimeter_m(self) -> Floats:
        """Measure along the trees."""
        from lindero.geo.kernels.perimeter import perimeters_m  # needs numba

        return perimeters_m(self.trees)

    def some(self, at: Ints) -> DrawnOutlines:
        """Choose by position."""
        return DrawnOutlines(self.drawn(at))

    def drawn(self, at: Ints) -> Geometries:
        """Draw the shapes at these positions."""
        if "shapes" in self.__dict__:
            return self.shapes[at]
        different, which = np.unique(at, return_inverse=True)
        if 2 * len(different) > len(self.rings.first_ring):
            return self.shapes[at]
        trees = self.trees
        return drawn_again(trees._replace(root=trees.root[different], rings=trees.rings[different]))[which]

    def let_go(self) -> None:
        """Hold on: they are nowhere else."""


@dataclass(frozen=True)
class KeptOutlines:
    """Trees in a file that is mapped into memory, of which shapes are made when they are asked for."""

    trees: "ChainTrees"
    perimeter_m: Floats
    let_go: Callable[[], None]  # takes what was read of the trees out of memory

    @cached_property
    def box_tree(self) -> shapely.STRtree:
        """Sort the boxes into a tree."""
        return shapely.STRtree(boxes_of(self.bounds))

    @cached_property
    def shapes(self) -> Geometries:
        """Draw the shapes again, as they were."""
        return drawn_again(self.trees)

    @cached_property
    def bounds(self) -> Floats:
        """Boxes of the roots."""
        return _bounds(self.trees)

    def some(self, at: Ints) -> Self:
        """Choose by position: the trees stay where they are."""
        trees = self.trees
        chosen = trees._replace(root=trees.root[at], rings=trees.rings[at])
        return type(self)(chosen, self.perimeter_m[at], self.let_go)

    def drawn(self, at: Ints) -> Geometries:
        """Draw the shapes at these positions."""
        different, which = np.unique(at, return_inverse=True)
        return np.asarray(self.some(different).shapes[which])


def _travelled(kind: shapely.GeometryType, corners: Floats, offsets: Offsets) -> DrawnOutlines:
    shapes = np.asarray(shapely.from_ragged_array(kind, corners, offsets))
    return DrawnOutlines(shapes, Rings.ragged(corners, offsets))


def _bounds(trees: "ChainTrees") -> Floats:
    return np.asarray(trees.box[trees.root][:, [0, 2, 1, 3]])


def drawn_again(trees: "ChainTrees") -> Geometries:
    """Draw the polygons of trees; their rings run as in the trees."""
    ring, first_ring = _runs(trees.rings[:, 0], trees.rings[:, 1])
    corner, first_corner = _runs(trees.ring_start[ring], trees.ring_start[ring + 1])
    first_of_part = np.append(np.flatnonzero(~trees.is_hole[ring]), len(ring))
    part = np.searchsorted(first_of_part, first_ring)
    corners = np.column_stack([trees.x[corner], trees.y[corner]])
    polygons = np.asarray(
        shapely.from_ragged_array(shapely.GeometryType.POLYGON, corners, (first_corner, first_of_part))
    )
    shapes, several = polygons[part[:-1]], np.flatnonzero(np.diff(part) > 1)
    member, starts = _runs(part[several], part[several + 1])
    owner = np.repeat(np.arange(len(several)), np.diff(starts))
    shapes[several] = shapely.multipolygons(polygons[member], indices=owner)
    return shapes


def _runs(begin: Ints, end: Ints) -> tuple[Ints, Ints]:
    """List what lies from each beginning to its end, and where in the list each run begins (and the last ends)."""
    length = end - begin
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(length)))
    return np.arange(starts[-1]) + np.repeat(begin - starts[:-1], length), starts
