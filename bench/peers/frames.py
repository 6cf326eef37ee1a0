"""geopandas, used as in its documentation."""

import time

import geopandas as gpd
import shapely

from bench.peers.result import Result, build_result


def overlay(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """geopandas.overlay."""
    start = time.perf_counter()
    area = gpd.overlay(left, right.rename(columns={"id": "right_id"}), keep_geom_type=True).area.to_numpy()
    return build_result(time.perf_counter() - start, area)


def sjoin(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """Geopandas sjoin + intersection."""
    start = time.perf_counter()
    pairs = gpd.sjoin(left, right)
    other = right.geometry.to_numpy()[pairs["index_right"]]
    area = shapely.area(shapely.intersection(pairs.geometry.to_numpy(), other))
    return build_result(time.perf_counter() - start, area)
