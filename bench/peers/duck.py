"""DuckDB's extension spatial, on two threads, from tables in its own file."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import duckdb_extension_spatial
import geopandas as gpd

from bench.peers.result import Result, of_pieces


def _joined(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame, area: str) -> Result:
    with TemporaryDirectory() as folder:
        con = duckdb.connect(str(Path(folder) / "bench.duckdb"))
        extension = next(Path(str(duckdb_extension_spatial.__file__)).parent.rglob("spatial.duckdb_extension"))
        con.execute(f"LOAD '{extension}'; SET threads = 2; SET enable_progress_bar = false")
        for name, frame in (("l", left), ("r", right)):
            wkb = frame.geometry.to_wkb().rename("wkb").to_frame()  # noqa: F841  read by the next statement
            con.execute(f"CREATE TABLE {name} AS SELECT ST_GeomFromWKB(wkb) AS g FROM wkb")
        start = time.perf_counter()
        rows = con.sql(f"SELECT {area} AS m2 FROM l JOIN r ON ST_Intersects(l.g, r.g)").fetchnumpy()
        return of_pieces(time.perf_counter() - start, rows["m2"])


def duckdb_plain(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """DuckDB spatial join + ST_Intersection."""
    return _joined(left, right, "ST_Area(ST_Intersection(l.g, r.g))")


def duckdb_covers(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """DuckDB spatial join, covers shortcut."""
    return _joined(
        left, right, "CASE WHEN ST_Covers(r.g, l.g) THEN ST_Area(l.g) ELSE ST_Area(ST_Intersection(l.g, r.g)) END"
    )
