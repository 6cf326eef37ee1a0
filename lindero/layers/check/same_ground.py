"""Fingerprints of geometry, to detect shapes that cover exactly the same ground."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import shapely

_CHUNK_SHAPES = 8_192  # shapes per chunk


def ground_prints(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Compute a fingerprint of the ground of each shape. Shapes with equal fingerprints cover exactly the same ground.

    The first vertex, the direction of rings and the order of parts do not matter. Shapes are encoded in chunks, so that
    the vertices of a whole layer are never in memory twice.

    `shapes`: shapely geometries, of shape (n,), all in one CRS and none missing. Returns: 16 bytes for each shape, in
    the same order.
    """
    prints = np.empty(len(shapes), dtype=object)
    for begin in range(0, len(shapes), _CHUNK_SHAPES):
        chunk = slice(begin, begin + _CHUNK_SHAPES)
        encoded = shapely.to_wkb(shapely.normalize(shapes[chunk]))
        prints[chunk] = [blake2b(wkb, digest_size=16).digest() for wkb in encoded]
    return prints
