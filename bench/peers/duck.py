"""DuckDB's spatial extension, on two threads, from tables in a file."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import duckdb_extension_spatial
import geopandas as gpd

from bench.peers.result import Result, build_result
from bench.peers.two_joins import TWO_JOINS

_JOINED = "SELECT {area} AS m2 FROM l JOIN r ON ST_Intersects(l.g, r.g)"


def _run_query(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame, query: str) -> Result:
    with TemporaryDirectory() as folder:
        con = duckdb.connect(str(Path(folder) / "bench.duckdb"))
        extension = next(Path(str(duckdb_extension_spatial.__file__)).parent.rglob("spatial.duckdb_extension"))
        con.execute(f"LOAD '{extension}'; SET threads = 2; SET enable_progress_bar = false")
        for name, frame in (("l", left), ("r", right)):
            rows = frame[["id"]].assign(wkb=frame.geometry.to_wkb())  # noqa: F841  read by the next statement
            con.execute(f"CREATE TABLE {name} AS SELECT id, ST_GeomFromWKB(wkb) AS g FROM rows")
        start = time.perf_counter()
        area = con.sql(query).fetchnumpy()["m2"]
        return build_result(time.perf_counter() - start, area)


def duckdb_plain(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """DuckDB spatial join + ST_Intersection."""
    return _run_query(left, right, _JOINED.format(area="ST_Area(ST_Intersection(l.g, r.g))"))


def duckdb_covers(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """DuckDB spatial join, covers shortcut."""
    shortcut = "CASE WHEN ST_Covers(r.g, l.g) THEN ST_Area(l.g) ELSE ST_Area(ST_Intersection(l.g, r.g)) END"
    return _run_query(left, right, _JOINED.format(area=shortcut))


def duckdb_two_joins(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """DuckDB, a join for what is covered and one for the rest."""
    return _run_query(left, right, TWO_JOINS.format(g="g"))
