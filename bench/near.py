"""
What lies within 50 km of a point, by Lindero and by its peers, side by side on the same invented data.

    python -m bench.near [XS|S] [points]

Distances are to the edge; the peer's are on a plane round each point, Lindero's on the ellipsoid. Times are wall clock.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bench.generate import layers
from geo import EdgeIndex, near

WITHIN_KM = 50.0
Answer = Callable[[float, float], pd.DataFrame]


def kept(features: gpd.GeoDataFrame) -> Answer:
    """Lindero, an index kept."""
    index = EdgeIndex.of(features)
    return lambda lon, lat: near(lon, lat, index, within_km=WITHIN_KM)


def framed(features: gpd.GeoDataFrame) -> Answer:
    """Lindero, from a frame of the features whose boxes are near."""
    tree = shapely.STRtree(features.geometry.to_numpy())
    return lambda lon, lat: near(lon, lat, features.iloc[_boxed(tree, lon, lat)], within_km=WITHIN_KM)


def projected(features: gpd.GeoDataFrame) -> Answer:
    """geopandas, boxes by STRtree, then to_crs round the point and distance."""
    tree = shapely.STRtree(features.geometry.to_numpy())

    def answer(lon: float, lat: float) -> pd.DataFrame:
        some = features.iloc[_boxed(tree, lon, lat)]
        there = some.geometry.to_crs(f"+proj=aeqd +lon_0={lon} +lat_0={lat} +datum=WGS84")
        found = some[["id"]].assign(distance_m=there.distance(shapely.Point(0, 0)))
        return found[found["distance_m"] <= WITHIN_KM * 1000].sort_values(["distance_m", "id"])

    return answer


def _boxed(tree: shapely.STRtree, lon: float, lat: float) -> np.ndarray:
    reach = WITHIN_KM / 110.5
    wide = reach / np.cos(np.radians(lat))
    return np.sort(tree.query(shapely.box(lon - wide, lat - reach, lon + wide, lat + reach)))


def _cold(features: gpd.GeoDataFrame, lon: float, lat: float) -> float:
    """Answer once in a new process, from a file of what is near, as a command does."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "near.parquet"
        features.iloc[_boxed(shapely.STRtree(features.geometry.to_numpy()), lon, lat)].to_parquet(path)
        frame = f"geopandas.read_parquet({str(path)!r})"
        program = f"import geopandas, geo; geo.near({lon}, {lat}, {frame}, within_km={WITHIN_KM})"
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], check=True)
        return time.perf_counter() - start


def main(size: str = "S", points: str = "200") -> None:
    features = pd.concat(layers(size), ignore_index=True)
    rng = np.random.default_rng(0)
    chosen = features.geometry.to_numpy()[rng.integers(0, len(features), int(points))]
    places = shapely.get_coordinates(shapely.centroid(chosen))
    print(f"{len(features):,} features, {shapely.get_num_coordinates(features.geometry).sum():,} corners")
    print("| way | p50 ms | p95 ms | found |\n|---|---|---|---|")
    answers = {}
    for way in (kept, framed, projected):
        answer = way(features)
        answer(*places[0])
        times, answers[way] = [], []
        for lon, lat in places:
            start = time.perf_counter()
            answers[way].append(answer(lon, lat).set_index("id")["distance_m"])
            times.append((time.perf_counter() - start) * 1000)
        found = sum(map(len, answers[way]))
        name, (p50, p95) = way.__doc__.rstrip("."), np.percentile(times, [50, 95])
        print(f"| {name} | {p50:.1f} | {p95:.1f} | {found:,} |")
    print(f"a cold process: {_cold(features, *places[0]):.2f} s")
    pairs = zip(answers[kept], answers[projected], strict=True)
    apart = max(float((ours - theirs).abs().max()) for ours, theirs in pairs)
    print(f"largest difference to the peer: {apart:.1f} m")


if __name__ == "__main__":
    main(*sys.argv[1:])
