"""The equal-area plane on which areas are measured, and the densification of edges.

The plane is the cylindrical equal-area projection of WGS 84 with true scale at 30° (EASE-Grid 2.0). The projection is
in closed form, so that longitudes beyond 180° stay where they are. An edge is the geodesic between its vertices, the
short way round. Where a straight line on the plane would deviate too far from it, vertices are added on the geodesic
first (docs/methods.md, "Edges").
"""

from itertools import pairwise
from math import factorial
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from lindero.geo.geometry.crs import ELLIPSOID

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Geometries = npt.NDArray[np.object_]
Bounds = tuple[float, float, float, float]  # west, south, east, north, or the same on a plane
Offsets = tuple[npt.NDArray[np.signedinteger[Any]], ...]  # integers of any width
Ragged = tuple[shapely.GeometryType, Floats, Offsets]  # as returned by shapely.to_ragged_array

MAX_STRAY_M = 0.02  # metres: largest mean deviation of a densified edge from its geodesic
MAX_PIECE_M = 50_000.0  # metres; the formula of `_count_pieces` is only valid locally, so pieces must be short
MAX_LONGITUDE = 540.0  # one and a half turns: geometry that continues past 180° is accepted up to here

_FEW = 5_000  # up to this many long edges, vertices are inserted stretch by stretch

POLYGON_TYPES = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)

_A = ELLIPSOID.a
_E = np.sqrt(ELLIPSOID.es)
_TRUE_SCALE = np.cos(np.pi / 6) / np.sqrt(1 - ELLIPSOID.es * np.sin(np.pi / 6) ** 2)
X_PER_DEGREE = float(_A * _TRUE_SCALE * np.pi / 180)
Y_PER_AUTHALIC = float(_A / (2 * _TRUE_SCALE))
_BLOCK = 8_192  # vertices projected at a time, so that intermediate results stay in the processor's cache

_SINE = tuple((-1) ** k * float(np.radians(1)) ** (2 * k + 1) / factorial(2 * k + 1) for k in range(12))  # of degrees
_Q_PER_SINE = tuple((1 - ELLIPSOID.es) * ELLIPSOID.es**k * (2 * k + 2) / (2 * k + 1) for k in range(8))
PER_M = 256  # vertices are stored in units of 1/256 m (4 mm), so that the Earth fits into 32 bits
Units = npt.NDArray[np.int32]  # in 1/`PER_M` metres from the centre of the Earth


def is_polygonal(geometries: Geometries) -> npt.NDArray[np.bool_]:
    """Return a mask of the geometries that are polygons or multipolygons.

    `geometries`: geometries in any CRS; missing ones (None) are allowed.
    """
    polygon, multiple = POLYGON_TYPES
    kind = shapely.get_type_id(geometries)
    return np.asarray((kind == polygon) | (kind == multiple))


def is_on_earth(geometries: Geometries) -> npt.NDArray[np.bool_]:
    """Return a mask of the geometries with possible coordinates: latitudes to ±90°, longitudes to ±540°.

    Missing geometries pass.
    """
    west, south, east, north = shapely.bounds(geometries).T
    outside = (west < -MAX_LONGITUDE) | (east > MAX_LONGITUDE) | (south < -90) | (north > 90)  # noqa: PLR2004  the poles
    return np.asarray(~outside)


def make_boxes(bounds: Floats) -> Geometries:
    """Build boxes from an (n, 4) array of x_low, y_low, x_high, y_high."""
    return np.asarray(shapely.box(*bounds.T))


def extract_polygons(geometries: Geometries) -> tuple[Geometries, Ints]:
    """Return the single polygons in geometries, also in collections, and the position of each polygon's geometry."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    singles, part = shapely.get_parts(parts, return_index=True)  # a collection may contain multipolygons
    is_polygon = shapely.get_type_id(singles) == shapely.GeometryType.POLYGON
    return singles[is_polygon], owner[part[is_polygon]]


def polygonal_part(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the polygons of a shape as a MultiPolygon, without its lines and points.

    Returns: in the CRS of `shape`; empty if the shape contains no polygon.
    """
    return shapely.MultiPolygon(list(extract_polygons(np.array([shape], dtype=object))[0]))


def extract_rings(geometries: Geometries) -> tuple[Geometries, Ints]:
    """Return the rings of all polygons in geometries, and the position of each ring's geometry."""
    polygons, owner = extract_polygons(geometries)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    return rings, owner[polygon]


