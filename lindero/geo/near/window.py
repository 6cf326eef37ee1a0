"""Boxes and circles in degrees round a point: to look into an index before distances are measured, and to draw."""

import math

import numpy as np
import shapely

from lindero.geo.geometry.crs import ELLIPSOID
from lindero.geo.geometry.projection import Bounds

WORLD: Bounds = (-180.0, -90.0, 180.0, 90.0)
_SHORTEST_DEGREE_KM = 110.5  # of latitude, at the equator
_EQUATOR_DEGREE_KM = 111.3  # of longitude
_POLAR = 85.0  # beyond it a box in degrees is no help
CORNERS = 48


def window(lon: float, lat: float, within_km: float) -> Bounds:
    """
    Give a box (west, south, east, north) that holds everything within a distance of a point, and somewhat more.

    Round the poles and across the antimeridian it is the whole world: a box cannot say less there.
    """
    north = abs(lat) + within_km / _SHORTEST_DEGREE_KM
    if north > _POLAR:
        return WORLD
    high = within_km / _SHORTEST_DEGREE_KM
    wide = within_km / (_EQUATOR_DEGREE_KM * math.cos(math.radians(north)))
    if not (lon - wide >= -180 and lon + wide <= 180):  # noqa: PLR2004  degrees of longitude
        return WORLD
    return (lon - wide, lat - high, lon + wide, lat + high)


# A circle on the ground, as a polygon in degrees.


def disc(longitude: float, latitude: float, radius_m: float) -> shapely.Polygon:
    """Draw all that lies within a distance of a point, in degrees; not across a pole or the antimeridian."""
    bearings = np.linspace(0, 360, CORNERS, endpoint=False)
    start = np.full(CORNERS, longitude), np.full(CORNERS, latitude)
    east, north, _back = ELLIPSOID.fwd(*start, bearings, np.full(CORNERS, radius_m))
    return shapely.Polygon(np.column_stack((east, north))[::-1])


def widen(shape: shapely.Geometry, by_m: float) -> shapely.Geometry:
    """Widen a shape in degrees by about `by_m` metres on the ground on all sides; not across a pole."""
    if not by_m:
        return shape
    middle = shapely.centroid(shape)
    west, south, east, north = disc(middle.x, middle.y, by_m).bounds
    wide, high = (east - west) / 2, (north - south) / 2
    flat = shapely.transform(shape, lambda xy: xy * [1 / wide, 1 / high])
    return shapely.transform(shapely.buffer(flat, 1.0), lambda xy: xy * [wide, high])
