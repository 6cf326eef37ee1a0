"""
Polygons in degrees laid on the equal-area plane, each corner looked at once.

The plane is that of `geo.geometry.projection`, whose closed form (Snyder 1987, equation 3-12) is added up here as a
series: of the sine of the latitude, and of that in powers of the eccentricity. Both are cut where a term is less than
the last digit.
"""

from math import factorial
from typing import NamedTuple

import numpy as np

from lindero.geo.geometry import projection
from lindero.geo.geometry.crs import ELLIPSOID
from lindero.geo.geometry.projection import Floats, Geometries, Ints
from lindero.geo.geometry.rings import Rings
from lindero.geo.kernels.numba_jit import compiled
from lindero.geo.threads import shared_out

_HALF_TURN = 180.0
_MAX_PIECE_M = projection.MAX_PIECE_M
_CORNERS = 500_000  # that a thread takes at a time
_SINE = tuple((-1) ** k / factorial(2 * k + 1) for k in range(11))
_AUTHALIC = tuple((1 - ELLIPSOID.es) * ELLIPSOID.es**k * (1 + 1 / (2 * k + 1)) for k in range(8))
_PER_DEGREE = np.pi / 180
_X = projection.EQUATOR_M * _PER_DEGREE
_Y = projection.POLE_M / sum(_AUTHALIC)

_may_be_long = compiled(projection.may_be_long)
_pieces_of = compiled(projection.pieces_of)


class _Edges(NamedTuple):
    """Edges, by the corner at which each begins, in order, with the number of pieces that each needs."""

    at: Ints
    pieces: Ints


def laid_down(polygons: Geometries) -> Rings:
    """Do as `projection.laid_down` does, and give the rings: corners agree to some nanometres."""
    _kind, corners, (starts, *outer) = projection.to_ragged(polygons)
    ring_starts = np.asarray(starts, dtype=np.int64)
    long, is_wide = _long_edges(corners, ring_starts)
    if is_wide:
        corners = projection.unwrap(corners, ring_starts)
        long, _ = _long_edges(corners, ring_starts)
    added = projection.along(corners[long.at], corners[long.at + 1], long.pieces) if len(long.at) else np.empty((0, 2))
    before = projection.ends(long.pieces - 1)
    x, y = np.empty((2, len(corners) + len(added)))

    def project(some: slice) -> None:
        first, last = np.searchsorted(long.at, (some.start, some.stop))
        within, skipped = before[first : last + 1] - before[first], some.start + before[first]
        of_chunk = added[before[first] : before[last]]
        _project_between(corners[some], long.at[first:last] - some.start, within, of_chunk, x[skipped:], y[skipped:])

    shared_out(project, len(corners), chunk=_CORNERS)
    return Rings.formed(x, y, (ring_starts + before[np.searchsorted(long.at, ring_starts)], *outer))


def _long_edges(corners: Floats, ring_starts: Ints) -> tuple[_Edges, bool]:
    """Find the edges that need more than one piece, and whether any runs more than half round the Earth."""
    way = projection.shortest_way()
    parts = shared_out(lambda some: _long(corners, ring_starts[some.start : some.stop + 1], way), len(ring_starts) - 1)
    at, pieces, is_wide = zip(*parts, strict=True)
    return _Edges(np.concatenate(at), np.concatenate(pieces)), any(is_wide)


@compiled
def _long(corners: Floats, ring_starts: Ints, way: float) -> tuple[Ints, Ints, bool]:
    edges, pieces, count, is_wide = np.empty(16, np.int64), np.empty(16, np.int64), 0, False
    for ring in range(len(ring_starts) - 1):
        for i in range(ring_starts[ring], ring_starts[ring + 1] - 1):
            east, north = abs(corners[i + 1, 0] - corners[i, 0]), abs(corners[i + 1, 1] - corners[i, 1])
            if east + north <= way:
                continue
            is_wide |= east > _HALF_TURN
            if not _may_be_long(east, north, _MAX_PIECE_M):
                continue
            needed = _pieces_of(corners[i, 0], corners[i, 1], corners[i + 1, 0], corners[i + 1, 1], _MAX_PIECE_M)
            if needed > 1:
                if count == len(edges):
                    edges, pieces = np.append(edges, edges), np.append(pieces, pieces)
                edges[count], pieces[count] = i, needed
                count += 1
    return edges[:count], pieces[:count], is_wide


@compiled
def _project_between(corners: Floats, edges: Ints, before: Ints, added: Floats, x: Floats, y: Floats) -> None:  # noqa: PLR0917
    """Project corners, and after that at which each of some edges begins those that are added to it."""
    begin = at = 0
    for k in range(len(edges)):
        at = _project(corners[begin : edges[k] + 1], x, y, at)
        at = _project(added[before[k] : before[k + 1]], x, y, at)
        begin = edges[k] + 1
    _project(corners[begin:], x, y, at)


@compiled
def _project(degrees: Floats, x: Floats, y: Floats, at: int) -> int:
    """Project to x and y, from the place `at` on; tell the place after the last."""
    end = at + len(degrees)
    x, y = x[at:end], y[at:end]  # so that places are counted from 0, and several computed at once
    for i in range(len(degrees)):
        x[i] = degrees[i, 0] * _X
        y[i] = degrees[i, 1] * _PER_DEGREE
    for i in range(len(y)):
        angle = y[i]
        square, sine = angle * angle, _SINE[-1]
        for k in range(len(_SINE) - 2, -1, -1):
            sine = sine * square + _SINE[k]
        sine *= angle
        square, added = sine * sine, _AUTHALIC[-1]
        for k in range(len(_AUTHALIC) - 2, -1, -1):
            added = added * square + _AUTHALIC[k]
        y[i] = added * sine * _Y
    return end
