"""Rivers of the World Data Bank II, from GSHHG's netCDF file, which stores them in bins of one degree."""

from pathlib import Path

import geopandas as gpd
import h5py
import numpy as np
import pandas as pd
import shapely

from lindero.layers.model.schema import CRS

RANKS = {0: 1, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 5, 7: 5}  # rank by GSHHG's level; levels from 8 on are canals, left out
UNIT = 1 / 65535  # of a bin, in which GSHHG counts coordinates from the bin's south-west vertex


def read_rivers(netcdf: Path) -> gpd.GeoDataFrame:
    """Read GSHHG's rivers of the whole world as lines in longitude and latitude.

    Columns: `rank`, from 1 (the largest, with double banks) to 4 (minor), and 5 for intermittent rivers.
    """
    with h5py.File(netcdf) as file:
        size = file["Bin_size_in_minutes"][0] / 60
        columns = file["N_bins_in_360_longitude_range"][0]
        segments_in_bin = file["N_segments_in_a_bin"][:]
        points_in_segment = file["N_points_for_a_segment"][:]
        levels = file["Hierarchial_level_of_a_segment"][:]
        east = file["Relative_longitude_from_SW_corner_of_bin"][:].astype("uint16") * UNIT
        north = file["Relative_latitude_from_SW_corner_of_bin"][:].astype("uint16") * UNIT

    segment = np.repeat(np.arange(len(levels)), points_in_segment)
    row, column = np.divmod(np.repeat(np.arange(len(segments_in_bin)), segments_in_bin), columns)
    longitude = (column[segment] + east) * size
    latitude = 90 - (row[segment] + 1 - north) * size
    points = np.column_stack([np.where(longitude > 180, longitude - 360, longitude), latitude])  # noqa: PLR2004  degrees

    long_enough = np.flatnonzero(points_in_segment > 1)
    is_kept = np.isin(segment, long_enough)
    lines = shapely.linestrings(points[is_kept], indices=np.searchsorted(long_enough, segment[is_kept]))
    rivers = gpd.GeoDataFrame({"rank": pd.Series(levels[long_enough]).map(RANKS)}, geometry=lines, crs=CRS)
    return rivers.dropna(subset="rank").astype({"rank": "int32"})
