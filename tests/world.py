"""A world small enough to check by hand: squares of 10 km (10,000 ha) on an equal-area plane."""

import geopandas as gpd
import shapely

from geo.crs import DEGREES, EQUAL_AREA

SIDE_M = 10_000


def squares(*, side_m: float = SIDE_M, **corners: tuple[float, float]) -> gpd.GeoDataFrame:
    """Squares by id, each with its lower left corner at x, y metres from where the equator meets the prime meridian."""
    return polygons(**{name: shapely.box(x, y, x + side_m, y + side_m) for name, (x, y) in corners.items()})


def polygons(**shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    """Shapes by id, in metres on the same plane, as a layer in degrees."""
    layer = gpd.GeoDataFrame({"id": list(shapes)}, geometry=list(shapes.values()), crs=EQUAL_AREA)
    return layer.to_crs(DEGREES)
