"""
Places made as coarse as they may be known: snapped to a grid, never moved at random.

Noise averages out over releases; a cell of a fixed grid is the same in every release, whoever asks and however often
(Chapman 2020, *Current Best Practices for Generalizing Sensitive Species Occurrence Data*, GBIF).
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.geometry.crs import DEGREES

DECIMALS = 6  # of a cell's corners: what binary fractions add beyond is noise


def cells(points: gpd.GeoSeries, *, side_degrees: float) -> gpd.GeoSeries:
    """
    Give for each point the cell of a fixed grid that it lies in.

    Parameters
    ----------
    points
        Points in OGC:CRS84.
    side_degrees
        Of a cell; the grid begins at longitude 0, latitude 0.

    Returns
    -------
    GeoSeries
        Squares in OGC:CRS84, by the index of `points`: a function of the cell alone.
    """
    columns, rows = (np.floor(values / side_degrees) for values in (points.x.to_numpy(), points.y.to_numpy()))
    sides = (np.round(number * side_degrees, DECIMALS) for number in (columns, rows, columns + 1, rows + 1))
    west, south, east, north = sides
    return gpd.GeoSeries(shapely.box(west, south, east, north), index=points.index, crs=DEGREES)


def within(points: gpd.GeoSeries, areas: gpd.GeoDataFrame) -> "pd.Series[int]":
    """
    Find the area in which each point lies.

    Returns
    -------
    Series
        The position of the area, by the index of `points`; -1 where there is none. On a shared edge the first counts.
    """
    at_point, at_area = shapely.STRtree(areas.geometry.to_numpy()).query(points.to_numpy(), predicate="intersects")
    found = np.full(len(points), -1)
    found[at_point[::-1]] = at_area[::-1]
    return pd.Series(found, index=points.index)
