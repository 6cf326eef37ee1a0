"""
The equal-area plane on which ground is measured, and the edges that are drawn on it.

The plane is the cylindrical equal-area projection of WGS 84 with true scale at 30° (EASE-Grid 2.0), in closed form, so
that longitudes past 180 stay where they are. An edge is the geodesic between its corners, the short way round; where
the straight line on the plane would stray from it, corners are added on the geodesic first (docs/methods.md, "Edges").
"""

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from lindero.geo.geometry.crs import ELLIPSOID

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Geometries = npt.NDArray[np.object_]
Bounds = tuple[float, float, float, float]  # west, south, east, north, or the same on a plane
Offsets = tuple[npt.NDArray[np.signedinteger[Any]], ...]  # of any width
Ragged = tuple[shapely.GeometryType, Floats, Offsets]  # as shapely.to_ragged_array gives it

MAX_STRAY_M = 0.02  # how far a drawn edge may lie from its geodesic, on average
MAX_PIECE_M = 50_000.0  # keeps the formula of `_pieces_of`, which is a local one, to what is local
MAX_LONGITUDE = 540.0  # one and a half turns: what runs on past 180 still makes sense up to here

_FEW = 5_000  # edges among whose corners others are put stretch by stretch

POLYGON_TYPES = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)

_A = ELLIPSOID.a
_E = np.sqrt(ELLIPSOID.es)
_TRUE_SCALE = np.cos(np.pi / 6) / np.sqrt(1 - ELLIPSOID.es * np.sin(np.pi / 6) ** 2)
_X_PER_DEGREE = _A * _TRUE_SCALE * np.pi / 180
PER_M = 256  # vertices are kept in whole parts of a metre, 4 mm long: the Earth fits into 32 bits
Units = npt.NDArray[np.int32]  # of 1 / `PER_M` metres, from the centre of the Earth


def is_polygonal(geometries: Geometries) -> npt.NDArray[np.bool_]:
    """Tell which geometries are polygons or multipolygons."""
    polygon, multiple = POLYGON_TYPES
    kind = shapely.get_type_id(geometries)
    return np.asarray((kind == polygon) | (kind == multiple))


def on_earth(geometries: Geometries) -> npt.NDArray[np.bool_]:
    """Tell which geometries can be degrees: latitudes to 90, longitudes to one and a half turns. Absent ones pass."""
    west, south, east, north = shapely.bounds(geometries).T
    outside = (west < -MAX_LONGITUDE) | (east > MAX_LONGITUDE) | (south < -90) | (north > 90)  # noqa: PLR2004  the poles
    return np.asarray(~outside)


def boxes_of(bounds: Floats) -> Geometries:
    """Draw boxes, from (n, 4) x_low, y_low, x_high, y_high."""
    return np.asarray(shapely.box(*bounds.T))


def polygons_of(geometries: Geometries) -> tuple[Geometries, Ints]:
    """Take geometries apart into single polygons, also from collections, and say which geometry each is of."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    singles, part = shapely.get_parts(parts, return_index=True)  # a collection may hold multipolygons
    areal = shapely.get_type_id(singles) == shapely.GeometryType.POLYGON
    return singles[areal], owner[part[areal]]


def areal(shape: shapely.Geometry) -> shapely.Geometry:
    """Give what of a shape is ground, as a MultiPolygon: where areas only touch, they share a line or a point."""
    return shapely.MultiPolygon(list(polygons_of(np.array([shape], dtype=object))[0]))


def rings_of(geometries: Geometries) -> tuple[Geometries, Ints]:
    """Give the rings of all polygons in geometries, and which geometry each is of."""
    polygons, owner = polygons_of(geometries)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    return rings, owner[polygon]


def holes_of(geometries: Geometries) -> Floats:
    """Count the holes of all polygons in each geometry."""
    polygons, owner = polygons_of(geometries)
    return np.bincount(owner, shapely.get_num_interior_rings(polygons), len(geometries)).astype(np.float64)


def to_plane(polygons: Geometries) -> Geometries:
    """
    Draw polygons given in degrees on the equal-area plane (metres, corners added along long edges).

    Polygons and multipolygons only, empty ones allowed. Validity is that of the input, but for corners closer than
    the floating point can tell apart.
    """
    return np.asarray(shapely.from_ragged_array(*laid_down(polygons))) if len(polygons) else polygons


def laid_down(polygons: Geometries) -> Ragged:
    """Do as `to_plane` does with at least one polygon, and give what `shapely.to_ragged_array` would of it."""
    kind, corners, offsets = with_more_corners(polygons)
    return kind, project(corners), offsets


def project(degrees: Floats) -> Floats:
    """Project (n, 2) longitudes and latitudes to x, y in metres. Snyder (1987), equations 10-11 to 10-15."""
    return np.column_stack((degrees[:, 0] * _X_PER_DEGREE, _authalic(degrees[:, 1]) * _A / (2 * _TRUE_SCALE)))


def unproject(metres: Floats) -> Floats:
    """Give the longitudes and latitudes of (n, 2) x, y on the plane: `project` backwards, to 1e-12 degrees."""
    q = np.clip(metres[:, 1] * 2 * _TRUE_SCALE / _A, -_Q_POLE, _Q_POLE)
    latitude = np.arcsin(q / _Q_POLE)
    for _ in range(4):  # Newton, Snyder (1987) equation 3-16: four steps reach the last digit up to 89°
        sine = np.sin(latitude)
        slope = 2 * (1 - ELLIPSOID.es) * np.maximum(np.cos(latitude), 1e-12) / (1 - ELLIPSOID.es * sine**2) ** 2
        latitude = latitude + (q - _authalic(np.degrees(latitude))) / slope
    return np.column_stack((metres[:, 0] / _X_PER_DEGREE, np.degrees(latitude)))


def _authalic(latitude: Floats | float) -> Floats:
    """Snyder's q (3-12): twice the area between the equator and a latitude, per radian of longitude and a²."""
    sine = np.sin(np.radians(latitude))
    return np.asarray((1 - ELLIPSOID.es) * (sine / (1 - ELLIPSOID.es * sine**2) + np.arctanh(_E * sine) / _E))


