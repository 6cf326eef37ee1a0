"""The database of a published map, written from scratch, and the queries on the vault that a publication needs."""

import json
from collections.abc import Mapping
from pathlib import Path

import duckdb
import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from lindero.layers.database import coverage, map_database, map_writer
from lindero.layers.database.map_database import Connection
from lindero.layers.errors import N_, PublishError
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import CRS, INCIDENTS, LAYERS, OVERLAP_TABLE
from lindero.layers.publish.rules import COUNTS, COUNTS_TABLE

_PAIRS_AT_ONCE = 2 * map_writer.ROW_GROUP_SIZE  # the database converts their texts, which takes memory
_MEMORY = "128MB"  # of the database while it is written: the rows themselves are in memory, too


def write_database(
    path: Path,
    layers: dict[str, pd.DataFrame],
    *,
    sources: pd.DataFrame,
    overlaps: pd.DataFrame,
    counts: gpd.GeoDataFrame,
    covered: gpd.GeoDataFrame,
    map_con: Connection | None = None,
    new_ids: Mapping[str, "pd.Series[str]"] | None = None,
) -> None:
    """Write a new database that contains these rows and nothing else.

    `DELETE` and `VACUUM` on a copy would leave bytes of removed rows.

    `layers`: rows by layer. The geometry of a layer may be missing: then it is copied from `map_con`. `counts`: columns
    of `layers.publish.rules.COUNTS` and polygons in OGC:CRS84. `covered`: columns of
    `layers.publish.rules.COVERAGE_PUBLISHED` and polygons in OGC:CRS84.
    """
    try:
        con = map_writer.create_map(path, memory=_MEMORY, threads=1)
        for name, rows in layers.items():
            if map_con and new_ids and LAYERS[name].has_geometry and "geometry" not in rows:
                _copy_layer(con, map_con, LAYERS[name], rows, new_ids[name])
            else:
                map_writer.write_layer(con, LAYERS[name], rows)
        map_writer.write_table(con, "sources", sources)
        for begin in range(0, len(overlaps), _PAIRS_AT_ONCE):
            map_writer.write_table(con, OVERLAP_TABLE, overlaps[begin : begin + _PAIRS_AT_ONCE])
        map_writer.write_table(con, coverage.TABLE, covered)
        columns = ", ".join([*map_writer.column_definitions(COUNTS), f"geometry GEOMETRY('{CRS}')"])
        con.execute(f'CREATE TABLE "{COUNTS_TABLE}" ({columns})')
        map_writer.write_table(con, COUNTS_TABLE, counts)
        map_writer.finish_map(con)
    except duckdb.IOException as error:
        raise PublishError(N_("{folder} cannot be written: {why}"), folder=path.parent, why=error) from error


def _copy_layer(
    con: Connection, map_con: Connection, layer: Layer, rows: pd.DataFrame, new_ids: "pd.Series[str]"
) -> None:
    """Add rows with the geometry that they have in the map, a part at a time: all of it may be large."""
    columns = "rowid AS row, id, xmin, ymin, xmax, ymax"
    places = map_con.execute(f"SELECT {columns} FROM {layer.name} WHERE {map_database.CURRENT}").df()
    places = places.set_index(places.pop("id").map(new_ids)).loc[rows["id"]]
    numbers = places.pop("row").to_numpy()

    def read_shapes(positions: npt.NDArray[np.intp]) -> pa.Table:
        part = numbers[positions]
        ordered = np.sort(part)
        runs = np.split(ordered, np.flatnonzero(np.diff(ordered) > map_writer.ROW_GROUP_SIZE) + 1)
        shapes = pa.concat_tables(map_database.read_geometry(map_con, layer, run.tolist()) for run in runs)
        return shapes.select(["geometry"]).take(pd.Index(shapes["row"].to_numpy()).get_indexer(part))

    map_writer.write_placed_rows(con, layer, rows, places.to_numpy(), read_shapes)


def read_restricted_records(con: Connection) -> gpd.GeoDataFrame:
    """Read the columns of restricted records that decide their cell.

    Returns: current restricted incidents in OGC:CRS84: `id`, `region`, `country`, `occurred_on`, `location_precision`,
    `geometry` (may be null).
    """
    rows = map_database.read_layer(con, INCIDENTS, where={"visibility": "restricted"})
    return rows[["id", "region", "country", "occurred_on", "location_precision", "geometry"]]


