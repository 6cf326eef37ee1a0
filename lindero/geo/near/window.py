"""Boxes and circles in degrees around a point, for index searches before distances are measured, and for drawing."""

import math

import numpy as np
import shapely

from lindero.geo.geometry.crs import ELLIPSOID
from lindero.geo.geometry.projection import Bounds

WORLD: Bounds = (-180.0, -90.0, 180.0, 90.0)
_SHORTEST_DEGREE_KM = 110.5  # of latitude, at the equator
_EQUATOR_DEGREE_KM = 111.3  # of longitude
_POLAR = 85.0  # latitude beyond which a box in degrees is of no use
VERTICES = 48


def window(lon: float, lat: float, within_km: float) -> Bounds:
    """Return a bounding box that contains everything within a distance of a point, and slightly more.

    `lon`, `lat`: the point, in degrees. Returns: west, south, east, north in degrees. Near the poles and across the
    antimeridian it is the whole world.
    """
    north = abs(lat) + within_km / _SHORTEST_DEGREE_KM
    if north > _POLAR:
        return WORLD
    half_height = within_km / _SHORTEST_DEGREE_KM
    half_width = within_km / (_EQUATOR_DEGREE_KM * math.cos(math.radians(north)))
    if not (lon - half_width >= -180 and lon + half_width <= 180):  # noqa: PLR2004  degrees of longitude
        return WORLD
    return (lon - half_width, lat - half_height, lon + half_width, lat + half_height)


# A circle on the ground, as a polygon in degrees.


def disc(longitude: float, latitude: float, radius_m: float) -> shapely.Polygon:
    """Return the disc around a point as a polygon in degrees, not across a pole or the antimeridian.

    `longitude`, `latitude`: the centre, in degrees on WGS 84. `radius_m`: radius on the ellipsoid, in metres. Returns:
    48 vertices in OGC:CRS84.
    """
    bearings = np.linspace(0, 360, VERTICES, endpoint=False)
    start = np.full(VERTICES, longitude), np.full(VERTICES, latitude)
    east, north, _back = ELLIPSOID.fwd(*start, bearings, np.full(VERTICES, radius_m))
    return shapely.Polygon(np.column_stack((east, north))[::-1])


def widen(shape: shapely.Geometry, distance_m: float) -> shapely.Geometry:
    """Expand a shape by about a distance on the ground, not across a pole.

    `shape`: geometry in degrees (OGC:CRS84). `distance_m`: distance in metres. Returns: in degrees; the shape itself if
    the distance is 0.
    """
    if not distance_m:
        return shape
    middle = shapely.centroid(shape)
    west, south, east, north = disc(middle.x, middle.y, distance_m).bounds
    half_width, half_height = (east - west) / 2, (north - south) / 2
    scaled = shapely.transform(shape, lambda xy: xy * [1 / half_width, 1 / half_height])
    return shapely.transform(shapely.buffer(scaled, 1.0), lambda xy: xy * [half_width, half_height])
