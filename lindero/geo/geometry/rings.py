"""Polygons as the corners of their rings, in flat arrays."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from lindero.geo.geometry.projection import Floats, Geometries, Ints, Offsets, laid_down

Flags = npt.NDArray[np.bool_]
TOUCH = 1e-9  # share of a ring's area by which its edge may run outside of the ring around it: rounded coordinates


class Rings(NamedTuple):
    """The rings of (multi)polygons, none of them empty: the shell of each part, and its holes after it."""

    x: Floats  # corners, ring after ring, the first corner of a ring again at its end
    y: Floats
    ring_start: Ints  # (rings + 1): where in the corners each ring begins
    first_ring: Ints  # (polygons + 1): where in the rings each polygon begins
    is_hole: Flags  # (rings)

    @classmethod
    def of(cls, polygons: Geometries) -> "Rings":
        """Take polygons apart."""
        if not len(polygons):
            nothing = np.zeros(1, np.int64)
            return cls(np.empty(0), np.empty(0), nothing, nothing, np.empty(0, dtype=bool))
        _kind, corners, offsets = shapely.to_ragged_array(polygons, include_z=False)
        return cls.ragged(corners, offsets)

    @classmethod
    def ragged(cls, corners: Floats, offsets: Offsets) -> "Rings":
        """Return rings from (n, 2) vertices and the offsets of `shapely.to_ragged_array`."""
        x, y = corners.T.copy()
        ring_start, first_ring = (np.asarray(each, dtype=np.int64) for each in offsets[:2])
        is_hole = np.ones(len(ring_start) - 1, dtype=bool)
        is_hole[first_ring[:-1]] = False  # the first ring of each part is its shell
        if len(offsets) > 2:  # noqa: PLR2004  rings, parts, multipolygons
            first_ring = first_ring[np.asarray(offsets[2], dtype=np.int64)]
        return cls(x, y, ring_start, first_ring, is_hole)

    @classmethod
    def together(cls, several: Sequence["Rings"]) -> "Rings":
        """Put the rings of some polygons, at least one of them, behind those of others."""
        xs, ys, ring_starts, first_rings, are_holes = zip(*several, strict=True)
        x, y, is_hole = map(np.concatenate, (xs, ys, are_holes))
        return cls(x, y, _one_count(ring_starts), _one_count(first_rings), is_hole)


def _one_count(several: Sequence[Ints]) -> Ints:
    """Let counts that begin at 0, each with its end, go on from each other."""
    before = np.cumsum([0, *(count[-1] for count in several)])
    begins = [count[:-1] + start for count, start in zip(several, before[:-1], strict=True)]
    return np.concatenate([*begins, before[-1:]])


def laid_on_plane(polygons: Geometries) -> tuple[Geometries, Rings]:
    """Draw polygons given in degrees, none empty, on the plane (`projection.to_plane`); their rings, too."""
    if not len(polygons):
        return polygons, Rings.of(polygons)
    kind, corners, offsets = laid_down(polygons)
    return np.asarray(shapely.from_ragged_array(kind, corners, offsets)), Rings.ragged(corners, offsets)


# Rings that a file lists side by side, without saying which of them are holes: read where only one reading is possible.
#
# A ring that lies inside another one is a hole in it, one that lies inside that hole is a part again, and rings apart
# from each other are parts: by their nesting, as in a Shapefile. Where two rings cross, there is more than one reading.


def sorted_rings(rings: shapely.MultiPolygon) -> shapely.Geometry | None:
    """
    Give the ground that rings bound, each handed over as a polygon of its own; None if two of them cross.

    Parameters
    ----------
    rings
        Polygons without holes, one a ring, in any plane or in degrees.
    """
    parts = shapely.get_parts(rings)
    parts = parts[np.argsort(-shapely.area(parts), kind="stable")]
    if not shapely.is_valid(parts).all():
        return None
    ground: shapely.Geometry = parts[0]
    for i, ring in enumerate(parts[1:], start=1):
        around = [larger for larger in parts[:i] if _inside(ring, larger)]
        if any(_inside(larger, ring) for larger in around):  # the same ring twice
            return None
        if not all(larger in around or _apart(ring, larger) for larger in parts[:i]):
            return None
        ground = shapely.difference(ground, ring) if len(around) % 2 else shapely.union(ground, ring)
    return ground


def _inside(ring: shapely.Geometry, larger: shapely.Geometry) -> bool:
    return bool(shapely.area(shapely.difference(ring, larger)) <= TOUCH * shapely.area(ring))


def _apart(ring: shapely.Geometry, other: shapely.Geometry) -> bool:
    return bool(shapely.area(shapely.intersection(ring, other)) <= TOUCH * shapely.area(ring))
