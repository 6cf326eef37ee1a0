"""A circle on the ground, as a polygon in degrees."""

import numpy as np
import shapely

from lindero.geo.geometry.crs import ELLIPSOID

CORNERS = 48


def disc(longitude: float, latitude: float, radius_m: float) -> shapely.Polygon:
    """Draw all that lies within a distance of a point, in degrees; not across a pole or the antimeridian."""
    bearings = np.linspace(0, 360, CORNERS, endpoint=False)
    east, north, _ = ELLIPSOID.fwd(
        np.full(CORNERS, longitude), np.full(CORNERS, latitude), bearings, np.full(CORNERS, radius_m)
    )
    return shapely.Polygon(np.column_stack((east, north))[::-1])


def widened(shape: shapely.Geometry, by_m: float) -> shapely.Geometry:
    """Widen a shape in degrees by about `by_m` metres on the ground on all sides; not across a pole."""
    if not by_m:
        return shape
    middle = shapely.centroid(shape)
    west, south, east, north = disc(middle.x, middle.y, by_m).bounds
    wide, high = (east - west) / 2, (north - south) / 2
    flat = shapely.transform(shape, lambda xy: xy * [1 / wide, 1 / high])
    return shapely.transform(shapely.buffer(flat, 1.0), lambda xy: xy * [wide, high])
