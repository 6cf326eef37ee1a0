"""
Times of the exposure of many communities, part by part, in processor seconds and by wall clock.

    python -m bench exposure [XS|S|L]

The data is the invented country of `bench.generate`: its concessions, and its territories except parks. As in `lindero
exposure`, the parts are the area under concession with its range and parts, and the features within 25 km. Code is
compiled before the clock starts.
"""

import time
from collections.abc import Callable

import geopandas as gpd
import numpy as np

from bench.generate import SIZES, layers
from lindero.geo.near.within_distance import count_within_distance
from lindero.geo.stats.exposure import exposure

KM = (5, 10, 25)
FEW = 200


def main(size: str = "S") -> None:
    """Print a row for each part."""
    titles, lands = _build_layers(size)
    _parts(titles.head(FEW), lands.head(FEW))
    print(f"| {len(lands):,} communities, {len(titles):,} titles | wall s | process s |\n|---|---|---|")
    for name, (wall, own) in _parts(titles, lands).items():
        print(f"| {name} | {wall:.1f} | {own:.1f} |", flush=True)


def _build_layers(size: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    titles, lands = layers(size)
    number = lands["id"].str.slice(1).astype(int)
    communities = lands[number < SIZES[size].communities].reset_index(drop=True)
    status = np.where(np.arange(len(titles)) % 3, "granted", "applied")
    return titles.assign(kind="mining", status=status, boundary_accuracy_m=5.0), communities


def _parts(titles: gpd.GeoDataFrame, lands: gpd.GeoDataFrame) -> dict[str, tuple[float, float]]:
    return {
        "ground under title, its range and parts": _time_part(lambda: exposure(lands, titles)),
        f"titles within {', '.join(map(str, KM))} km": _time_part(
            lambda: count_within_distance(lands, titles, within_km=KM)
        ),
    }


def _time_part(part: Callable[[], object]) -> tuple[float, float]:
    wall, own = time.perf_counter(), time.process_time()
    part()
    return time.perf_counter() - wall, time.process_time() - own
