"""
Prepared geometries, each kept to the caller that asked for it.

GEOS builds the index of a prepared geometry at its first use, without a lock. Two threads that ask the same one at once
end the process with a segmentation fault (libgeos/geos#825). `shapely.prepare` changes a geometry in place, even if
other threads hold it, and so do `shapely.contains_xy` and `shapely.intersects_xy` with a single geometry. Only this
module calls them, on copies; ruff refuses them elsewhere (`banned-api` in pyproject.toml). Use a copy within one call:
do not cache it, keep it on an object or pass it to another thread.

`shapely.STRtree.query` with a predicate prepares its input for that query alone, and reads the tree: it is safe.
"""

from typing import TypeVar

import numpy as np
import numpy.typing as npt
import shapely

from lindero.geo.geometry.projection import Floats, Geometries

Shapes = TypeVar("Shapes", shapely.Geometry, Geometries)


def prepared_copy(shapes: Shapes) -> Shapes:
    """Return copies of one or many geometries, prepared for many predicates. Each object is copied once."""
    flat = np.atleast_1d(np.asarray(shapes, dtype=object))
    _ids, first, which = np.unique([id(shape) for shape in flat], return_index=True, return_inverse=True)
    copies = shapely.set_srid(flat[first], np.maximum(shapely.get_srid(flat[first]), 0))  # a deep copy
    shapely.prepare(copies)
    copied: Shapes = copies[which] if isinstance(shapes, np.ndarray) else copies[0]
    return copied


def contains_points(area: shapely.Geometry, points: Floats) -> npt.NDArray[np.bool_]:
    """Return which points, (n, 2) coordinates, lie inside an area."""
    return np.asarray(shapely.contains_xy(prepared_copy(area), points))
