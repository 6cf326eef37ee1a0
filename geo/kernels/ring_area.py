"""The area of polygons from their rings: shells less holes, added up in the order in which GEOS does."""

import numpy as np

from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.geometry.rings import Flags, Rings
from lindero.geo.kernels.numba_jit import compiled
from lindero.geo.kernels.threads import in_threads


def areas_m2(rings: Rings) -> Floats:
    """Measure polygons on the plane, as `shapely.area` does, to the bit."""
    return in_threads(lambda some, into: _add_up(*rings, some.start, into), len(rings.first_ring) - 1)


@compiled
def _add_up(  # noqa: PLR0917
    x: Floats, y: Floats, ring_start: Ints, first_ring: Ints, is_hole: Flags, begin: int, into: Floats
) -> None:
    for polygon in range(len(into)):
        total = part = 0.0
        for ring in range(first_ring[begin + polygon], first_ring[begin + polygon + 1]):
            at, end = ring_start[ring], ring_start[ring + 1]
            twice = 0.0
            for i in range(at + 1, end - 1):
                twice += (x[i] - x[at]) * (y[i - 1] - y[i + 1])
            if is_hole[ring]:
                part -= np.abs(twice / 2.0)
            else:
                total += part
                part = np.abs(twice / 2.0)
        into[polygon] = total + part