_Q_POLE = float(_authalic(90.0))
EQUATOR_M = float(_A * _TRUE_SCALE)  # x per radian of longitude
POLE_M = float(_Q_POLE * _A / (2 * _TRUE_SCALE))  # y at the pole
SPHERE_M = float(_A * np.sqrt(_Q_POLE / 2))  # radius of the sphere with the ellipsoid's area


def along(start: Floats, end: Floats, pieces: Ints) -> Floats:
    """Place the `pieces - 1` inner corners of every edge on its geodesic, edge after edge, longitudes running on."""
    azimuth, _, length = ELLIPSOID.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    inner = pieces - 1
    edge = np.repeat(np.arange(len(pieces)), inner)
    nth = np.arange(len(edge)) - np.repeat(np.cumsum(inner) - inner, inner) + 1
    longitude, latitude, _ = ELLIPSOID.fwd(
        start[edge, 0], start[edge, 1], azimuth[edge], length[edge] * nth / pieces[edge]
    )
    turns = np.round((start[edge, 0] - longitude) / 360)
    return np.column_stack((longitude + 360 * turns, latitude))


def with_geodesic_edges(shapes: Geometries, *, max_piece_m: float = MAX_PIECE_M) -> Geometries:
    """
    Add corners (degrees) along edges that a straight line would misplace, or that are long; leave the others alone.

    Takes polygons or lines (also multiple ones), not both at once.
    """
    if not len(shapes):
        return shapes
    return np.asarray(shapely.from_ragged_array(*with_more_corners(shapes, max_piece_m=max_piece_m)))


def with_more_corners(shapes: Geometries, *, max_piece_m: float = MAX_PIECE_M) -> Ragged:
    """Do as `with_geodesic_edges` does, and give what `shapely.to_ragged_array` would of it."""
    kind, corners, offsets = to_ragged(shapes)
    ring_starts = np.asarray(offsets[0], dtype=np.int64)
    corners = unwrap(corners, ring_starts)
    edges = _perhaps_long(corners, ring_starts, max_piece_m)
    east, north = np.abs(corners[edges + 1] - corners[edges]).T
    edges = edges[_may_be_long(east, north, max_piece_m)]
    (x0, y0), (x1, y1) = corners[edges].T, corners[edges + 1].T
    pieces = _pieces_of(x0, y0, x1, y1, max_piece_m)
    long, pieces = edges[pieces > 1], pieces[pieces > 1].astype(np.int64)
    if not len(long):
        return kind, corners, offsets

    inner = pieces - 1
    before = _ends(inner)  # corners that are added before each of the long edges, and all
    added = along(corners[long], corners[long + 1], pieces)
    if len(long) > _FEW:
        dense = np.insert(corners, np.repeat(long + 1, inner), added, axis=0)
    else:
        dense = _put(corners, long, before, added)
    return kind, dense, (ring_starts + before[np.searchsorted(long, ring_starts)], *offsets[1:])


def _put(corners: Floats, edges: Ints, before: Ints, added: Floats) -> Floats:
    """Put corners that are added to a few edges among the others, stretch by stretch."""
    cuts = [*(edges + 1).tolist(), len(corners)]
    pieces = [corners[: cuts[0]]]
    for (since, until), (start, end) in zip(pairwise(cuts), pairwise(before.tolist()), strict=True):
        pieces += [added[start:end], corners[since:until]]
    return np.concatenate(pieces)


