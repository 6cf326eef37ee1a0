"""
Features within 50 km of a point, by Lindero and by other tools, side by side on the same invented data.

    python -m bench near [XS|S|450k|L] [points]

`450k` is the concessions of L with the territories of S. Distances are to the edge of a feature: those of other tools
on a plane around each point, those of Lindero on the ellipsoid. Data that a method keeps between queries (an index, a
database) is built before its clock starts. Lindero keeps the file that a build stores beside the map.

Times are wall clock in one warm process, and the processor seconds of all cores, which other work on the machine
affects less. Pages are then measured in a separate process, for its memory, and `lindero near` in whole cold processes.
"""

import datetime as dt
import json
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bench import beside
from bench.generate import layers
from lindero.app.answers.place.nearby import feature_frame, find_nearby_features
from lindero.app.answers.place.spot import Spot
from lindero.app.media.pages.current import map_layers, open_map
from lindero.geo.near.window import window
from lindero.layers.database import extensions, map_database, map_writer
from lindero.layers.database.queries import map_queries
from lindero.layers.disk import builds
from lindero.layers.model.schema import LAYERS
from lindero.layers.workspace import manifest_file

WITHIN_KM = 50.0
DAY = dt.date(2026, 1, 1)
ASKED = [LAYERS[name] for name in map_queries.DRAWN_LAYERS]
TABLES = ("concessions", "communities")
Answer = Callable[[float, float], pd.DataFrame]

PAGES = f"""
import json, sys
from pathlib import Path
from lindero.app.answers.place.spot import Spot
from lindero.app.media.pages.current import map_layers as cached, open_map as served
from bench.memory import peak_mb
served.use_folder(Path(sys.argv[1]))
places = json.load(sys.stdin)
for lon, lat in places[:1]:
    cached.find_nearby(Spot("", lat, lon), within_km={WITHIN_KM})
first = peak_mb()
for lon, lat in places:
    cached.find_nearby(Spot("", lat, lon), within_km={WITHIN_KM})
print(json.dumps([first, peak_mb()]))
"""


def ids(_features: gpd.GeoDataFrame, map_file: Path) -> Answer:
    """Lindero: rows by box from the database, their edges indexed; layers, ids, distances."""
    con = map_database.connect(map_file)

    def answer(lon: float, lat: float) -> pd.DataFrame:
        spot = Spot("", lat, lon)
        return feature_frame(find_nearby_features(con, spot, within_km=WITHIN_KM, layers=ASKED, about=()), about=())

    return answer


def page(_features: gpd.GeoDataFrame, map_file: Path) -> Answer:
    """Lindero, as a page asks, with what it says of each."""
    open_map.use_folder(map_file.parent)
    return lambda lon, lat: feature_frame(map_layers.find_nearby(Spot("", lat, lon), within_km=WITHIN_KM))


def tree(features: gpd.GeoDataFrame, _map: Path) -> Answer:
    """STRtree in memory, then to_crs round the point and distance."""
    index = shapely.STRtree(features.geometry.to_numpy())

    def answer(lon: float, lat: float) -> pd.DataFrame:
        some = np.sort(index.query(shapely.box(*window(lon, lat, WITHIN_KM))))
        return _measure_on_plane(lon, lat, features.iloc[some])

    return answer


def columns(_features: gpd.GeoDataFrame, map_file: Path) -> Answer:
    """DuckDB, box columns over Hilbert-sorted rows, then to_crs round the point and distance."""
    con = map_database.connect(map_file)
    meets = "xmin <= $east AND xmax >= $west AND ymin <= $north AND ymax >= $south"
    query = " UNION ALL ".join(f"SELECT id, geometry FROM {name} WHERE {meets}" for name in TABLES)

    def answer(lon: float, lat: float) -> pd.DataFrame:
        bounds = dict(zip(("west", "south", "east", "north"), window(lon, lat, WITHIN_KM), strict=True))
        rows = con.execute(query, bounds).to_arrow_table()
        return _measure_on_plane(lon, lat, gpd.GeoDataFrame.from_arrow(rows))

    return answer


def rtree(_features: gpd.GeoDataFrame, map_file: Path) -> Answer:
    """DuckDB, its R-tree, then to_crs round the point and distance."""
    con = map_database.open_in_memory()
    extensions.load_extension(con, "spatial")
    con.execute(f"ATTACH '{map_file}' AS map (READ_ONLY)")
    rows = " UNION ALL ".join(f"SELECT id, geometry::GEOMETRY AS geometry FROM map.{name}" for name in TABLES)
    con.execute(f"CREATE TABLE r AS {rows}")
    con.execute("CREATE INDEX boxes ON r USING RTREE (geometry)")

    def answer(lon: float, lat: float) -> pd.DataFrame:
        extent = ", ".join(map(str, window(lon, lat, WITHIN_KM)))  # the index requires a constant
        query = f"SELECT id, ST_AsWKB(geometry) AS g FROM r WHERE ST_Intersects(geometry, ST_MakeEnvelope({extent}))"
        rows = con.execute(query).fetchnumpy()
        shapes = shapely.from_wkb([bytes(one) for one in rows["g"]])
        return _measure_on_plane(lon, lat, gpd.GeoDataFrame({"id": rows["id"]}, geometry=shapes, crs="OGC:CRS84"))

    return answer


