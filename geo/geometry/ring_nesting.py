"""
Rings that a file lists side by side, without saying which of them are holes: read where only one reading is possible.

A ring that lies inside another one is a hole in it, one that lies inside that hole is a part again, and rings apart
from each other are parts: by their nesting, as in a Shapefile. Where two rings cross, there is more than one reading.
"""

import numpy as np
import shapely

TOUCH = 1e-9  # share of a ring's area by which its edge may run outside of the ring around it: rounded coordinates


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