def to_ragged(shapes: Geometries) -> Ragged:
    """Do as `shapely.to_ragged_array` does without heights; of polygons without an index of their corners."""
    if not is_polygonal(shapes).all():
        return shapely.to_ragged_array(shapes, include_z=False)
    multiple = (shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOLYGON).any()
    parts, shape = _parts(shapes) if multiple else (shapes, None)
    corners = shapely.get_coordinates(shapes)  # ring after ring
    within, holed = shapely.get_num_coordinates(parts), shapely.get_num_interior_rings(parts)
    rings = np.where(within > 0, holed + 1, 0)
    counts = np.repeat(within, rings)
    several = rings > 1  # rings are taken out of these alone
    counts[np.repeat(several, rings)] = shapely.get_num_coordinates(shapely.get_rings(parts[several]))
    offsets = (_ends(counts), _ends(rings))
    if shape is None:
        return shapely.GeometryType.POLYGON, corners, offsets
    return shapely.GeometryType.MULTIPOLYGON, corners, (*offsets, _ends(np.bincount(shape, minlength=len(shapes))))


def _parts(shapes: Geometries) -> tuple[Geometries, Ints]:
    """Do as `shapely.get_parts` does, which copies what it gives, and copy no single polygon."""
    multiple = shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOLYGON
    parts, owner = shapely.get_parts(shapes[multiple], return_index=True)
    shape = np.concatenate((np.flatnonzero(~multiple), np.flatnonzero(multiple)[owner]))
    order = np.argsort(shape, kind="stable")
    return np.concatenate((shapes[~multiple], parts))[order], shape[order]


def _ends(counts: npt.NDArray[np.signedinteger[Any]]) -> Ints:
    """Tell where, of what lies in a row, each of so many begins; and where the last ends."""
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)))


def _perhaps_long(corners: Floats, ring_starts: Ints, max_piece_m: float) -> Ints:
    """Find the edges that may need more than one piece, by their way in degrees."""
    way = np.abs(np.diff(corners[:, 0]))
    way += np.abs(np.diff(corners[:, 1]))
    shortest = np.degrees(min(np.sqrt(4 * MAX_STRAY_M / _A), max_piece_m / _A)) * (1 - 1e-9)
    edges = np.flatnonzero(way > shortest)  # hardly any, and these are looked at closely
    last = ring_starts[1:] - 1
    return np.asarray(edges[~np.isin(edges, last)])


def unwrap(corners: Floats, ring_starts: Ints) -> Floats:
    """
    Let rings that jump between 180 and -180 run on past it.

    An edge is the short way round, so a step of more than 180° (and less than a whole turn, which is the edge of a
    world map, not a boundary) goes across the antimeridian.
    """
    step = np.diff(corners[:, 0])
    if not len(step) or max(step.max(), -step.min()) <= 180:  # noqa: PLR2004  half a turn
        return corners
    step[ring_starts[1:-1] - 1] = 0  # from ring to ring
    jump = (np.abs(step) > 180) & (np.abs(step) < 360)  # noqa: PLR2004  half and whole turn
    if not jump.any():
        return corners
    turns = np.concatenate(([0.0], np.cumsum(np.where(jump, -360 * np.sign(step), 0))))
    turns -= np.repeat(turns[ring_starts[:-1]], np.diff(ring_starts))
    return np.asarray(corners + np.column_stack((turns, np.zeros_like(turns))))


def _may_be_long(east: Floats, north: Floats, max_piece_m: float) -> Any:
    """Pass over the many edges, by their ways in degrees, that are too short for more pieces, without a sine."""
    turn = np.radians(east)
    length = (turn + np.radians(north)) * _A
    return (turn * length / 4 > MAX_STRAY_M) | (length > max_piece_m)


def _pieces_of(west: Floats, south: Floats, east: Floats, north: Floats, max_piece_m: float) -> Any:
    """
    Count the pieces that an edge needs so that no more than `MAX_STRAY_M` lies between it and its geodesic.

    From its corners, in degrees, in either order. On an equal-area plane the area between a short geodesic and its
    chord is tan φ · (E² + 3 N²) · E / 12 R, for an edge that runs E east and N north (the second derivative of sin φ
    along a great circle). Divided by the length it is the mean distance between the two, and falls with the square of
    the number of pieces.
    """
    middle, apart = np.radians((south + north) / 2), np.radians(np.abs(east - west))
    along_x, along_y = apart * np.cos(middle) * _A, np.radians(np.abs(north - south)) * _A
    length = np.hypot(along_x, along_y)
    # tan φ · E / R stays finite at the pole; the steeper end counts
    turn = np.sin(np.radians(np.maximum(np.abs(south), np.abs(north)))) * apart
    stray = turn * (along_x**2 + 3 * along_y**2) / (12 * np.maximum(length, 1e-9))
    needed = np.maximum(np.sqrt(stray / MAX_STRAY_M), length / max_piece_m)
    return np.maximum(1.0, np.ceil(needed))


# Places in space: metres from the centre of the Earth, where a chord needs no projection.


def geocentric(degrees: Floats) -> Floats:
    """Place longitudes and latitudes (n, 2) in space: (n, 3) metres from the centre of the Earth."""
    longitude, latitude = np.radians(degrees).T
    normal = ELLIPSOID.a / np.sqrt(1 - ELLIPSOID.es * np.sin(latitude) ** 2)
    flat = normal * np.cos(latitude)
    height = normal * (1 - ELLIPSOID.es) * np.sin(latitude)
    return np.column_stack((flat * np.cos(longitude), flat * np.sin(longitude), height))
