"""
Exposure of many communities, part by part, in seconds of this process's own clock and of the wall's.

    python -m bench exposure [XS|S|L]

The invented country of `bench.generate`: its titles, and those territories that are no parks. As `lindero exposure`
asks: ground under title with its range and parts, and what lies within 25 km. Code is compiled before the clock runs.
"""

import time
from collections.abc import Callable

import geopandas as gpd
import numpy as np

from bench.generate import SIZES, layers
from lindero.geo.near.within_distance import counts_within
from lindero.geo.stats.exposure import exposure

KM = (5, 10, 25)
FEW = 200


def main(size: str = "S") -> None:
    """Print a row for each part."""
    titles, lands = _asked(size)
    _parts(titles.head(FEW), lands.head(FEW))
    print(f"| {len(lands):,} communities, {len(titles):,} titles | wall s | process s |\n|---|---|---|")
    for name, (wall, own) in _parts(titles, lands).items():
        print(f"| {name} | {wall:.1f} | {own:.1f} |", flush=True)


def _asked(size: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    titles, lands = layers(size)
    number = lands["id"].str.slice(1).astype(int)
    communities = lands[number < SIZES[size].communities].reset_index(drop=True)
    status = np.where(np.arange(len(titles)) % 3, "granted", "applied")
    return titles.assign(kind="mining", status=status, boundary_accuracy_m=5.0), communities


def _parts(titles: gpd.GeoDataFrame, lands: gpd.GeoDataFrame) -> dict[str, tuple[float, float]]:
    return {
        "ground under title, its range and parts": _timed(lambda: exposure(lands, titles)),
        f"titles within {', '.join(map(str, KM))} km": _timed(lambda: counts_within(lands, titles, within_km=KM)),
    }


def _timed(part: Callable[[], object]) -> tuple[float, float]:
    wall, own = time.perf_counter(), time.process_time()
    part()
    return time.perf_counter() - wall, time.process_time() - own
