"""Rows of a map by the snapshot of their source, and the pairs of two layers: what a build derives is made of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

import duckdb

from lindero.layers.database import literals
from lindero.layers.database.map_database import CURRENT, VERSION, Connection, read_overlaps
from lindero.layers.model.layer import Layer

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import pyarrow as pa

Snapshot = tuple[str, str]
"""A source and its day (YYYY-MM-DD)."""

_COLUMNS = f"{VERSION} AS id, {CURRENT} AS is_current"


def snapshots(con: Connection, layer: Layer) -> frozenset[Snapshot]:
    """Return the snapshots of which a layer holds rows."""
    rows = con.execute(f"SELECT DISTINCT source_id, snapshot_on::VARCHAR FROM {layer.name}").fetchall()
    return frozenset((source, day) for source, day in rows)


def write_index_checksum(con: Connection, crc32: int) -> None:
    """Write the checksum of the index of edges beside the map into the map."""
    con.execute("DELETE FROM near_index")
    con.execute(f"INSERT INTO near_index VALUES ({crc32:d})")


def read_index_checksum(con: Connection) -> int | None:
    """Read the checksum of the index of edges beside the map; None of a map of an earlier version."""
    try:
        row = con.execute("SELECT crc32 FROM near_index").fetchone()
    except duckdb.CatalogException:
        return None
    return row[0] if row else None


def read_shapes(
    con: Connection, layer: Layer, *, at_once: int, besides: Collection[Snapshot] = ()
) -> Iterator[gpd.GeoDataFrame]:
    """Read `id` (a version), `is_current` (bool) and geometry, so many at once; of some snapshots none is read."""
    import geopandas as gpd
    import pyarrow as pa

    read = con.execute(f"SELECT {_COLUMNS}, geometry FROM {layer.name} WHERE NOT {_is_of(besides)}")
    for batch in read.to_arrow_reader(at_once):
        yield gpd.GeoDataFrame.from_arrow(pa.Table.from_batches([batch]))


def read_versions(con: Connection, layer: Layer, snapshots: Collection[Snapshot]) -> pa.Table:
    """Read `id` (a version) and `is_current` of the rows of some snapshots."""
    return con.execute(f"SELECT {_COLUMNS} FROM {layer.name} WHERE {_is_of(snapshots)}").to_arrow_table()


def read_pairs(con: Connection, left: str, right: str) -> pd.DataFrame:
    """
    Read what was measured of the overlaps of two layers that the map shows, the largest first.

    `left_id` and `right_id` (versions), `area_ha`, `share_of_left`, `share_of_right`.
    """
    ids = ", ".join(f"{side}_id || '@' || {side}_snapshot_on AS {side}_id" for side in ("left", "right"))
    return read_overlaps(con, left, right, columns=f"{ids}, area_ha, share_of_left, share_of_right")


def _is_of(snapshots: Collection[Snapshot]) -> str:
    chosen = ", ".join(f"({literals.text(source)}, {literals.text(day)}::DATE)" for source, day in snapshots)
    return f"(source_id, snapshot_on) IN ({chosen})" if snapshots else "false"
