"""A circle on the ground, as a polygon in degrees."""

import numpy as np
import shapely

from geo.crs import ELLIPSOID

CORNERS = 48


def disc(longitude: float, latitude: float, radius_m: float) -> shapely.Polygon:
    """Draw all that lies within a distance of a point, in degrees; not across a pole or the antimeridian."""
    bearings = np.linspace(0, 360, CORNERS, endpoint=False)
    east, north, _ = ELLIPSOID.fwd(
        np.full(CORNERS, longitude), np.full(CORNERS, latitude), bearings, np.full(CORNERS, radius_m)
    )
    return shapely.Polygon(np.column_stack((east, north))[::-1])
