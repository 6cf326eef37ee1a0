"""
PostGIS.

Layers are loaded, indexed and analysed before the clock starts. The plain variant uses Debian's default settings.
"""

import time

import geopandas as gpd
import numpy as np

from bench.peers.postgres import Server, start_server
from bench.peers.result import Result, build_result

_TUNED = (
    "shared_buffers=1GB",
    "work_mem=256MB",
    "maintenance_work_mem=512MB",
    "effective_cache_size=4GB",
    "random_page_cost=1.1",
    "jit=off",
    "max_parallel_workers_per_gather=2",
    "min_parallel_table_scan_size=0",
    "parallel_setup_cost=0",
    "parallel_tuple_cost=0",
)
_AREA = "CASE WHEN ST_Covers(r.g, l.g) THEN ST_Area(l.g) ELSE ST_Area(ST_Intersection(l.g, r.g)) END"
_PIECE_VERTICES = 128


def _load(postgis: Server, name: str, frame: gpd.GeoDataFrame, storage: str) -> None:
    rows = "".join(f"{i}\t{wkb}\n" for i, wkb in enumerate(frame.geometry.to_wkb(hex=True)))
    postgis.run(
        f"CREATE TABLE {name} (id integer, g geometry)",
        f"ALTER TABLE {name} ALTER g SET STORAGE {storage}",
        f"COPY {name} FROM STDIN",
        rows=rows,
    )
    _index(postgis, name)


def _index(postgis: Server, name: str) -> None:
    postgis.run(f"CREATE INDEX ON {name} USING gist (g)")
    postgis.run(f"VACUUM ANALYZE {name}")


def _areas(postgis: Server, query: str) -> Result:
    start = time.perf_counter()
    rows = postgis.run(f"COPY ({query}) TO STDOUT")
    return build_result(time.perf_counter() - start, np.array(rows.split(), dtype=float))


def postgis_plain(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """PostGIS, GiST join + ST_Intersection, settings as installed."""
    with start_server() as postgis:
        postgis.run("CREATE EXTENSION postgis")
        _load(postgis, "l", left, "MAIN")
        _load(postgis, "r", right, "MAIN")
        return _areas(postgis, "SELECT ST_Area(ST_Intersection(l.g, r.g)) FROM l JOIN r ON ST_Intersects(l.g, r.g)")


def postgis_covers(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """PostGIS, GiST join, covers shortcut, tuned."""
    with start_server(*_TUNED) as postgis:
        postgis.run("CREATE EXTENSION postgis")
        _load(postgis, "l", left, "EXTERNAL")
        _load(postgis, "r", right, "EXTERNAL")
        return _areas(postgis, f"SELECT {_AREA} FROM r JOIN l ON ST_Intersects(r.g, l.g)")


def postgis_subdivided(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """PostGIS, GiST join, ST_Subdivide beforehand, covers shortcut, tuned."""
    with start_server(*_TUNED) as postgis:
        postgis.run("CREATE EXTENSION postgis")
        _load(postgis, "l", left, "EXTERNAL")
        _load(postgis, "whole", right, "EXTERNAL")
        postgis.run(f"CREATE TABLE r AS SELECT id, ST_Subdivide(g, {_PIECE_VERTICES}) AS g FROM whole")
        _index(postgis, "r")
        return _areas(postgis, f"SELECT sum({_AREA}) FROM r JOIN l ON ST_Intersects(r.g, l.g) GROUP BY l.id, r.id")
