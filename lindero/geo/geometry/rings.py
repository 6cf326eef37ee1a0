"""Polygons as flat arrays of ring vertices."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from lindero.geo.geometry.projection import Floats, Geometries, Ints, Offsets, project_to_ragged

Flags = npt.NDArray[np.bool_]
TOUCH = 1e-9  # tolerance for rounded coordinates: share of a ring's area that may lie outside the ring around it


class Rings(NamedTuple):
    """The rings of non-empty (multi)polygons: the shell of each part, followed by its holes."""

    x: Floats  # vertices, ring after ring; each ring repeats its first vertex at its end
    y: Floats
    ring_start: Ints  # (rings + 1): where in the vertices each ring begins
    first_ring: Ints  # (polygons + 1): where in the rings each polygon begins
    is_hole: Flags  # (rings)

    @classmethod
    def from_polygons(cls, polygons: Geometries) -> "Rings":
        """Build the rings from an array of polygons."""
        if not len(polygons):
            nothing = np.zeros(1, np.int64)
            return cls(np.empty(0), np.empty(0), nothing, nothing, np.empty(0, dtype=bool))
        _kind, vertices, offsets = shapely.to_ragged_array(polygons, include_z=False)
        return cls.from_ragged(vertices, offsets)

    @classmethod
    def from_ragged(cls, vertices: Floats, offsets: Offsets) -> "Rings":
        """Build the rings from (n, 2) vertices and the offsets of `shapely.to_ragged_array`."""
        x, y = vertices.T.copy()
        return cls.from_offsets(x, y, offsets)

    @classmethod
    def from_offsets(cls, x: Floats, y: Floats, offsets: Offsets) -> "Rings":
        """Build the rings from the coordinates of vertices and the offsets of `shapely.to_ragged_array`."""
        ring_start, first_ring = (np.asarray(starts, dtype=np.int64) for starts in offsets[:2])
        is_hole = np.ones(len(ring_start) - 1, dtype=bool)
        shells = first_ring[:-1]  # the first ring of each part
        is_hole[shells[shells < len(is_hole)]] = False  # an empty part at the end has none
        if len(offsets) > 2:  # noqa: PLR2004  rings, parts, multipolygons
            first_ring = first_ring[np.asarray(offsets[2], dtype=np.int64)]
        return cls(x, y, ring_start, first_ring, is_hole)

    @classmethod
    def concatenate(cls, parts: Sequence["Rings"]) -> "Rings":
        """Concatenate the rings of several sets of polygons; at least one is required."""
        xs, ys, ring_starts, first_rings, are_holes = zip(*parts, strict=True)
        x, y, is_hole = map(np.concatenate, (xs, ys, are_holes))
        return cls(x, y, _concatenate_offsets(ring_starts), _concatenate_offsets(first_rings), is_hole)


def _concatenate_offsets(parts: Sequence[Ints]) -> Ints:
    """Concatenate offset arrays. Each starts at 0 and includes its end."""
    shifts = np.cumsum([0, *(count[-1] for count in parts)])
    begins = [count[:-1] + start for count, start in zip(parts, shifts[:-1], strict=True)]
    return np.concatenate([*begins, shifts[-1:]])


def to_plane_with_rings(polygons: Geometries) -> tuple[Geometries, Rings]:
    """Project non-empty polygons from degrees to the equal-area plane, and return the shapes and their rings."""
    if not len(polygons):
        return polygons, Rings.from_polygons(polygons)
    kind, vertices, offsets = project_to_ragged(polygons)
    return np.asarray(shapely.from_ragged_array(kind, vertices, offsets)), Rings.from_ragged(vertices, offsets)


# Rings that a file lists without stating which of them are holes. They are read only if one reading is possible.
#
# A ring inside another ring is a hole in it, a ring inside that hole is a part again, and disjoint rings are
# parts, as in a Shapefile. Where two rings cross, more than one reading is possible.


def polygon_from_rings(rings: shapely.MultiPolygon) -> shapely.Geometry | None:
    """
    Return the area that unordered rings enclose, or None if two rings cross.

    Parameters
    ----------
    rings
        A MultiPolygon of polygons without holes, one for each ring, on any plane or in degrees.

    Returns
    -------
    geometry or None
        Polygons in the CRS of `rings`. A ring inside another one is a hole in it, and a ring inside that hole is a part
        again.

    Examples
    --------
    >>> from shapely import MultiPolygon, box
    >>> outer, inner = box(0, 0, 4, 4), box(1, 1, 2, 2)
    >>> polygon_from_rings(MultiPolygon([inner, outer])).area
    15.0
    >>> polygon_from_rings(MultiPolygon([outer, box(3, 3, 5, 5)])) is None
    True
    """
    parts = shapely.get_parts(rings)
    parts = parts[np.argsort(-shapely.area(parts), kind="stable")]
    if not shapely.is_valid(parts).all():
        return None
    ground: shapely.Geometry = parts[0]
    for i, ring in enumerate(parts[1:], start=1):
        containing = [larger for larger in parts[:i] if _is_inside(ring, larger)]
        if any(_is_inside(larger, ring) for larger in containing):  # the same ring twice
            return None
        if not all(larger in containing or _are_disjoint(ring, larger) for larger in parts[:i]):
            return None
        ground = shapely.difference(ground, ring) if len(containing) % 2 else shapely.union(ground, ring)
    return ground


def _is_inside(ring: shapely.Geometry, larger: shapely.Geometry) -> bool:
    return bool(shapely.area(shapely.difference(ring, larger)) <= TOUCH * shapely.area(ring))


def _are_disjoint(ring: shapely.Geometry, larger: shapely.Geometry) -> bool:
    return bool(shapely.area(shapely.intersection(ring, larger)) <= TOUCH * shapely.area(ring))
