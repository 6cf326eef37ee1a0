"""Repair of polygons whose cost a file can drive up, with GEOS alone.

It has no other imports, so that the sandbox runs it within its limits (`layers.read.sandbox.client.repair_polygons`).
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

TOUCH = 1e-9  # tolerance for rounded coordinates: share of a ring's area that may lie outside the ring around it


class RepairedPolygon(NamedTuple):
    """A valid polygon (None: ambiguous), the area of each part before their union, and how many parts collapsed."""

    ground: shapely.Geometry | None
    areas: npt.NDArray[np.float64]
    collapsed: int


def repair_polygon(polygon: shapely.Geometry) -> RepairedPolygon:
    """Convert a polygon or multipolygon to a valid one. Parts that have collapsed to a line or point are dropped."""
    # "structure" reads rings as the standard does (shells minus holes, parts united); "linework" reads even-odd,
    # which turns ground that two parts share into a hole.
    parts = shapely.make_valid(shapely.get_parts(polygon), method="structure", keep_collapsed=True)
    pieces = shapely.get_parts(shapely.get_parts(parts))  # a collection may contain multipolygons
    ground = shapely.get_parts(shapely.union_all(pieces[shapely.get_dimensions(pieces) == 2]))  # noqa: PLR2004  areas
    ground = ground[shapely.area(ground) > 0]
    return RepairedPolygon(
        ground[0] if len(ground) == 1 else shapely.MultiPolygon([*ground]),
        shapely.area(parts),
        int((shapely.get_dimensions(shapely.get_parts(parts)) < 2).sum()),  # noqa: PLR2004  no area
    )


# Rings that a file lists without stating which of them are holes. They are read only if one reading is possible.
#
# A ring inside another ring is a hole in it, a ring inside that hole is a part again, and disjoint rings are
# parts, as in a Shapefile. Where two rings cross, more than one reading is possible.


def polygon_from_rings(rings: shapely.MultiPolygon) -> shapely.Geometry | None:
    """Return the area that unordered rings enclose, or None if two rings cross.

    `rings` is a MultiPolygon of polygons without holes, one for each ring.
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