def read_visibilities(con: Connection) -> "pd.Series[str]":
    """Read the visibility of each current incident in the vault, by id."""
    rows = con.execute(f"SELECT id, visibility FROM incidents WHERE {map_database.CURRENT}").df()
    return rows.set_index("id")["visibility"]


def read_received_fields(con: Connection) -> dict[str, dict[str, object]]:
    """Read the received fields of each current restricted incident, by its id."""
    rows = con.execute(f"""
        SELECT i.id, r.fields FROM (FROM incidents WHERE {map_database.CURRENT} AND visibility = 'restricted') i
        JOIN received_rows r USING (source_id, snapshot_on, row_number)
    """).fetchall()
    return {str(name): dict(json.loads(fields)) for name, fields in rows}


def read_different_pairs(con: Connection) -> frozenset[frozenset[str]]:
    """Read the pairs of incidents that a person decided are different."""
    return frozenset(frozenset(pair) for pair in con.execute("SELECT left_id, right_id FROM apart").fetchall())


def store_decision(con: Connection, pair: tuple[str, str], *, is_same: bool) -> None:
    """Store the decision that two incidents of the vault are the same, reported under the first id, or different.

    An earlier decision about the pair, in either order, is replaced.

    `is_same`: True: the second incident is the same as the first. False: they are different.
    """
    con.execute("DELETE FROM apart WHERE list_sort([left_id, right_id]) = list_sort(?)", [list(pair)])
    con.execute("DELETE FROM same_incidents WHERE list_sort([incident_id, same_as]) = list_sort(?)", [list(pair)])
    con.execute(f"INSERT INTO {'same_incidents' if is_same else 'apart'} VALUES (?, ?)", [pair[1], pair[0]])


def count_by_visibility(con: Connection) -> dict[str, int]:
    """Count the current incidents in the vault by visibility."""
    rows = con.execute(
        f"SELECT visibility, count(*) FROM incidents WHERE {map_database.CURRENT} GROUP BY ALL"
    ).fetchall()
    return {str(name): int(count) for name, count in rows}


def find_filled_columns(con: Connection) -> dict[str, set[str]]:
    """Return the columns of each table of a map that contain any value.

    `con`: A connection to which the map is attached as `map`.
    """
    tables = con.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'map'").fetchall()
    filled: dict[str, set[str]] = {}
    for (table,) in tables:
        columns = [row[0] for row in con.execute(f'DESCRIBE "{table}"').fetchall()]
        counts = con.execute(
            f'SELECT {", ".join(f"""count("{name}")""" for name in columns)} FROM "{table}"'
        ).fetchone()
        filled[table] = {name for name, count in zip(columns, counts or (), strict=True) if count}
    return filled


def read_bounds(con: Connection) -> map_database.Bounds:
    """Read the bounding box of all published geometry.

    Returns: west, south, east and north in degrees; 0 without any geometry.
    """
    names = (layer.name for layer in LAYERS.values() if layer.has_geometry)
    boxes = " UNION ALL ".join(f"SELECT xmin, ymin, xmax, ymax FROM {name}" for name in names)
    row = con.execute(f"SELECT min(xmin), min(ymin), max(xmax), max(ymax) FROM ({boxes})").fetchone()
    west, south, east, north = (side or 0.0 for side in row or (0.0,) * 4)
    return west, south, east, north


def read_counts(con: Connection) -> pd.DataFrame:
    """Read the published cells without their geometry.

    Returns: one row per cell: `id`, `country`, `department`, `province` (empty for the department's other provinces),
    `year` (may be null), `count`.
    """
    return con.execute(f'SELECT * EXCLUDE geometry FROM "{COUNTS_TABLE}" ORDER BY ALL').df()


def read_ids_by_row(con: Connection, layer: Layer) -> list[str]:
    """Read the ids of a layer in the order of the row numbers."""
    return [row[0] for row in con.execute(f'SELECT id FROM "{layer.name}" ORDER BY row_number').fetchall()]
