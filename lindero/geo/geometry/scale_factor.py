"""Distances in metres on the ground, computed from the equal-area plane, which has true distances only at 30°.

The plane's y is proportional to the sine of the authalic latitude, so that one arcsine maps a plane point to the
authalic sphere. From there, Lambert's azimuthal equal-area projection around a local centre is true to scale within 1 %
up to 1,600 km from the centre (cosine of half the distance). The sphere in place of the ellipsoid accounts for 0.2 % of
it.
"""

from typing import Any

import numpy as np
import shapely

from lindero.geo.geometry.projection import EQUATOR_M, POLE_M, SPHERE_M, Floats, Geometries, extract_rings


def to_local_metres(geometries: Geometries, centres: Floats) -> Geometries:
    """Reproject plane geometries so that lengths are metres on the ground, each around its own centre."""
    origin = np.repeat(centres, shapely.get_num_coordinates(geometries), axis=0)
    return shapely.transform(geometries, lambda xy: project_to_local_metres(xy, origin))


def from_local_metres(geometries: Geometries, centres: Floats) -> Geometries:
    """Reproject geometries from local metres to the equal-area plane. x is continuous across the antimeridian."""
    origin = np.repeat(centres, shapely.get_num_coordinates(geometries), axis=0)
    return shapely.transform(geometries, lambda metres: _to_equal_area(metres, origin))


def bbox_centres(geometries: Geometries) -> Floats:
    """Return the centres of the bounding boxes of geometries, (n, 2), for use with `to_local_metres`."""
    bounds = shapely.bounds(geometries)
    return np.asarray((bounds[:, :2] + bounds[:, 2:]) / 2)


def perimeters_m(polygons: Geometries) -> Floats:
    """Compute the perimeters of plane polygons, holes included, in metres on the ground.

    The scale of each edge is that of its own latitude.
    """
    rings, polygon = extract_rings(polygons)
    vertices, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    lengths = edge_lengths_m(vertices[:, 0], vertices[:, 1])[same]
    return np.bincount(polygon[ring[1:][same]], lengths, minlength=len(polygons)).astype(np.float64)


def edge_lengths_m(x: Floats, y: Floats) -> Floats:
    """Compute the distances between consecutive plane vertices in metres on the ground.

    The scale of each edge is that of its own latitude.
    """
    per_east, per_north = metres_per_plane((y[1:] + y[:-1]) / 2)
    return np.asarray(np.hypot(np.diff(x) * per_east, np.diff(y) * per_north))


def metres_per_plane(y: Floats | float) -> tuple[Any, Any]:
    """Return the ground lengths in metres of one plane unit to the east and to the north, at plane heights `y`."""
    sine = np.minimum(np.maximum(y / POLE_M, -1.0), 1.0)
    cosine = np.sqrt(1 - sine * sine)
    return SPHERE_M / EQUATOR_M * cosine, SPHERE_M / POLE_M / np.maximum(cosine, 1e-9)


def plane_per_m(y: Floats) -> Floats:
    """Return the largest number of plane units that a metre on the ground can have, at plane heights up to `y`."""
    cosine = np.sqrt(1 - np.clip(y / POLE_M, 0, 1) ** 2)
    return np.maximum(EQUATOR_M / (SPHERE_M * np.maximum(cosine, 1e-6)), POLE_M / SPHERE_M)


def project_to_local_metres(plane: Floats, origin: Floats) -> Floats:
    """Project plane points to metres around origins, by Lambert's azimuthal equal-area projection.

    Snyder 1987, equations 24-2 to 24-4.
    """
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


def _to_equal_area(metres: Floats, origin: Floats) -> Floats:
    """Invert Lambert's azimuthal equal-area projection (Snyder 1987, equations 20-14, 20-15 and 24-16)."""
    x, y = metres.T
    rho = np.hypot(x, y)
    half = np.clip(rho / (2 * SPHERE_M), 0, 1)
    sine, cosine = 2 * half * np.sqrt(1 - half**2), 1 - 2 * half**2  # of the angular distance
    sine0 = np.clip(origin[:, 1] / POLE_M, -1, 1)
    cosine0 = np.sqrt(1 - sine0**2)
    per_m = np.divide(sine, rho, out=np.full_like(rho, 1 / SPHERE_M), where=rho > 0)
    turn = np.arctan2(x * per_m, cosine0 * cosine - y * per_m * sine0)
    height = np.clip(cosine * sine0 + y * per_m * cosine0, -1, 1)
    return np.column_stack((origin[:, 0] + turn * EQUATOR_M, height * POLE_M))
