"""A world small enough to check by hand: squares of 10 km (10,000 ha) on an equal-area plane."""

import geopandas as gpd
import shapely

from lindero.geo.geometry.crs import DEGREES, ELLIPSOID, EQUAL_AREA

SIDE_M = 10_000


def squares(*, side_m: float = SIDE_M, **vertices: tuple[float, float]) -> gpd.GeoDataFrame:
    """Squares by id, each with its lower left corner at x, y metres from where the equator meets the prime meridian."""
    return polygons(**{name: shapely.box(x, y, x + side_m, y + side_m) for name, (x, y) in vertices.items()})


def polygons(**shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    """Shapes by id, in metres on the same plane, as a layer in degrees."""
    layer = gpd.GeoDataFrame({"id": list(shapes)}, geometry=list(shapes.values()), crs=EQUAL_AREA)
    return layer.to_crs(DEGREES)


def on_the_ground(**shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    """Shapes by id, in true metres east and north of the same place, where a plane with true areas stretches lengths."""
    m_per_degree = ELLIPSOID.inv(0, 0, 1, 0)[2], ELLIPSOID.inv(0, -0.5, 0, 0.5)[2]
    placed = [shapely.transform(shape, lambda xy: xy / m_per_degree) for shape in shapes.values()]
    return gpd.GeoDataFrame({"id": list(shapes)}, geometry=placed, crs=DEGREES)
