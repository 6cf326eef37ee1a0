"""How much ground a polygon covers."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.errors import N_, FrameError
from lindero.geo.geometry import scale_factor
from lindero.geo.geometry.chunks import parts_of
from lindero.geo.geometry.crs import DEGREES
from lindero.geo.geometry.projection import Floats, Geometries, on_earth, polygons_of, to_plane
from lindero.geo.geometry.units import M2_PER_HA


def area_ha(geometry: gpd.GeoSeries) -> pd.Series:
    """
    Measure every geometry on the WGS 84 ellipsoid, to 0.1 % or better anywhere on Earth.

    Parameters
    ----------
    geometry
        Any CRS. Edges are geodesics between the corners in degrees. A ring may jump between 180 and -180, run on past
        180, or be split at it (RFC 7946): all give the same area.

    Returns
    -------
    Series
        Hectares under the index of `geometry`: 0 for points and lines, NaN where there is no geometry or where its
        coordinates cannot be on Earth.
        Where rings are invalid, what was drawn: shells minus holes, each by its own signed area.

    Raises
    ------
    FrameError
        If `geometry` has no CRS.
    """
    if geometry.crs is None:
        raise FrameError(N_("the geometries have no coordinate reference system"))
    measured = hectares(geometry.to_crs(DEGREES).to_numpy())
    return pd.Series(measured, index=geometry.index, name="area_ha")


def hectares(shapes: Geometries) -> Floats:
    """Measure shapes in degrees as `area_ha` does, one after the other."""
    placed = on_earth(shapes) & ~shapely.is_missing(shapes)
    measured = np.where(placed, 0.0, np.nan)
    rows = np.flatnonzero(placed)
    for part in parts_of(shapes[rows]):
        polygons, owner = polygons_of(shapes[rows[part]])
        np.add.at(measured, rows[part][owner], shapely.area(to_plane(polygons)) / M2_PER_HA)
    return measured


def mean_offsets_m(shapes: Geometries, official_ha: Floats) -> Floats:
    """
    Tell how far outlines lie from those that would enclose the official hectares, on the mean.

    |official - drawn| / perimeter: the least by which boundaries are off, for what is too much on one side and too
    little on another cancels out.

    Parameters
    ----------
    shapes
        Polygons in degrees.

    Returns
    -------
    array
        Metres; NaN where there is no outline, or no official size.
    """
    plane = to_plane(shapes)
    around, drawn = scale_factor.perimeters_m(plane), shapely.area(plane) / M2_PER_HA
    offsets = np.full(len(shapes), np.nan)
    np.divide(np.abs(official_ha - drawn) * M2_PER_HA, around, out=offsets, where=around > 0)
    return offsets
