"""Fingerprints of geometry, to detect shapes that cover exactly the same ground."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import shapely

_CHUNK_SHAPES = 8_192  # shapes per chunk


def ground_prints(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """
    Compute a fingerprint of the ground of each shape. Shapes with equal fingerprints cover exactly the same ground.

    The first vertex, the direction of rings and the order of parts do not matter. Shapes are encoded in chunks, so that
    the vertices of a whole layer are never in memory twice.

    Parameters
    ----------
    shapes
        Shapely geometries, of shape (n,), all in one CRS and none missing.

    Returns
    -------
    ndarray of object, of shape (n,)
        16 bytes for each shape, in the same order.

    Examples
    --------
    >>> square, wide = shapely.box(0, 0, 1, 1), shapely.box(0, 0, 2, 1)
    >>> prints = ground_prints(np.array([square, shapely.reverse(square), wide], dtype=object))
    >>> prints[0] == prints[1], prints[0] == prints[2]
    (True, False)
    """
    prints = np.empty(len(shapes), dtype=object)
    for begin in range(0, len(shapes), _CHUNK_SHAPES):
        chunk = slice(begin, begin + _CHUNK_SHAPES)
        encoded = shapely.to_wkb(shapely.normalize(shapes[chunk]))
        prints[chunk] = [blake2b(wkb, digest_size=16).digest() for wkb in encoded]
    return prints