class Timed(NamedTuple):
    """The median time of a method, and the distances that it found around each place."""

    p50_ms: float
    distances_m: list[pd.Series]


WAYS = (ids, page, tree, columns, rtree)


def main(size: str = "450k", points: str = "200") -> None:
    """Print the table, and check that all methods find the same distances."""
    features = _features(size)
    rng = np.random.default_rng(0)
    chosen = features.geometry.to_numpy()[rng.integers(0, len(features), int(points))]
    places = shapely.get_coordinates(shapely.centroid(chosen))
    print(f"{len(features):,} features, {shapely.get_num_coordinates(features.geometry).sum():,} corners")
    print(f"duckdb {version('duckdb')}, shapely {version('shapely')}, geopandas {version('geopandas')}")
    with TemporaryDirectory() as folder:
        space = manifest_file.create_workspace(Path(folder) / "space", title="near", country="PE")
        map_file = _build_map(space.build_folder, features)
        print("| way | ready in s | p50 ms | p95 ms | p50 CPU ms | p95 CPU ms | found |\n|---|---|---|---|---|---|---|")
        timed = {way: _time_method(way, features, map_file, places) for way in WAYS}
        pages = [sys.executable, "-c", PAGES, space.build_folder]
        answer = subprocess.run(pages, input=json.dumps(places.tolist()), check=True, stdout=subprocess.PIPE, text=True)
        colds = [_time_cold_process(space.folder, *place) for place in places[:5]]
    print("a process that answers pages held {} MB after the first, {} MB after all".format(*json.loads(answer.stdout)))
    print(f"lindero near, whole process: {np.median(colds):.2f} s (promised: at most 1)")
    peers = {way.__doc__: timed[way].p50_ms for way in (tree, columns, rtree)}
    beside.add_measurement(
        f"a place to what lies within {WITHIN_KM} km of it, the middle one", timed[ids].p50_ms, peers, unit="ms"
    )
    for way in WAYS[1:]:
        pairs = zip(timed[ids].distances_m, timed[way].distances_m, strict=True)
        apart = max(float((ours - theirs).abs().max()) for ours, theirs in pairs)
        print(f"largest difference to {way.__doc__.rstrip('.')}: {apart:.3f} m")


def _build_map(build_folder: Path, features: gpd.GeoDataFrame) -> Path:
    """Build a map of the features, as a build does."""
    build_folder.mkdir(parents=True, exist_ok=True)
    new = build_folder / ".map-new.duckdb"
    con = map_writer.create_map(new)
    is_title = features["id"].str.startswith("t")
    for name, layer_rows in zip(TABLES, (features[is_title], features[~is_title]), strict=True):
        attributes = {
            "name": layer_rows["id"],
            "holder": layer_rows["id"].str[:3],
            "kind": "mining",
            "status": "granted",
        }
        rows = layer_rows.assign(
            source_id=name, snapshot_on=DAY, row_number=range(len(layer_rows)), area_ha=1_000.0, **attributes
        )
        map_writer.write_layer(con, LAYERS[name], rows)
        source = {"source_id": name, "layer": name, "snapshot_on": DAY, "is_current": True, "fingerprint": name}
        map_writer.write_table(con, "sources", pd.DataFrame([source]))
    digest = map_writer.compute_digest(con)
    map_writer.finish_map(con)
    return builds.publish_map(build_folder, new, digest=digest, inputs=digest)


def _features(size: str) -> gpd.GeoDataFrame:
    sides = (layers("L")[0], layers("S")[1]) if size == "450k" else layers(size)
    return pd.concat(sides, ignore_index=True)


def _time_method(way: Callable[..., Answer], features: gpd.GeoDataFrame, map_file: Path, places: np.ndarray) -> Timed:
    start = time.perf_counter()
    answer = way(features, map_file)
    ready = time.perf_counter() - start
    answer(*places[0])
    times, found = [], []
    for lon, lat in places:
        start, cpu = time.perf_counter(), time.process_time()
        rows = answer(lon, lat)
        times.append(((time.perf_counter() - start) * 1000, (time.process_time() - cpu) * 1000))
        found.append(rows.set_index("id")["distance_m"])
    percentiles = np.percentile(times, [50, 95], axis=0).T.ravel()
    spent = " | ".join(f"{ms:.1f}" for ms in percentiles)
    print("|", way.__doc__.rstrip("."), f"| {ready:.1f} | {spent} | {sum(map(len, found)):,} |", flush=True)
    return Timed(float(percentiles[0]), found)


def _measure_on_plane(lon: float, lat: float, candidates: gpd.GeoDataFrame) -> pd.DataFrame:
    there = candidates.geometry.to_crs(f"+proj=aeqd +lon_0={lon} +lat_0={lat} +datum=WGS84")
    found = candidates[["id"]].assign(distance_m=there.distance(shapely.Point(0, 0)))
    return found[found["distance_m"] <= WITHIN_KM * 1000].sort_values(["distance_m", "id"])


def _time_cold_process(folder: Path, lon: float, lat: float) -> float:
    command = [
        sys.executable,
        "-m",
        "lindero.app.cli",
        "near",
        str(lat),
        str(lon),
        "--km",
        str(WITHIN_KM),
        "--format",
        "csv",
    ]
    start = time.perf_counter()
    subprocess.run([*command, "--workspace", folder], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


if __name__ == "__main__":
    main(*sys.argv[1:])
