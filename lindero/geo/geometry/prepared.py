"""Prepared geometries, each used by one caller only.

GEOS builds the index of a prepared geometry at its first use, without a lock. If two threads query the same one for the
first time, the process ends with a segmentation fault (libgeos/geos#825). `shapely.prepare` changes a geometry in
place, even if other threads use it. `shapely.contains_xy` and `shapely.intersects_xy` do the same with a single
geometry. Only this module calls them, on copies; ruff rejects them elsewhere (`banned-api` in pyproject.toml). Use a
copy within one call: do not cache it, store it on an object or pass it to another thread.

`shapely.STRtree.query` with a predicate is safe: it prepares its input for that query alone, and only reads the tree.
"""

from typing import TypeVar

import numpy as np
import numpy.typing as npt
import shapely

from lindero.geo.geometry.projection import Floats, Geometries

Shapes = TypeVar("Shapes", shapely.Geometry, Geometries)


def prepared_copy(shapes: Shapes) -> Shapes:
    """Return prepared copies of one or many geometries, for many predicates. Each distinct object is copied once.

    `shapes`: geometries in any CRS. They are not changed. Returns: the copies. Use them within one call: do not cache
    them or share them between threads.
    """
    flat = np.atleast_1d(np.asarray(shapes, dtype=object))
    _ids, first, inverse = np.unique([id(shape) for shape in flat], return_index=True, return_inverse=True)
    copies = shapely.set_srid(flat[first], np.maximum(shapely.get_srid(flat[first]), 0))  # a deep copy
    shapely.prepare(copies)
    copied: Shapes = copies[inverse] if isinstance(shapes, np.ndarray) else copies[0]
    return copied


def contains_points(area: shapely.Geometry, points: Floats) -> npt.NDArray[np.bool_]:
    """Return a mask of the points, (n, 2) coordinates, that are inside an area."""
    return np.asarray(shapely.contains_xy(prepared_copy(area), points))
