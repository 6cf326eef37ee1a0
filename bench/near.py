"""
What lies within 50 km of a point, by Lindero and by its peers, side by side on the same invented data.

    python -m bench near [XS|S|450k|L] [points]

`450k` is the titles of L with the territories of S. Distances are to the edge; those of peers on a plane round each
point, Lindero's on the ellipsoid. What a way keeps from question to question (an index, a database) it makes before its
clock runs. Times are wall clock, in one process, warm; then once from a cold process, which opens a map of the same
features and asks one question, as `lindero near` does.
"""

import datetime as dt
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bench.generate import layers
from bench.memory import peak_mb
from geo import EdgeIndex, near
from geo.window import window
from layers import making, store
from layers.schema import LAYERS

WITHIN_KM = 50.0
LAYER = LAYERS["concessions"]
Answer = Callable[[float, float], pd.DataFrame]
_RECEIVED = {
    "source_id": "bench",
    "snapshot_on": dt.date(2026, 1, 1),
    "row_number": 0,
    "kind": "mining",
    "status": "granted",
}

COLD = f"""
import sys
from pathlib import Path
from geo import near
from geo.window import window
from layers import store
from layers.schema import LAYERS

lon, lat = map(float, sys.argv[2:])
con = store.connect(Path(sys.argv[1]))
rows = store.read_layer(con, LAYERS["concessions"], bounds=window(lon, lat, {WITHIN_KM}), every_snapshot=True)
near(lon, lat, rows, within_km={WITHIN_KM})
"""


def kept(features: gpd.GeoDataFrame, _map: Path) -> Answer:
    """Lindero, an index kept."""
    index = EdgeIndex.of(features)
    return lambda lon, lat: near(lon, lat, index, within_km=WITHIN_KM)


def mapped(_features: gpd.GeoDataFrame, map_file: Path) -> Answer:
    """Lindero, from the map's box columns over Hilbert-sorted rows, as commands and pages ask."""
    con = store.connect(map_file)

    def answer(lon: float, lat: float) -> pd.DataFrame:
        return near(
            lon,
            lat,
            store.read_layer(con, LAYER, bounds=window(lon, lat, WITHIN_KM), every_snapshot=True),
            within_km=WITHIN_KM,
        )

    return answer


def tree(features: gpd.GeoDataFrame, _map: Path) -> Answer:
    """STRtree in memory, then to_crs round the point and distance."""
    index = shapely.STRtree(features.geometry.to_numpy())

    def answer(lon: float, lat: float) -> pd.DataFrame:
        some = np.sort(index.query(shapely.box(*window(lon, lat, WITHIN_KM))))
        return _on_a_plane(lon, lat, features.iloc[some])

    return answer


def columns(_features: gpd.GeoDataFrame, map_file: Path) -> Answer:
    """DuckDB, box columns over Hilbert-sorted rows, then to_crs round the point and distance."""
    con = store.connect(map_file)
    query = f"SELECT id, geometry FROM {LAYER.name} WHERE xmin <= ? AND xmax >= ? AND ymin <= ? AND ymax >= ?"

    def answer(lon: float, lat: float) -> pd.DataFrame:
        west, south, east, north = window(lon, lat, WITHIN_KM)
        rows = con.execute(query, [east, west, north, south]).to_arrow_table()
        return _on_a_plane(lon, lat, gpd.GeoDataFrame.from_arrow(rows))

    return answer


def rtree(_features: gpd.GeoDataFrame, map_file: Path) -> Answer:
    """DuckDB, its R-tree, then to_crs round the point and distance."""
    con = store.in_memory()
    store.load_extension(con, "spatial")
    con.execute(f"ATTACH '{map_file}' AS map (READ_ONLY)")
    con.execute(f"CREATE TABLE r AS SELECT id, geometry::GEOMETRY AS geometry FROM map.{LAYER.name}")
    con.execute("CREATE INDEX boxes ON r USING RTREE (geometry)")

    def answer(lon: float, lat: float) -> pd.DataFrame:
        extent = ", ".join(map(str, window(lon, lat, WITHIN_KM)))  # the index asks for a constant
        query = f"SELECT id, ST_AsWKB(geometry) AS g FROM r WHERE ST_Intersects(geometry, ST_MakeEnvelope({extent}))"
        rows = con.execute(query).fetchnumpy()
        shapes = shapely.from_wkb([bytes(one) for one in rows["g"]])
        return _on_a_plane(lon, lat, gpd.GeoDataFrame({"id": rows["id"]}, geometry=shapes, crs="OGC:CRS84"))

    return answer


WAYS = (kept, mapped, tree, columns, rtree)


def main(size: str = "450k", points: str = "200") -> None:
    """Print the table, and hold that all ways find the same distances."""
    features = _features(size)
    rng = np.random.default_rng(0)
    chosen = features.geometry.to_numpy()[rng.integers(0, len(features), int(points))]
    places = shapely.get_coordinates(shapely.centroid(chosen))
    print(f"{len(features):,} features, {shapely.get_num_coordinates(features.geometry).sum():,} corners")
    print(f"duckdb {version('duckdb')}, shapely {version('shapely')}, geopandas {version('geopandas')}")
    with TemporaryDirectory() as folder:
        map_file = Path(folder) / "near.duckdb"
        con = making.create(map_file)
        making.write_layer(con, LAYER, features.assign(**_RECEIVED))
        making.finish(con)
        print("| way | ready in s | p50 ms | p95 ms | found | peak MB so far |\n|---|---|---|---|---|---|")
        answers = {way: _timed(way, features, map_file, places) for way in WAYS}
        colds = [_cold(map_file, *place) for place in places[:5]]
    print(f"a cold process: {np.median(colds):.2f} s (promised: at most 1; warm p95 at most 5 ms)")
    for way in WAYS[1:]:
        pairs = zip(answers[kept], answers[way], strict=True)
        apart = max(float((ours - theirs).abs().max()) for ours, theirs in pairs)
        print(f"largest difference to {way.__doc__.rstrip('.')}: {apart:.1f} m")


def _features(size: str) -> gpd.GeoDataFrame:
    sides = (layers("L")[0], layers("S")[1]) if size == "450k" else layers(size)
    return pd.concat(sides, ignore_index=True)


def _timed(way: Callable[..., Answer], features: gpd.GeoDataFrame, map_file: Path, places: np.ndarray) -> list:
    start = time.perf_counter()
    answer = way(features, map_file)
    ready = time.perf_counter() - start
    answer(*places[0])
    times, found = [], []
    for lon, lat in places:
        start = time.perf_counter()
        rows = answer(lon, lat)
        times.append((time.perf_counter() - start) * 1000)
        found.append(rows.set_index("id")["distance_m"])
    p50, p95 = np.percentile(times, [50, 95])
    told = f"{ready:.1f} | {p50:.1f} | {p95:.1f} | {sum(map(len, found)):,} | {peak_mb():,}"
    print("|", way.__doc__.rstrip("."), "|", told, "|")
    return found


def _on_a_plane(lon: float, lat: float, some: gpd.GeoDataFrame) -> pd.DataFrame:
    there = some.geometry.to_crs(f"+proj=aeqd +lon_0={lon} +lat_0={lat} +datum=WGS84")
    found = some[["id"]].assign(distance_m=there.distance(shapely.Point(0, 0)))
    return found[found["distance_m"] <= WITHIN_KM * 1000].sort_values(["distance_m", "id"])


def _cold(map_file: Path, lon: float, lat: float) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", COLD, map_file, str(lon), str(lat)], check=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    main(*sys.argv[1:])
