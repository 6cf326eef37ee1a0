"""Outlines of a layer on the equal-area plane, as shapes and as chain trees."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np
import shapely

from lindero.geo.geometry import scale_factor
from lindero.geo.geometry.projection import Floats, Geometries, Ints, Offsets, make_boxes
from lindero.geo.geometry.rings import Rings
from lindero.geo.kernels import numba_jit

if TYPE_CHECKING:
    from lindero.geo.kernels.chain_tree import ChainTrees


BoxQuery = Callable[[Floats], tuple[Ints, Ints]]
"""A query of boxes, (n, 4): the pairs that meet, as positions in these boxes (sorted) and in the outlines."""


@dataclass(frozen=True)
class Outlines:
    """Valid polygons on the equal-area plane. Trees are built when needed, from the rings if these are available."""

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


def build_outlines(rings: Rings) -> Outlines:
    """Build outlines from projected rings, in the direction of the trees. No polygon may be empty."""
    return Outlines(shapely.orient_polygons(rings.to_polygons()), rings)


def _from_ragged(kind: shapely.GeometryType, vertices: Floats, offsets: Offsets) -> Outlines:
    shapes = np.asarray(shapely.from_ragged_array(kind, vertices, offsets))
    return Outlines(shapes, Rings.from_ragged(vertices, offsets))


def _build_box_tree(bounds: Floats) -> BoxQuery:
    """Build an index of bounding boxes."""
    tree = shapely.STRtree(make_boxes(bounds))

    def query(boxes: Floats) -> tuple[Ints, Ints]:
        at_box, at_outline = tree.query(make_boxes(boxes))
        return at_box, at_outline

    return query
