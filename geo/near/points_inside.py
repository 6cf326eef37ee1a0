"""Which points lie in which polygons: all that a point can say of ground is where it stands."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.geometry.projection import Geometries, Ints


def points_inside(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> pd.DataFrame:
    """
    Pair the points of either side with the polygons of the other in which they lie, or on whose edge.

    Parameters
    ----------
    left, right
        Points and polygons with a unique `id`, in one CRS of degrees; other geometries have no part in it.

    Returns
    -------
    DataFrame
        `left_id`, `right_id`, `point` (`left` or `right`: which of the two is the point), in this order.
    """
    ours, theirs = (frame.geometry.to_numpy() for frame in (left, right))
    pairs = [_pairs(ours, theirs), _pairs(theirs, ours)[::-1]]
    tables = [
        pd.DataFrame({"left_id": left["id"].to_numpy()[at], "right_id": right["id"].to_numpy()[to], "point": side})
        for (at, to), side in zip(pairs, ("left", "right"), strict=True)
    ]
    found = pd.concat(tables, ignore_index=True)
    return found.sort_values(["left_id", "right_id"], kind="stable", ignore_index=True)


def is_point(frame: gpd.GeoDataFrame) -> "pd.Series[bool]":
    """Tell which rows are known by a point."""
    return frame.geometry.geom_type.isin(["Point", "MultiPoint"])


def _pairs(points: Geometries, areas: Geometries) -> tuple[Ints, Ints]:
    """Give positions of points, and of the areas that each lies in."""
    dots = np.flatnonzero(np.isin(shapely.get_type_id(points), _POINTS))
    grounds = np.flatnonzero(np.isin(shapely.get_type_id(areas), _AREAS))
    at, to = shapely.STRtree(areas[grounds]).query(points[dots], predicate="intersects")
    return dots[at], grounds[to]


_POINTS = (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT)
_AREAS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