def count_holes(geometries: Geometries) -> Floats:
    """Count the holes of all polygons in each geometry."""
    polygons, owner = extract_polygons(geometries)
    return np.bincount(owner, shapely.get_num_interior_rings(polygons), len(geometries)).astype(np.float64)


def to_plane(polygons: Geometries) -> Geometries:
    """Project polygons from degrees to the equal-area plane, with vertices added along long edges.

    `polygons`: polygons and multipolygons in degrees (OGC:CRS84); empty ones are allowed. Returns: the polygons in
    metres on the equal-area plane, continuous beyond 180°. They are as valid as the input, except where vertices are
    too close for floating point.
    """
    return np.asarray(shapely.from_ragged_array(*project_to_ragged(polygons))) if len(polygons) else polygons


def project_to_ragged(polygons: Geometries) -> Ragged:
    """Project at least one polygon to the equal-area plane, as the arrays of `shapely.to_ragged_array`."""
    kind, vertices, offsets = densify_to_ragged(polygons)
    return kind, project(vertices), offsets


def project(degrees: Floats) -> Floats:
    """Project longitudes and latitudes to the equal-area plane.

    `degrees`: longitude and latitude on WGS 84 in degrees. Longitudes beyond 180° are allowed. Returns: x, y in metres.

    Snyder (1987), *Map Projections: A Working Manual*, equations 10-11 to 10-15.
    """
    metres = np.empty((len(degrees), 2))
    np.multiply(degrees[:, 0], X_PER_DEGREE, out=metres[:, 0])
    for begin in range(0, len(degrees), _BLOCK):
        rows = slice(begin, begin + _BLOCK)
        metres[rows, 1] = authalic(degrees[rows, 1]) * Y_PER_AUTHALIC
    return metres


def unproject(metres: Floats) -> Floats:
    """Convert plane coordinates to longitudes and latitudes: the inverse of `project`, accurate to 1e-12 degrees.

    Returns: longitude and latitude on WGS 84 in degrees.

    Snyder (1987), *Map Projections: A Working Manual*, equation 3-16.
    """
    q = np.clip(metres[:, 1] * 2 * _TRUE_SCALE / _A, -_Q_POLE, _Q_POLE)
    latitude = np.arcsin(q / _Q_POLE)
    for _ in range(4):  # Newton, Snyder (1987) equation 3-16: four steps reach the last digit up to 89°
        sine = np.sin(latitude)
        slope = 2 * (1 - ELLIPSOID.es) * np.maximum(np.cos(latitude), 1e-12) / (1 - ELLIPSOID.es * sine**2) ** 2
        latitude = latitude + (q - authalic(np.degrees(latitude))) / slope
    return np.column_stack((metres[:, 0] / X_PER_DEGREE, np.degrees(latitude)))


def authalic(latitude: Any) -> Any:
    """Compute Snyder's q (3-12): twice the area from the equator to a latitude, per radian of longitude and a².

    The sine and q are polynomials as accurate as floating point.

    `latitude`: degrees, from -90 to 90.
    """
    square = latitude * latitude
    sine = _SINE[11]
    for k in range(10, -1, -1):
        sine = sine * square + _SINE[k]
    sine = sine * latitude
    square = sine * sine
    ratio = _Q_PER_SINE[7]
    for k in range(6, -1, -1):
        ratio = ratio * square + _Q_PER_SINE[k]
    return ratio * sine


_Q_POLE = float(authalic(90.0))
EQUATOR_M = float(_A * _TRUE_SCALE)  # x per radian of longitude
POLE_M = float(_Q_POLE * _A / (2 * _TRUE_SCALE))  # y at the pole
SPHERE_M = float(_A * np.sqrt(_Q_POLE / 2))  # radius of the sphere with the ellipsoid's area


def _interpolate_geodesics(start: Floats, end: Floats, pieces: Ints) -> Floats:
    """Return the `pieces - 1` inner vertices of every edge on its geodesic, edge after edge.

    The longitudes are continuous across the antimeridian.
    """
    azimuth, _, length = ELLIPSOID.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    inner = pieces - 1
    edge = np.repeat(np.arange(len(pieces)), inner)
    nth = np.arange(len(edge)) - np.repeat(np.cumsum(inner) - inner, inner) + 1
    longitude, latitude, _ = ELLIPSOID.fwd(
        start[edge, 0], start[edge, 1], azimuth[edge], length[edge] * nth / pieces[edge]
    )
    turns = np.round((start[edge, 0] - longitude) / 360)
    return np.column_stack((longitude + 360 * turns, latitude))


