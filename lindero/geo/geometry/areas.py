"""Areas of polygons on the ellipsoid."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.errors import N_, FrameError
from lindero.geo.geometry import scale_factor
from lindero.geo.geometry.chunks import split_geometries
from lindero.geo.geometry.crs import DEGREES
from lindero.geo.geometry.projection import Floats, Geometries, extract_polygons, is_on_earth, to_plane
from lindero.geo.geometry.units import M2_PER_HA


def area_ha(geometry: gpd.GeoSeries) -> pd.Series:
    """Compute the area of each geometry on the WGS 84 ellipsoid, accurate to 0.1 % anywhere on Earth.

    Parameters
    ----------
    geometry : GeoSeries, n geometries
        Any CRS. Edges are geodesics between the vertices in degrees. A ring that crosses the antimeridian may jump
        between 180° and -180°, continue beyond 180°, or be split there (RFC 7946). The area is the same in all three
        cases.

    Returns
    -------
    Series, n floats
        Hectares, under the index of `geometry`. Points and lines have area 0. The area is NaN where the geometry is
        missing or its coordinates are outside the possible range. For invalid rings it is the signed area as drawn:
        shells minus holes.

    Raises
    ------
    FrameError
        If `geometry` has no CRS.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> from lindero.geo import area_ha
    >>> squares = gpd.GeoSeries([box(0, 0, 1, 1), None], crs="OGC:CRS84")
    >>> area_ha(squares).round(-3).tolist()
    [1231000.0, nan]
    """
    if geometry.crs is None:
        raise FrameError(N_("the geometries have no coordinate reference system"))
    measured = areas_ha(geometry.to_crs(DEGREES).to_numpy())
    return pd.Series(measured, index=geometry.index, name="area_ha")


def areas_ha(shapes: Geometries) -> Floats:
    """Compute the areas of shapes in degrees in hectares, chunk by chunk.

    `shapes`: shapes in degrees. Points and lines have the area 0.
    """
    is_valid = is_on_earth(shapes) & ~shapely.is_missing(shapes)
    measured = np.where(is_valid, 0.0, np.nan)
    rows = np.flatnonzero(is_valid)
    for chunk in split_geometries(shapes[rows]):
        polygons, owner = extract_polygons(shapes[rows[chunk]])
        np.add.at(measured, rows[chunk][owner], shapely.area(to_plane(polygons)) / M2_PER_HA)
    return measured


def mean_offsets_m(shapes: Geometries, official_ha: Floats) -> Floats:
    """Estimate the mean distance between outlines and those that would enclose the official areas.

    The estimate is |official area - drawn area| / perimeter. It is a lower bound of the boundary error, because excess
    on one side cancels deficit on another.

    `shapes`: polygons in degrees (OGC:CRS84). `official_ha`: official areas in hectares; NaN where unknown.
    """
    plane = to_plane(shapes)
    perimeter_m, drawn_ha = scale_factor.perimeters_m(plane), shapely.area(plane) / M2_PER_HA
    offsets = np.full(len(shapes), np.nan)
    np.divide(np.abs(official_ha - drawn_ha) * M2_PER_HA, perimeter_m, out=offsets, where=perimeter_m > 0)
    return offsets
