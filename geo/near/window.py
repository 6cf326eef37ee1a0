"""Boxes in degrees round a point, to look into an index before distances are measured."""

import math

from lindero.geo.geometry.guess_crs import Bounds

WORLD: Bounds = (-180.0, -90.0, 180.0, 90.0)
_SHORTEST_DEGREE_KM = 110.5  # of latitude, at the equator
_EQUATOR_DEGREE_KM = 111.3  # of longitude
_POLAR = 85.0  # beyond it a box in degrees is no help


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
