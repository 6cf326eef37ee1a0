"""SedonaDB, on two threads, from tables in memory."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import pyarrow as pa

from bench.peers.result import AbsentError, Result, of_pieces

_JOINED = "SELECT {area} AS m2 FROM l JOIN r ON ST_Intersects(l.geometry, r.geometry)"
_CUT = "ST_Area(ST_Intersection(l.geometry, r.geometry))"


def _joined(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame, area: str, *settings: str) -> Result:
    try:
        import sedonadb  # noqa: PLC0415  not every machine has it
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
    rows = pa.table(con.sql(_JOINED.format(area=area)))
    return of_pieces(time.perf_counter() - start, rows["m2"].to_numpy())


def sedona_plain(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """SedonaDB spatial join + ST_Intersection."""
    return _joined(left, right, _CUT)


def sedona_covers(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """SedonaDB spatial join, covers shortcut."""
    shortcut = f"CASE WHEN ST_Covers(r.geometry, l.geometry) THEN ST_Area(l.geometry) ELSE {_CUT} END"
    return _joined(left, right, shortcut, "sedona.spatial_join.execution_mode = 'prepare_build'")
