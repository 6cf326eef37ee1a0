"""Rivers and lakes, simplified for the map."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from lindero.layers.model.schema import CRS
from scripts.base_sources.admin import GRID_DEGREES

TOLERANCE_DEGREES = 0.002
SMALLEST_LAKE_DEGREES2 = 1e-4  # about 1 km²


def merge_rivers(pieces: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Merge the pieces of each rank into lines from confluence to confluence, simplified and rounded."""
    merged = pieces.groupby("rank")["geometry"].agg(lambda lines: shapely.line_merge(shapely.union_all(lines.array)))
    lines = gpd.GeoDataFrame(merged.reset_index(), crs=pieces.crs).explode(ignore_index=True)
    simplified = shapely.simplify(lines.geometry.array, TOLERANCE_DEGREES)
    rounded = lines.assign(geometry=shapely.set_precision(simplified, GRID_DEGREES))
    return rounded[~rounded.is_empty].reset_index(drop=True)


def read_lakes(shapefile: Path, extent: shapely.Geometry) -> gpd.GeoDataFrame:
    """Read Natural Earth's lakes within `extent` as valid polygons, simplified and rounded, largest first."""
    lakes = gpd.read_file(shapefile, bbox=extent.bounds).to_crs(CRS)[["geometry"]]
    inside = shapely.intersection(shapely.make_valid(lakes.geometry.array), extent)
    simplified = shapely.simplify(inside, TOLERANCE_DEGREES)
    lakes = lakes.assign(geometry=shapely.set_precision(simplified, GRID_DEGREES))
    size = shapely.area(lakes.geometry.array)
    order = np.argsort(-size, kind="stable")
    return lakes.iloc[order[size[order] > SMALLEST_LAKE_DEGREES2]].reset_index(drop=True)
