"""Outlines of a layer on the equal-area plane, as shapes and as chain trees. Each form is built from the other."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
import shapely

from lindero.geo.geometry import scale_factor
from lindero.geo.geometry.projection import Floats, Geometries, Ints, Offsets, make_boxes
from lindero.geo.geometry.rings import Rings, expand_ranges
from lindero.geo.kernels import numba_jit

if TYPE_CHECKING:
    from lindero.geo.kernels.chain_tree import ChainTrees


BoxQuery = Callable[[Floats], tuple[Ints, Ints]]
"""A query of boxes, (n, 4): the pairs that meet, as positions in these boxes (sorted) and in the outlines."""


class Outlines(Protocol):
    """Valid polygons on the equal-area plane, by position."""

    @property
    def shapes(self) -> Geometries:
        """The outlines as polygons and multipolygons."""

    @property
    def bounds(self) -> Floats:
        """The bounding boxes, (n, 4): x_low, y_low, x_high, y_high."""

    @property
    def box_tree(self) -> BoxQuery:
        """A query of the bounding boxes, from an index that is built once."""

    @property
    def trees(self) -> "ChainTrees":
        """The outlines as chain trees."""

    @property
    def perimeter_m(self) -> Floats:
        """The perimeter of each outline in metres on the ground, holes included."""

    def select(self, positions: Ints) -> "Outlines":
        """Return the outlines at some positions."""

    def select_shapes(self, positions: Ints) -> Geometries:
        """Return the shapes at some positions."""


@dataclass(frozen=True)
class ShapeOutlines:
    """Outlines that are stored as shapes. Trees are built when needed, from the rings if these are available."""

    shapes: Geometries
    rings: Rings | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """Return the shapes as ragged arrays: pickling them one by one takes longer than projecting them did."""
        return _from_ragged, shapely.to_ragged_array(self.shapes)

    @cached_property
    def area_m2(self) -> Floats:
        """The areas of the shapes."""
        return np.asarray(shapely.area(self.shapes))

    @cached_property
    def bounds(self) -> Floats:
        """The bounding boxes of the shapes, (n, 4)."""
        return np.asarray(shapely.bounds(self.shapes))

    @cached_property
    def box_tree(self) -> BoxQuery:
        """A query of the bounding boxes, from an index that is built once."""
        return _build_box_tree(self.bounds)

    @cached_property
    def trees(self) -> "ChainTrees":
        """The chain trees of the shapes."""
        from lindero.geo.kernels.chain_tree import build_chain_trees  # needs numba

        return build_chain_trees(Rings.from_polygons(self.shapes) if self.rings is None else self.rings)

    @cached_property
    def perimeter_m(self) -> Floats:
        """The perimeters in metres on the ground, computed from the trees, or from the shapes without numba."""
        if not numba_jit.HAS_NUMBA:
            return scale_factor.perimeters_m(self.shapes)
        from lindero.geo.kernels.perimeter import perimeters_m  # needs numba

        return perimeters_m(self.trees)

    def select(self, positions: Ints) -> Self:
        """Return the outlines at some positions."""
        return type(self)(self.shapes[positions])

    def select_shapes(self, positions: Ints) -> Geometries:
        """Return the shapes at some positions."""
        return self.shapes[positions]


@dataclass(frozen=True)
class RingOutlines:
    """Outlines that are stored as projected rings. Trees and shapes are built when needed."""

    rings: Rings
    area_m2: Floats

    @classmethod
    def from_rings(cls, rings: Rings) -> Self:
        """Compute the areas of rings before the trees reverse some of them, and build the outlines."""
        from lindero.geo.kernels.validity import areas_m2  # needs numba

        return cls(rings, areas_m2(rings))

    def __reduce__(self) -> tuple[object, ...]:
        """Return the rings and areas, without the trees and shapes derived from them."""
        return type(self), (self.rings, self.area_m2)

    @cached_property
    def shapes(self) -> Geometries:
        """The shapes, built from the trees, so that areas remain the same after the trees are stored."""
        return trees_to_shapes(self.trees)

    @cached_property
    def box_tree(self) -> BoxQuery:
        """A query of the bounding boxes, from an index that is built once."""
        return _build_box_tree(self.bounds)

    @cached_property
    def bounds(self) -> Floats:
        """The bounding boxes of the root nodes, (n, 4)."""
        return _root_bounds(self.trees)

    @cached_property
    def trees(self) -> "ChainTrees":
        """The chain trees of the rings."""
        from lindero.geo.kernels.chain_tree import build_chain_trees  # needs numba

        return build_chain_trees(self.rings)

    @cached_property
    def perimeter_m(self) -> Floats:
        """The perimeters in metres on the ground, computed from the trees."""
        from lindero.geo.kernels.perimeter import perimeters_m  # needs numba

        return perimeters_m(self.trees)

    def select(self, positions: Ints) -> ShapeOutlines:
        """Return the outlines at some positions."""
        return ShapeOutlines(self.select_shapes(positions))

    def select_shapes(self, positions: Ints) -> Geometries:
        """Return the shapes at some positions. Few shapes are built individually, many together."""
        if "shapes" in self.__dict__:
            return self.shapes[positions]
        distinct, inverse = np.unique(positions, return_inverse=True)
        if 2 * len(distinct) > len(self.rings.first_ring):
            return self.shapes[positions]
        trees = self.trees
        return trees_to_shapes(trees._replace(root=trees.root[distinct], rings=trees.rings[distinct]))[inverse]


def build_outlines(rings: Rings) -> ShapeOutlines | RingOutlines:
    """Build outlines that are stored as rings, or as shapes without numba. No polygon may be empty."""
    return RingOutlines.from_rings(rings) if numba_jit.HAS_NUMBA else ShapeOutlines(rings.to_polygons(), rings)


def _from_ragged(kind: shapely.GeometryType, vertices: Floats, offsets: Offsets) -> ShapeOutlines:
    shapes = np.asarray(shapely.from_ragged_array(kind, vertices, offsets))
    return ShapeOutlines(shapes, Rings.from_ragged(vertices, offsets))


def _build_box_tree(bounds: Floats) -> BoxQuery:
    """Build an index of bounding boxes: a packed tree, or an STR tree without numba."""
    if numba_jit.HAS_NUMBA:
        from lindero.geo.kernels.box_tree import BoxTree  # needs numba

        return BoxTree.from_boxes(bounds).query
    tree = shapely.STRtree(make_boxes(bounds))

    def query(boxes: Floats) -> tuple[Ints, Ints]:
        at_box, at_outline = tree.query(make_boxes(boxes))
        return at_box, at_outline

    return query


def _root_bounds(trees: "ChainTrees") -> Floats:
    return np.asarray(trees.box[trees.root][:, [0, 2, 1, 3]])


def trees_to_shapes(trees: "ChainTrees") -> Geometries:
    """Build the polygons of chain trees. The direction of their rings is that of the trees."""
    ring, first_ring = expand_ranges(trees.rings[:, 0], trees.rings[:, 1])
    vertex, ring_start = expand_ranges(trees.ring_start[ring], trees.ring_start[ring + 1])
    return Rings(trees.x[vertex], trees.y[vertex], ring_start, first_ring, trees.is_hole[ring]).to_polygons()
