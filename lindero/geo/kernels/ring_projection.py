"""The projection of many vertices from degrees to the equal-area plane.

One pass finds the edges that need vertices, and a second one writes the plane coordinates. The formula has no branches,
so that several vertices are computed at once.
"""

from typing import NamedTuple

import numpy as np
import shapely

from lindero.geo.geometry import projection
from lindero.geo.geometry.projection import Floats, Geometries, Ints
from lindero.geo.geometry.rings import Rings
from lindero.geo.kernels.numba_jit import jit, jit_inline
from lindero.machine.threads import map_chunks, map_weighted_chunks

_POLYGONS, _VERTICES = 4_096, 100_000  # approximate maxima per thread task
_HALF_TURN = 180.0  # degrees

_X_PER_DEGREE, _Y_PER_AUTHALIC = projection.X_PER_DEGREE, projection.Y_PER_AUTHALIC
_MAX_PIECE_M = projection.MAX_PIECE_M
_SHORTEST = projection.shortest_long_edge(_MAX_PIECE_M)

_may_be_long, _count_pieces = jit(projection.may_be_long), jit(projection.count_pieces)
_authalic = jit_inline(projection.authalic)


class _Part(NamedTuple):
    """Some of the polygons, and the vertices that are added to their edges."""

    polygons: Geometries
    ring_start: Ints  # without the added vertices
    edges: Ints  # long edges, by their first vertex
    added: Floats  # vertices in degrees, edge after edge
    before: Ints  # (edges + 1): added vertices before each long edge
    rings: Rings  # with the added vertices, but without coordinates


def project_rings(polygons: Geometries) -> Rings:
    """Project polygons from degrees to the equal-area plane, with vertices added along long edges.

    `polygons`: at least one polygon or multipolygon in degrees (OGC:CRS84), none of them empty. Returns: the vertices
    of `geo.geometry.projection.project_to_ragged`, to the last bit.
    """
    counts = shapely.get_num_coordinates(polygons).astype(np.int64)
    parts = map_weighted_chunks(
        lambda chunk: _densify_part(polygons[chunk]), counts, max_features=_POLYGONS, max_weight=_VERTICES
    )
    starts = np.cumsum([0, *(part.rings.ring_start[-1] for part in parts)])
    x, y = np.empty((2, starts[-1]))

    def project(chunk: slice) -> None:
        part, vertices = parts[chunk.start], slice(starts[chunk.start], starts[chunk.stop])
        degrees = _unwrap(shapely.get_coordinates(part.polygons), part.ring_start)
        _project_vertices(degrees.ravel(), part.edges, part.added.ravel(), part.before, x[vertices], y[vertices])

    map_chunks(project, len(parts), chunk=1)
    return Rings.concatenate([part.rings for part in parts])._replace(x=x, y=y)


def _densify_part(polygons: Geometries) -> _Part:
    """Find the long edges of some polygons, and the vertices to be added to them."""
    _kind, vertices, offsets = projection.to_ragged(polygons)
    ring_start = np.asarray(offsets[0], dtype=np.int64)
    vertices = _unwrap(vertices, ring_start)
    edges, pieces = _find_long_edges(vertices, ring_start)
    added = projection.interpolate_geodesics(vertices[edges], vertices[edges + 1], pieces)
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(pieces - 1)))
    dense_start = ring_start + before[np.searchsorted(edges, ring_start)]
    rings = Rings.from_offsets(np.empty(0), np.empty(0), (dense_start, *offsets[1:]))
    return _Part(polygons, ring_start, edges, added, before, rings)


def _unwrap(vertices: Floats, ring_start: Ints) -> Floats:
    return projection.unwrap(vertices, ring_start) if np.ptp(vertices[:, 0]) > _HALF_TURN else vertices


@jit
def _find_long_edges(vertices: Floats, ring_start: Ints) -> tuple[Ints, Ints]:
    """Return the edges that need more than one piece, and the number of their pieces."""
    edges, pieces, count = np.empty(64, np.int64), np.empty(64, np.int64), 0
    for ring in range(len(ring_start) - 1):
        for i in range(ring_start[ring], ring_start[ring + 1] - 1):
            x0, y0, x1, y1 = vertices[i, 0], vertices[i, 1], vertices[i + 1, 0], vertices[i + 1, 1]
            east, north = np.abs(x1 - x0), np.abs(y1 - y0)
            if not (east + north > _SHORTEST and _may_be_long(east, north, _MAX_PIECE_M)):
                continue
            needed = _count_pieces(x0, y0, x1, y1, _MAX_PIECE_M)
            if needed > 1:
                if count == len(edges):
                    edges, pieces = np.append(edges, edges), np.append(pieces, pieces)
                edges[count], pieces[count] = i, np.int64(needed)
                count += 1
    return edges[:count].copy(), pieces[:count].copy()


@jit
def _project_vertices(  # noqa: PLR0917
    degrees: Floats, edges: Ints, added: Floats, before: Ints, x: Floats, y: Floats
) -> None:
    """Write the plane coordinates of the vertices, and those of the added ones after the start of each long edge."""
    begin = 0
    for edge in range(len(edges) + 1):
        stop = edges[edge] + 1 if edge < len(edges) else len(degrees) // 2
        at = begin + before[edge]
        _project_run(degrees[2 * begin : 2 * stop], x[at:], y[at:])
        if edge < len(edges):
            at = stop + before[edge]
            _project_run(added[2 * before[edge] : 2 * before[edge + 1]], x[at:], y[at:])
        begin = stop


@jit
def _project_run(degrees: Floats, x: Floats, y: Floats) -> None:
    """Project alternating longitudes and latitudes. Each loop writes one array, so that the compiler vectorises it."""
    for i in range(len(degrees) // 2):
        x[i] = degrees[2 * i] * _X_PER_DEGREE
    for i in range(len(degrees) // 2):
        y[i] = _authalic(degrees[2 * i + 1]) * _Y_PER_AUTHALIC