def densify_edges(shapes: Geometries, *, max_piece_m: float = MAX_PIECE_M) -> Geometries:
    """Add vertices along edges that are long or that deviate from their geodesic. Other edges are not changed.

    `shapes`: polygons or lines in degrees, also multipart ones, but not polygons and lines together. `max_piece_m`:
    length of the longest edge that stays undivided, in metres. Returns: shapes in degrees, with continuous longitudes
    across the antimeridian.
    """
    if not len(shapes):
        return shapes
    return np.asarray(shapely.from_ragged_array(*densify_to_ragged(shapes, max_piece_m=max_piece_m)))


def densify_to_ragged(shapes: Geometries, *, max_piece_m: float = MAX_PIECE_M) -> Ragged:
    """Add vertices along edges as in `densify_edges`, and return ragged arrays as of `shapely.to_ragged_array`."""
    kind, vertices, offsets = to_ragged(shapes)
    ring_starts = np.asarray(offsets[0], dtype=np.int64)
    vertices = unwrap(vertices, ring_starts)
    edges = _find_long_edges(vertices, ring_starts, max_piece_m)
    east, north = np.abs(vertices[edges + 1] - vertices[edges]).T
    edges = edges[_may_be_long(east, north, max_piece_m)]
    (x0, y0), (x1, y1) = vertices[edges].T, vertices[edges + 1].T
    pieces = _count_pieces(x0, y0, x1, y1, max_piece_m)
    long, pieces = edges[pieces > 1], pieces[pieces > 1].astype(np.int64)
    if not len(long):
        return kind, vertices, offsets

    inner = pieces - 1
    before = _cumulative_offsets(inner)  # added vertices before each long edge, and their total
    added = _interpolate_geodesics(vertices[long], vertices[long + 1], pieces)
    if len(long) > _FEW:
        dense = np.insert(vertices, np.repeat(long + 1, inner), added, axis=0)
    else:
        dense = _insert_vertices(vertices, long, before, added)
    return kind, dense, (ring_starts + before[np.searchsorted(long, ring_starts)], *offsets[1:])


def _insert_vertices(vertices: Floats, edges: Ints, before: Ints, added: Floats) -> Floats:
    """Insert the added vertices of a few edges into the array of vertices, slice by slice."""
    cuts = [*(edges + 1).tolist(), len(vertices)]
    pieces = [vertices[: cuts[0]]]
    for (since, until), (start, end) in zip(pairwise(cuts), pairwise(before.tolist()), strict=True):
        pieces += [added[start:end], vertices[since:until]]
    return np.concatenate(pieces)


def to_ragged(shapes: Geometries) -> Ragged:
    """Return ragged arrays as of `shapely.to_ragged_array` without heights. For polygons no vertex index is built."""
    if not is_polygonal(shapes).all():
        return shapely.to_ragged_array(shapes, include_z=False)
    multiple = (shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOLYGON).any()
    parts, shape = _single_polygons(shapes) if multiple else (shapes, None)
    vertices = shapely.get_coordinates(shapes)  # ring after ring
    vertex_counts, hole_counts = shapely.get_num_coordinates(parts), shapely.get_num_interior_rings(parts)
    rings = np.where(vertex_counts > 0, hole_counts + 1, 0)
    counts = np.repeat(vertex_counts, rings)
    has_holes = rings > 1  # only the rings of these are extracted
    counts[np.repeat(has_holes, rings)] = shapely.get_num_coordinates(shapely.get_rings(parts[has_holes]))
    offsets = (_cumulative_offsets(counts), _cumulative_offsets(rings))
    if shape is None:
        return shapely.GeometryType.POLYGON, vertices, offsets
    return (
        shapely.GeometryType.MULTIPOLYGON,
        vertices,
        (*offsets, _cumulative_offsets(np.bincount(shape, minlength=len(shapes)))),
    )


def _single_polygons(shapes: Geometries) -> tuple[Geometries, Ints]:
    """Return the parts of geometries and the position of each part's geometry. Single polygons are not copied."""
    multiple = shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOLYGON
    parts, owner = shapely.get_parts(shapes[multiple], return_index=True)
    shape = np.concatenate((np.flatnonzero(~multiple), np.flatnonzero(multiple)[owner]))
    order = np.argsort(shape, kind="stable")
    return np.concatenate((shapes[~multiple], parts))[order], shape[order]


