"""Polygons as the corners of their rings, in flat arrays."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from lindero.geo.geometry.projection import Floats, Geometries, Ints, Offsets, laid_down

Flags = npt.NDArray[np.bool_]


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
        """Give (n, 2) corners and the offsets of `shapely.to_ragged_array` that form."""
        ring_start, first_ring = (np.asarray(each, dtype=np.int64) for each in offsets[:2])
        is_hole = np.ones(len(ring_start) - 1, dtype=bool)
        is_hole[first_ring[:-1]] = False  # the first ring of each part is its shell
        if len(offsets) > 2:  # noqa: PLR2004  rings, parts, multipolygons
            first_ring = first_ring[np.asarray(offsets[2], dtype=np.int64)]
        x, y = corners.T.copy()
        return cls(x, y, ring_start, first_ring, is_hole)


def laid_on_plane(polygons: Geometries) -> tuple[Geometries, Rings]:
    """Draw polygons given in degrees, none empty, on the plane (`projection.to_plane`); their rings, too."""
    if not len(polygons):
        return polygons, Rings.of(polygons)
    kind, corners, offsets = laid_down(polygons)
    return np.asarray(shapely.from_ragged_array(kind, corners, offsets)), Rings.ragged(corners, offsets)
