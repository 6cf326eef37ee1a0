"""
Polygons in degrees laid on the equal-area plane, each corner looked at once.

The plane is that of `geo.geometry.projection`, whose closed form (Snyder 1987, equation 3-12) is added up here as a
series: of the sine of the latitude, and of that in powers of the eccentricity. Both are cut where a term is less than
the last digit.
"""

from math import factorial

import numpy as np

from lindero.geo.geometry import projection
from lindero.geo.geometry.crs import ELLIPSOID
from lindero.geo.geometry.projection import Floats, Geometries, Ints, Ragged
from lindero.geo.kernels.numba_jit import compiled
from lindero.geo.threads import shared_out

HALF_TURN = 180.0
_CORNERS = 500_000  # that a thread takes at a time
_SINE = tuple((-1) ** k / factorial(2 * k + 1) for k in range(11))
_AUTHALIC = tuple((1 - ELLIPSOID.es) * ELLIPSOID.es**k * (1 + 1 / (2 * k + 1)) for k in range(8))
_PER_DEGREE = np.pi / 180
_X = projection.EQUATOR_M * _PER_DEGREE
_Y = projection.POLE_M / sum(_AUTHALIC)


def laid_down(polygons: Geometries) -> Ragged:
    """Do as `projection.laid_down` does: corners agree to some nanometres."""
    kind, corners, offsets = projection.to_ragged(polygons)
    ring_starts = np.asarray(offsets[0], dtype=np.int64)
    edges, widest = _edges(corners, ring_starts)
    if widest > HALF_TURN:
        corners = projection.unwrap(corners, ring_starts)
        edges, _ = _edges(corners, ring_starts)
    kind, corners, offsets = projection.divide_edges((kind, corners, offsets), edges)
    metres = np.empty_like(corners)
    shared_out(lambda some: _project(corners[some], metres[some]), len(corners), chunk=_CORNERS)
    return kind, metres, offsets


def _edges(corners: Floats, ring_starts: Ints) -> tuple[Ints, float]:
    """Find the edges that may need more than one piece, and the widest step to the east or west of any."""
    way = projection.shortest_way()
    parts = shared_out(lambda some: _long(corners, ring_starts[some.start : some.stop + 1], way), len(ring_starts) - 1)
    return np.concatenate([edges for edges, _ in parts]), max(widest for _, widest in parts)


@compiled
def _long(corners: Floats, ring_starts: Ints, way: float) -> tuple[Ints, float]:
    edges, count, widest = np.empty(16, np.int64), 0, 0.0
    for ring in range(len(ring_starts) - 1):
        for i in range(ring_starts[ring], ring_starts[ring + 1] - 1):
            east = abs(corners[i + 1, 0] - corners[i, 0])
            widest = max(widest, east)
            if east + abs(corners[i + 1, 1] - corners[i, 1]) > way:
                if count == len(edges):
                    edges = np.append(edges, np.empty(count, np.int64))
                edges[count] = i
                count += 1
    return edges[:count], widest


@compiled
def _project(degrees: Floats, metres: Floats) -> None:
    for i in range(len(degrees)):
        metres[i, 0] = degrees[i, 0] * _X
        angle = degrees[i, 1] * _PER_DEGREE
        square, sine = angle * angle, _SINE[-1]
        for k in range(len(_SINE) - 2, -1, -1):
            sine = sine * square + _SINE[k]
        sine *= angle
        square, added = sine * sine, _AUTHALIC[-1]
        for k in range(len(_AUTHALIC) - 2, -1, -1):
            added = added * square + _AUTHALIC[k]
        metres[i, 1] = added * sine * _Y