def _cumulative_offsets(counts: npt.NDArray[np.signedinteger[Any]]) -> Ints:
    """Return the start offset of each of several consecutive runs, and the end of the last run."""
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)))


def _find_long_edges(vertices: Floats, ring_starts: Ints, max_piece_m: float) -> Ints:
    """Return the edges that may need more than one piece, according to their extent in degrees."""
    extent = np.abs(np.diff(vertices[:, 0]))
    extent += np.abs(np.diff(vertices[:, 1]))
    edges = np.flatnonzero(extent > _shortest_long_edge(max_piece_m))  # few edges; only these are examined
    last_edges = ring_starts[1:] - 1
    return np.asarray(edges[~np.isin(edges, last_edges)])


def _shortest_long_edge(max_piece_m: float) -> float:
    """Return an extent in degrees (east plus north) up to which no edge needs more than one piece."""
    return float(np.degrees(min(np.sqrt(4 * MAX_STRAY_M / _A), max_piece_m / _A)) * (1 - 1e-9))


def unwrap(vertices: Floats, ring_starts: Ints) -> Floats:
    """Return rings that jump between 180° and -180° with continuous longitudes.

    An edge goes the short way round. A step of more than 180° therefore crosses the antimeridian. A step of a whole
    turn does not: it is the edge of a world map, not a boundary.
    """
    step = np.diff(vertices[:, 0])
    if not len(step) or max(step.max(), -step.min()) <= 180:  # noqa: PLR2004  half a turn
        return vertices
    step[ring_starts[1:-1] - 1] = 0  # steps between rings do not count
    jump = (np.abs(step) > 180) & (np.abs(step) < 360)  # noqa: PLR2004  half and whole turn
    if not jump.any():
        return vertices
    turns = np.concatenate(([0.0], np.cumsum(np.where(jump, -360 * np.sign(step), 0))))
    turns -= np.repeat(turns[ring_starts[:-1]], np.diff(ring_starts))
    return np.asarray(vertices + np.column_stack((turns, np.zeros_like(turns))))


def _may_be_long(east: Floats, north: Floats, max_piece_m: float) -> Any:
    """Return a mask of the edges that may need more than one piece, from their extents in degrees, without a sine."""
    turn = np.radians(east)
    length = (turn + np.radians(north)) * _A
    return (turn * length / 4 > MAX_STRAY_M) | (length > max_piece_m)


def _count_pieces(west: Floats, south: Floats, east: Floats, north: Floats, max_piece_m: float) -> Any:
    """Count the pieces into which an edge must be divided to stay within `MAX_STRAY_M` of its geodesic on average.

    The vertices of the edge are in degrees, in either order. On an equal-area plane, the area between a short geodesic
    and its chord is tan φ · (E² + 3 N²) · E / 12 R, for an edge that goes E to the east and N to the north (from the
    second derivative of sin φ along a great circle). Divided by the length, this is the mean distance between the two.
    It decreases with the square of the number of pieces.
    """
    mid_latitude, longitude_step = np.radians((south + north) / 2), np.radians(np.abs(east - west))
    along_x, along_y = longitude_step * np.cos(mid_latitude) * _A, np.radians(np.abs(north - south)) * _A
    length = np.hypot(along_x, along_y)
    # tan φ · E / R is finite at the pole; the end nearer to a pole has the larger value
    convergence = np.sin(np.radians(np.maximum(np.abs(south), np.abs(north)))) * longitude_step
    deviation_m = convergence * (along_x**2 + 3 * along_y**2) / (12 * np.maximum(length, 1e-9))
    needed = np.maximum(np.sqrt(deviation_m / MAX_STRAY_M), length / max_piece_m)
    return np.maximum(1.0, np.ceil(needed))


# Geocentric coordinates: metres from the centre of the Earth, where a chord needs no projection.


def to_geocentric(degrees: Floats) -> Floats:
    """Convert longitudes and latitudes (n, 2) to geocentric coordinates: (n, 3) metres from the centre of the Earth."""
    longitude, latitude = np.radians(degrees).T
    normal = ELLIPSOID.a / np.sqrt(1 - ELLIPSOID.es * np.sin(latitude) ** 2)
    flat = normal * np.cos(latitude)
    height = normal * (1 - ELLIPSOID.es) * np.sin(latitude)
    return np.column_stack((flat * np.cos(longitude), flat * np.sin(longitude), height))
