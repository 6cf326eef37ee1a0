"""SedonaDB, on two threads, from tables in memory."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import pyarrow as pa

from bench.peers.result import AbsentError, Result, build_result
from bench.peers.two_joins import TWO_JOINS

_JOINED = "SELECT {area} AS m2 FROM l JOIN r ON ST_Intersects(l.geometry, r.geometry)"
_PREPARED = "sedona.spatial_join.execution_mode = 'prepare_build'"
_CUT = "ST_Area(ST_Intersection(l.geometry, r.geometry))"


def _run_query(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame, query: str, *settings: str) -> Result:
    try:
        import sedonadb  # not every machine has it
    except ImportError as error:
        raise AbsentError("not installed: make bench-peers") from error
    con = sedonadb.connect()
    for setting in ("datafusion.execution.target_partitions = 2", *settings):
        con.sql(f"SET {setting}").execute()
    with TemporaryDirectory() as folder:
        for name, frame in (("l", left), ("r", right)):
            path = Path(folder) / f"{name}.parquet"
            frame.to_parquet(path)
            con.read_parquet(str(path)).to_memtable().to_view(name)
    start = time.perf_counter()
    rows = pa.table(con.sql(query))
    return build_result(time.perf_counter() - start, rows["m2"].to_numpy())


def sedona_plain(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """SedonaDB spatial join + ST_Intersection."""
    return _run_query(left, right, _JOINED.format(area=_CUT))


def sedona_covers(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """SedonaDB spatial join, covers shortcut, build side prepared."""
    shortcut = f"CASE WHEN ST_Covers(r.geometry, l.geometry) THEN ST_Area(l.geometry) ELSE {_CUT} END"
    return _run_query(left, right, _JOINED.format(area=shortcut), _PREPARED)


def sedona_two_joins(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """SedonaDB, a join for what is covered and one for the rest, build side prepared."""
    return _run_query(left, right, TWO_JOINS.format(g="geometry"), _PREPARED)
