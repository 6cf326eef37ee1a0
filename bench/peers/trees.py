"""Shapely's STRtree, used as an expert of GEOS would."""

import time
from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import numpy as np
import shapely

from bench.peers.result import Result, build_result


def _find_pairs(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    at_left, at_right = shapely.STRtree(right).query(left)
    order = np.argsort(at_right, kind="stable")
    return at_left[order], at_right[order]


def prepared(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """Shapely STRtree, prepared, covers shortcut, 1 thread."""
    small, large = left.geometry.to_numpy(), right.geometry.to_numpy()
    start = time.perf_counter()
    at_small, at_large = _find_pairs(small, large)
    shapely.prepare(large)
    one, other = small[at_small], large[at_large]
    area = shapely.area(one)
    crossing = np.flatnonzero(~shapely.covers(other, one))
    crossing_meets = shapely.intersects(other[crossing], one[crossing])
    area[crossing[~crossing_meets]] = 0
    meets = crossing[crossing_meets]
    area[meets] = shapely.area(shapely.intersection(one[meets], other[meets]))
    return build_result(time.perf_counter() - start, area)


def clipped(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """Shapely STRtree, clip to the box, then intersect, 2 threads."""
    small, large = left.geometry.to_numpy(), right.geometry.to_numpy()
    start = time.perf_counter()
    at_small, at_large = _find_pairs(small, large)
    bounds = shapely.bounds(small)
    area = np.empty(len(at_small))

    def measure(half: slice) -> None:
        for i in range(len(area))[half]:
            title, land = small[at_small[i]], large[at_large[i]]
            area[i] = shapely.clip_by_rect(land, *bounds[at_small[i]]).intersection(title).area

    middle = len(area) // 2
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(measure, (slice(0, middle), slice(middle, None))))
    return build_result(time.perf_counter() - start, area)
