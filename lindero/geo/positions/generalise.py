"""
Generalisation of sensitive places: they are snapped to a grid, never moved at random.

Random noise averages out over several releases. A cell of a fixed grid is the same in every release (Chapman 2020,
*Current Best Practices for Generalizing Sensitive Species Occurrence Data*, GBIF).
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.geometry.crs import DEGREES

DECIMALS = 6  # of a cell's vertices; further digits are binary noise


def cells(points: gpd.GeoSeries, *, side_degrees: float) -> gpd.GeoSeries:
    """
    Return the cell of a fixed grid that contains each point.

    Parameters
    ----------
    points : GeoSeries, n points
        Points in OGC:CRS84.
    side_degrees
        Side of a cell in degrees. The grid starts at longitude 0, latitude 0.

    Returns
    -------
    GeoSeries, n squares
        In OGC:CRS84, under the index of `points`. All points of a cell have the same square.

    References
    ----------
    Chapman (2020), *Current Best Practices for Generalizing Sensitive Species Occurrence Data*, GBIF.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point
    >>> from lindero.geo.positions.generalise import cells
    >>> points = gpd.GeoSeries([Point(-75.23, -10.11)], crs="OGC:CRS84")
    >>> cells(points, side_degrees=0.5).total_bounds.tolist()
    [-75.5, -10.5, -75.0, -10.0]
    """
    columns, rows = (np.floor(values / side_degrees) for values in (points.x.to_numpy(), points.y.to_numpy()))
    sides = (np.round(number * side_degrees, DECIMALS) for number in (columns, rows, columns + 1, rows + 1))
    west, south, east, north = sides
    return gpd.GeoSeries(shapely.box(west, south, east, north), index=points.index, crs=DEGREES)


def locate_points(points: gpd.GeoSeries, areas: gpd.GeoDataFrame) -> "pd.Series[int]":
    """
    Return the position of the area that contains each point.

    Parameters
    ----------
    points : GeoSeries, n points
        Points in the CRS of `areas`.
    areas
        Frame of m polygons.

    Returns
    -------
    Series of int, n values
        Positions in `areas`, under the index of `points`; -1 where no area contains the point. On a shared edge the
        first area counts.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point, box
    >>> areas = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs="OGC:CRS84")
    >>> points = gpd.GeoSeries([Point(1.5, 0.5), Point(1, 0.5), Point(9, 9)], crs="OGC:CRS84")
    >>> locate_points(points, areas).tolist()
    [1, 0, -1]
    """
    at_point, at_area = shapely.STRtree(areas.geometry.to_numpy()).query(points.to_numpy(), predicate="intersects")
    positions = np.full(len(points), -1)
    positions[at_point[::-1]] = at_area[::-1]
    return pd.Series(positions, index=points.index)
