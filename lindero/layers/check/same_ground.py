"""Whether two shapes cover the same ground to the last digit."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import shapely

_AT_ONCE = 8_192  # shapes


def ground_prints(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """
    Compute a fingerprint of the ground of each shape: equal ones cover the same ground to the last digit.

    The first vertex, the direction of rings and the order of parts do not matter. Shapes are encoded in chunks, so that
    the vertices of a whole layer are never in memory twice.
    """
    prints = np.empty(len(shapes), dtype=object)
    for begin in range(0, len(shapes), _AT_ONCE):
        chunk = slice(begin, begin + _AT_ONCE)
        encoded = shapely.to_wkb(shapely.normalize(shapes[chunk]))
        prints[chunk] = [blake2b(one, digest_size=16).digest() for one in encoded]
    return prints
