"""Rivers and lakes, simplified for the map."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from lindero.data.base_sources.admin import EXTENT, GRID_DEGREES
from lindero.layers.model.schema import CRS

TOLERANCE_DEGREES = 0.002
SMALLEST_LAKE_DEGREES2 = 1e-4  # about 1 km²


def rivers_of(read: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join the pieces of each rank into lines from confluence to confluence, simplified and rounded."""
    joined = read.groupby("rank")["geometry"].agg(lambda lines: shapely.line_merge(shapely.union_all(lines.array)))
    lines = gpd.GeoDataFrame(joined.reset_index(), crs=read.crs).explode(ignore_index=True)
    thinned = shapely.simplify(lines.geometry.array, TOLERANCE_DEGREES)
    rounded = lines.assign(geometry=shapely.set_precision(thinned, GRID_DEGREES))
    return rounded[~rounded.is_empty].reset_index(drop=True)


def read_lakes(shapefile: Path) -> gpd.GeoDataFrame:
    """Read Natural Earth's lakes inside the extent as valid polygons, simplified and rounded, largest first."""
    lakes = gpd.read_file(shapefile, bbox=EXTENT.bounds).to_crs(CRS)[["geometry"]]
    inside = shapely.intersection(shapely.make_valid(lakes.geometry.array), EXTENT)
    thinned = shapely.simplify(inside, TOLERANCE_DEGREES)
    lakes = lakes.assign(geometry=shapely.set_precision(thinned, GRID_DEGREES))
    size = shapely.area(lakes.geometry.array)
    order = np.argsort(-size, kind="stable")
    return lakes.iloc[order[size[order] > SMALLEST_LAKE_DEGREES2]].reset_index(drop=True)
