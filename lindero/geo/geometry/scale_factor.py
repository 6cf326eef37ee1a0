"""
Metres on the ground, from the equal-area plane, whose distances are true at 30° only.

The plane's y is proportional to the sine of the authalic latitude, so a plane point lies on the authalic sphere with
one arcsine; from there Lambert's azimuthal equal-area projection round a centre of one's own is true to scale within
1 % up to 1,600 km from that centre (cos of half the distance), of which the sphere in place of the ellipsoid takes 0.2.
"""

from typing import Any

import numpy as np
import shapely

from lindero.geo.geometry.projection import EQUATOR_M, POLE_M, SPHERE_M, Floats, Geometries, rings_of


def around(geometries: Geometries, centres: Floats) -> Geometries:
    """
    Redraw plane geometries so that lengths are metres on the ground, each round its own centre.

    Parameters
    ----------
    geometries
        On the equal-area plane.
    centres
        (n, 2): x, y on the same plane; one for each geometry.
    """
    origin = np.repeat(centres, shapely.get_num_coordinates(geometries), axis=0)
    return shapely.transform(geometries, lambda xy: _azimuthal(xy, origin))


def back(geometries: Geometries, centres: Floats) -> Geometries:
    """Lay what `around` redrew back on the equal-area plane; x runs on past the antimeridian."""
    origin = np.repeat(centres, shapely.get_num_coordinates(geometries), axis=0)
    return shapely.transform(geometries, lambda metres: _equal_area(metres, origin))


def middles(geometries: Geometries) -> Floats:
    """Give the middle of each geometry's bounding box, as centres for `around`."""
    bounds = shapely.bounds(geometries)
    return np.asarray((bounds[:, :2] + bounds[:, 2:]) / 2)


def perimeters_m(polygons: Geometries) -> Floats:
    """Add up the edges of plane polygons, holes too, in metres on the ground, each edge at its own latitude."""
    rings, polygon = rings_of(polygons)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    lengths = edge_lengths_m(corners[:, 0], corners[:, 1])[same]
    return np.bincount(polygon[ring[1:][same]], lengths, minlength=len(polygons)).astype(np.float64)


def edge_lengths_m(x: Floats, y: Floats) -> Floats:
    """Measure from each plane corner to the next, in metres on the ground, each step at its own latitude."""
    per_east, per_north = metres_per_plane((y[1:] + y[:-1]) / 2)
    return np.asarray(np.hypot(np.diff(x) * per_east, np.diff(y) * per_north))


def metres_per_plane(y: Floats | float) -> tuple[Any, Any]:
    """Give the metres on the ground of a step of 1 on the plane, to the east and to the north, at plane heights."""
    sine = np.minimum(np.maximum(y / POLE_M, -1.0), 1.0)
    cosine = np.sqrt(1 - sine * sine)
    return SPHERE_M / EQUATOR_M * cosine, SPHERE_M / POLE_M / np.maximum(cosine, 1e-9)


def plane_per_m(y: Floats) -> Floats:
    """Give the longest that a metre on the ground can be on the plane, at plane heights up to `y`."""
    cosine = np.sqrt(1 - np.clip(y / POLE_M, 0, 1) ** 2)
    return np.maximum(EQUATOR_M / (SPHERE_M * np.maximum(cosine, 1e-6)), POLE_M / SPHERE_M)


def _azimuthal(plane: Floats, origin: Floats) -> Floats:
    """Project plane points by Lambert's azimuthal equal-area projection (Snyder 1987, equations 24-2 to 24-4)."""
    turn = (plane[:, 0] - origin[:, 0]) / EQUATOR_M
    sine, sine0 = (np.clip(points[:, 1] / POLE_M, -1, 1) for points in (plane, origin))
    cosine, cosine0 = np.sqrt(1 - sine**2), np.sqrt(1 - sine0**2)
    scale = SPHERE_M * np.sqrt(2 / (1 + sine0 * sine + cosine0 * cosine * np.cos(turn)))
    return np.column_stack(
        (
            scale * cosine * np.sin(turn),
            scale * (cosine0 * sine - sine0 * cosine * np.cos(turn)),
        )
    )


def _equal_area(metres: Floats, origin: Floats) -> Floats:
    """Go back from Lambert's azimuthal equal-area projection (Snyder 1987, equations 20-14, 20-15, 24-16)."""
    x, y = metres.T
    rho = np.hypot(x, y)
    half = np.clip(rho / (2 * SPHERE_M), 0, 1)
    sine, cosine = 2 * half * np.sqrt(1 - half**2), 1 - 2 * half**2  # of the distance as an angle
    sine0 = np.clip(origin[:, 1] / POLE_M, -1, 1)
    cosine0 = np.sqrt(1 - sine0**2)
    per_m = np.divide(sine, rho, out=np.full_like(rho, 1 / SPHERE_M), where=rho > 0)
    turn = np.arctan2(x * per_m, cosine0 * cosine - y * per_m * sine0)
    height = np.clip(cosine * sine0 + y * per_m * cosine0, -1, 1)
    return np.column_stack((origin[:, 0] + turn * EQUATOR_M, height * POLE_M))
