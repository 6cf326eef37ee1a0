"""Rows of a map by the snapshot of their source, and overlap pairs of two layers.

A build derives files from them, and a comparison of two snapshots leaves out the rows that are equal in both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from lindero.layers.database import literals
from lindero.layers.database.map_database import (
    CURRENT,
    VERSION,
    Bounds,
    Connection,
    read_overlaps,
)
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


def read_shapes(
    con: Connection, layer: Layer, *, batch_size: int, excluded: Collection[Snapshot] = ()
) -> Iterator[gpd.GeoDataFrame]:
    """Yield the geometries of the rows of a layer in batches, so that large layers fit into memory.

    Yields: `id` (a version, `ID@YYYY-MM-DD`), `is_current` (bool) and geometry in OGC:CRS84. Nothing is yielded if
    there are no rows.
    """
    import geopandas as gpd
    import pyarrow as pa

    result = con.execute(f"SELECT {_COLUMNS}, geometry FROM {layer.name} WHERE NOT {snapshot_condition(excluded)}")
    for batch in result.to_arrow_reader(batch_size):
        yield gpd.GeoDataFrame.from_arrow(pa.Table.from_batches([batch]))


def read_versions(con: Connection, layer: Layer, snapshots: Collection[Snapshot]) -> pa.Table:
    """Read the versions of the rows of some snapshots.

    Returns: `id` (a version, `ID@YYYY-MM-DD`) and `is_current` (bool), in the order of the layer.
    """
    return con.execute(f"SELECT {_COLUMNS} FROM {layer.name} WHERE {snapshot_condition(snapshots)}").to_arrow_table()


def compare_rows(
    con: Connection, layer: Layer, source_id: str, days: tuple[dt.date, dt.date], columns: Collection[str]
) -> pd.DataFrame:
    """Compare the rows of two snapshots of a source that have the same id.

    The database compares the geometries. They are not returned, so that this takes little memory.

    `con`, `layer`: A connection to the map, and a layer with geometry and a column `code`. Returns: one row per id,
    sorted by id: `id`, `before_code`, `after_code`, the other columns as they are in the later snapshot, and
    `is_equal`: whether both snapshots have the row, with the same geometry and values. Two missing values are the same.
    """
    names = sorted({*layer.names}.intersection(columns))
    compared = ["code", *names, "geometry"]
    is_equal = " AND ".join(f"b.{name} IS NOT DISTINCT FROM a.{name}" for name in compared)
    side = f"SELECT id, {', '.join(compared)} FROM {layer.name} WHERE source_id = ? AND snapshot_on = ?"
    query = f"""
        SELECT id, b.code AS before_code, a.code AS after_code, {"".join(f"a.{name}, " for name in names)}
            b.id IS NOT NULL AND a.id IS NOT NULL AND {is_equal} AS is_equal
        FROM ({side}) b FULL JOIN ({side}) a USING (id) ORDER BY id
    """
    return con.execute(query, [source_id, days[0], source_id, days[1]]).df()


def read_extent(con: Connection, layer: Layer, source_id: str, day: dt.date) -> Bounds | None:
    """Read the bounding box of a snapshot.

    Returns: west, south, east and north in degrees (OGC:CRS84); None if no row has a place.
    """
    box = "min(xmin), min(ymin), max(xmax), max(ymax)"
    query = f"SELECT {box} FROM {layer.name} WHERE source_id = ? AND snapshot_on = ?"
    row = con.execute(query, [source_id, day]).fetchone()
    return row if row and row[0] is not None else None


def read_pairs(con: Connection, left: str, right: str) -> pd.DataFrame:
    """Read the overlaps of two layers that the map shows, largest first.

    Returns: one row per pair: `left_id` and `right_id` (versions, `ID@YYYY-MM-DD`), `area_ha` (hectares),
    `share_of_left` and `share_of_right` (0 to 1). It is empty if the build does not overlay these layers.
    """
    ids = ", ".join(f"{side}_id || '@' || {side}_snapshot_on AS {side}_id" for side in ("left", "right"))
    return read_overlaps(con, left, right, columns=f"{ids}, area_ha, share_of_left, share_of_right")


def snapshot_condition(snapshots: Collection[Snapshot]) -> str:
    """Return the SQL condition that a row belongs to one of some snapshots."""
    keys = ", ".join(
        f"({literals.quote_text(source)}, {literals.quote_text(date)}::DATE)" for source, date in snapshots
    )
    return f"(source_id, snapshot_on) IN ({keys})" if snapshots else "false"
