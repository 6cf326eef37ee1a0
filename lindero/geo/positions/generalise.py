"""Generalisation of sensitive places: they are snapped to a grid, never moved at random.

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
    """Return the cell of a fixed grid that contains each point.

    `points`: points in OGC:CRS84. `side_degrees`: side of a cell in degrees. The grid starts at longitude 0, latitude
    0. Returns: in OGC:CRS84, under the index of `points`. All points of a cell have the same square.

    Chapman (2020), *Current Best Practices for Generalizing Sensitive Species Occurrence Data*, GBIF.
    """
    columns, rows = (np.floor(values / side_degrees) for values in (points.x.to_numpy(), points.y.to_numpy()))
    sides = (np.round(number * side_degrees, DECIMALS) for number in (columns, rows, columns + 1, rows + 1))
    west, south, east, north = sides
    return gpd.GeoSeries(shapely.box(west, south, east, north), index=points.index, crs=DEGREES)


def locate_points(points: gpd.GeoSeries, areas: gpd.GeoDataFrame) -> "pd.Series[int]":
    """Return the position of the area that contains each point.

    `points`: points in the CRS of `areas`. Returns: positions in `areas`, under the index of `points`; -1 where no area
    contains the point. On a shared edge the first area counts.
    """
    at_point, at_area = shapely.STRtree(areas.geometry.to_numpy()).query(points.to_numpy(), predicate="intersects")
    positions = np.full(len(points), -1)
    positions[at_point[::-1]] = at_area[::-1]
    return pd.Series(positions, index=points.index)
