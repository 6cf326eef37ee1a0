"""Rows of a map by the snapshot of their source, and overlap pairs of two layers, from which a build derives files."""

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


def list_snapshots(con: Connection, layer: Layer) -> frozenset[Snapshot]:
    """List the snapshots from which a layer has rows."""
    rows = con.execute(f"SELECT DISTINCT source_id, snapshot_on::VARCHAR FROM {layer.name}").fetchall()
    return frozenset((source, date) for source, date in rows)


def write_index_checksum(con: Connection, crc32: int) -> None:
    """Store the checksum of the edge index beside the map in the map."""
    con.execute("DELETE FROM near_index")
    con.execute(f"INSERT INTO near_index VALUES ({crc32:d})")


def read_index_checksum(con: Connection) -> int | None:
    """Read the checksum of the edge index beside the map; None if an earlier version built the map."""
    try:
        row = con.execute("SELECT crc32 FROM near_index").fetchone()
    except duckdb.CatalogException:
        return None
    return row[0] if row else None


def read_shapes(
    con: Connection, layer: Layer, *, batch_size: int, excluded: Collection[Snapshot] = ()
) -> Iterator[gpd.GeoDataFrame]:
    """
    Yield `id` (a version), `is_current` (bool) and geometry of the rows of a layer in batches.

    Rows of the snapshots in `excluded` are not read.
    """
    import geopandas as gpd
    import pyarrow as pa

    result = con.execute(f"SELECT {_COLUMNS}, geometry FROM {layer.name} WHERE NOT {_snapshot_condition(excluded)}")
    for batch in result.to_arrow_reader(batch_size):
        yield gpd.GeoDataFrame.from_arrow(pa.Table.from_batches([batch]))


def read_versions(con: Connection, layer: Layer, snapshots: Collection[Snapshot]) -> pa.Table:
    """Read `id` (a version) and `is_current` of the rows of some snapshots."""
    return con.execute(f"SELECT {_COLUMNS} FROM {layer.name} WHERE {_snapshot_condition(snapshots)}").to_arrow_table()


def read_pairs(con: Connection, left: str, right: str) -> pd.DataFrame:
    """
    Read the overlaps of two layers that the map shows, largest first.

    Columns: `left_id` and `right_id` (versions), `area_ha`, `share_of_left`, `share_of_right`.
    """
    ids = ", ".join(f"{side}_id || '@' || {side}_snapshot_on AS {side}_id" for side in ("left", "right"))
    return read_overlaps(con, left, right, columns=f"{ids}, area_ha, share_of_left, share_of_right")


def _snapshot_condition(snapshots: Collection[Snapshot]) -> str:
    keys = ", ".join(
        f"({literals.quote_text(source)}, {literals.quote_text(date)}::DATE)" for source, date in snapshots
    )
    return f"(source_id, snapshot_on) IN ({keys})" if snapshots else "false"
