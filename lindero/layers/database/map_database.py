"""The map's database: opening it, and reading layers, tables and sources. No SQL outside `layers`.

A map is one DuckDB file. A build writes it once; afterwards it is only read. Because the column type is
`GEOMETRY('OGC:CRS84')`, the database itself refuses a wrong coordinate reference system.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np

from lindero.layers.database import extensions, literals
from lindero.layers.errors import N_, AnswerError, DamagedMapError, NotBuiltError
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import LAYERS, OVERLAP_TABLE, TABLES
from lindero.layers.reference import base_data

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import pyarrow as pa

Connection = duckdb.DuckDBPyConnection
Bounds = base_data.Bounds
WORLD: Bounds = (-180.0, -90.0, 180.0, 90.0)

CURRENT = "(source_id, snapshot_on) IN (SELECT (source_id, snapshot_on) FROM sources WHERE is_current)"
VERSION = "id || '@' || snapshot_on"  # identifies a row among all snapshots: `layers.model.identity.versions`
# Filter by the columns of the box, which are sorted: a test on the geometry itself would read all of it.
MEETS_BOX_SQL = "xmax >= $west AND xmin <= $east AND ymax >= $south AND ymin <= $north"
_ROWS_SQL = "rowid BETWEEN ? AND ? AND rowid IN (SELECT unnest(?::BIGINT[]))"  # reads only that row range
SIDES = ("west", "south", "east", "north")

_OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_EXPECTED_COLUMNS = frozenset(
    (table, column.name)
    for table, columns in {**{layer.name: layer.columns for layer in LAYERS.values()}, **TABLES}.items()
    for column in columns
)


@dataclass(frozen=True)
class Source:
    """One snapshot of one source, with the counts of its rows."""

    source_id: str
    snapshot_on: dt.date
    layer: str
    title: str
    publisher: str
    licence: str
    url: str | None
    retrieved_on: dt.date | None
    rows_read: int
    rows_kept: int
    rows_repaired: int
    rows_rejected: int
    is_current: bool
    invented: bool
    snapshot_stated: bool | None = True  # None: the map was built before this was recorded
    boundary_accuracy_m: float | None = None  # of its median boundary; None: no boundary, or an earlier map
    accuracy_basis: str | None = None  # basis of that accuracy: stated, transformation, estimated or assumed
    accuracy_estimated_m: float | None = None
    crs_received: str | None = None  # CRS in which its coordinates were read; None: degrees on WGS 84
    crs_operation: str | None = None
    crs_operation_accuracy_m: float | None = None
    published_on: dt.date | None = None
    covers_from: dt.date | None = None  # first and last date that it covers, as declared
    covers_to: dt.date | None = None

    @property
    def as_of(self) -> dt.date | None:
        """The date of the data; None if nobody stated it."""
        return self.snapshot_on if self.snapshot_stated is not False else None


def connect(path: Path, *, spatial: bool = False, threads: int | None = None, memory: str | None = None) -> Connection:
    """Open the map at `path` for reading; the connection can read no other file.

    One connection serves one thread: open a cursor for each other thread.

    `threads`: the number of threads of the database. None: one per core. With 1, rows keep their order. `memory`: the
    memory limit of the database, such as "512MB". None: DuckDB's default, 80 % of the memory.
    """
    con = open_in_memory()
    if spatial:
        extensions.load_extension(con, "spatial")
    if threads:
        con.execute(f"SET threads={threads:d}")
    if memory:
        con.execute(f"SET memory_limit='{memory}'")
    attach_map(con, path)
    con.execute("SET enable_external_access=false")
    con.execute("SET lock_configuration=true")
    return con


def attach_map(con: Connection, map_file: Path | str) -> None:
    """Attach a map to a connection for reading, by its path or address."""
    try:
        con.execute(f"ATTACH {literals.quote_text(map_file)} AS map (READ_ONLY)")
    except duckdb.Error as error:
        con.close()
        name = map_file.name if isinstance(map_file, Path) else map_file
        raise DamagedMapError(N_("{name} cannot be read as a map"), name=name) from error
    con.execute("USE map")
    columns = con.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'map'").fetchall()
    if not _EXPECTED_COLUMNS.issubset(columns):
        con.close()
        raise NotBuiltError(N_("the map was built by an earlier version of Lindero"))


def connect_remote(address: str) -> Connection:
    """Open a map on a web server for reading. The server must support range requests."""
    con = open_in_memory()
    extensions.load_extension(con, "httpfs")
    attach_map(con, address)
    return con


def open_cursor(con: Connection) -> Connection:
    """Open a separate cursor for another thread: threads that share a connection mix up their results."""
    thread_cursor = con.cursor()
    thread_cursor.execute("USE map")
    return thread_cursor


def memory_bytes(con: Connection) -> int:
    """Return the memory that a connection's database uses, all its cursors included.

    Returns: the memory in bytes.
    """
    row = con.execute("SELECT sum(memory_usage_bytes) FROM duckdb_memory()").fetchone()
    return int(row[0]) if row and row[0] else 0


def read_layer(
    con: Connection,
    layer: Layer,
    *,
    bounds: Bounds | None = None,
    where: Mapping[str, object] | None = None,
    every_snapshot: bool = False,
    columns: Iterable[str] | None = None,
) -> gpd.GeoDataFrame:
    """Read rows of a layer, sorted by id.

    `bounds`: west, south, east and north in degrees: only features whose bounding box intersects these. None: all.
    Returns: the columns of the layer's table, with `geometry` in OGC:CRS84 if it is read.
    """
    import geopandas as gpd

    tests, params = _build_conditions(layer, where or {})
    if bounds is not None:
        tests.append(MEETS_BOX_SQL)
        params |= dict(zip(SIDES, bounds, strict=True))
    if not every_snapshot:
        tests.append(CURRENT)
    selected = "*" if columns is None else existing_columns_sql(columns)
    query = f"SELECT {selected} FROM {layer.name} WHERE {' AND '.join(tests) or 'true'} ORDER BY id"
    try:
        con.execute(query, params)
    except duckdb.CatalogException as error:
        raise NotBuiltError(N_("the layer {layer} is not in the map"), layer=layer.name) from error
    if not layer.has_geometry:
        return gpd.GeoDataFrame(con.df())
    rows = con.to_arrow_table()
    return gpd.GeoDataFrame.from_arrow(rows) if "geometry" in rows.column_names else gpd.GeoDataFrame(rows.to_pandas())


def read_geometry(con: Connection, layer: Layer, rows: Sequence[int]) -> pa.Table:
    """Read the geometry of rows by their number, as stored.

    Returns: `row` and `geometry` (WKB in OGC:CRS84), in any order.
    """
    query = f"SELECT rowid AS row, geometry FROM {layer.name} WHERE {_ROWS_SQL}"
    return con.execute(query, [rows[0], rows[-1], rows]).to_arrow_table()


def read_ids(con: Connection, layer: Layer) -> frozenset[str]:
    """Read the ids of all rows of a layer."""
    return frozenset(row[0] for row in con.execute(f'SELECT id FROM "{layer.name}"').fetchall())


def read_sources(con: Connection) -> list[Source]:
    """Read the sources that the map was built from."""
    columns = existing_columns_sql(field.name for field in fields(Source))
    con.execute(f"SELECT {columns} FROM sources ORDER BY source_id, snapshot_on")
    names = result_columns(con)
    return [Source(**dict(zip(names, row, strict=True))) for row in con.fetchall()]


def find_undated_snapshots(con: Connection) -> set[tuple[object, object]]:
    """Return the source id and date of the snapshots without a stated date of the data.

    Returns: `source_id` and `snapshot_on` (here the date of receipt) of each such snapshot.
    """
    return {(source.source_id, source.snapshot_on) for source in read_sources(con) if source.as_of is None}


def clear_unstated_dates(con: Connection, rows: pd.DataFrame) -> pd.DataFrame:
    """Clear `snapshot_on` in rows of snapshots without a stated date of the data.

    Otherwise the date of receipt would be taken for the date of the data.

    `rows`: rows with `source_id` and `snapshot_on`. If a column is missing, they are returned unchanged. Returns: the
    same rows. `snapshot_on` is missing where the date was not stated.
    """
    import pandas as pd

    if not {"source_id", "snapshot_on"} <= set(rows.columns):
        return rows
    undated = find_undated_snapshots(con)
    dates = pd.to_datetime(rows["snapshot_on"]).dt.date
    is_unstated = np.array([key in undated for key in zip(rows["source_id"], dates, strict=True)], dtype=bool)
    return rows.assign(snapshot_on=rows["snapshot_on"].mask(is_unstated)) if is_unstated.any() else rows


def read_table(con: Connection, name: str) -> pd.DataFrame:
    """Read a table that is not a layer.

    `name`: A name from `layers.model.schema.TABLES`.
    """
    return con.sql(f'FROM "{check_table_name(name)}" ORDER BY ALL').df()


def read_overlaps(
    con: Connection,
    left: str,
    right: str,
    *,
    feature_ids: Sequence[str | Sequence[str]] = (),
    every_snapshot: bool = False,
    columns: str = "*",
) -> pd.DataFrame:
    """Read the overlaps of two layers, largest first.

    `every_snapshot`: whether to include the overlaps of replaced snapshots. `left_snapshot_on` and `right_snapshot_on`
    tell them apart. Returns: one row per pair, with the columns of `layers.model.schema.OVERLAPS`. Areas are in
    hectares, shares from 0 to 1.
    """
    ids = {name: id_ for name, id_ in zip(("left_id", "right_id"), feature_ids, strict=False) if id_ != ""}
    tests = _overlap_tests(left, right, every_snapshot=every_snapshot) + [
        f"pair.{name} = ?" if isinstance(id_, str) else f"pair.{name} IN (SELECT unnest(?::VARCHAR[]))"
        for name, id_ in ids.items()
    ]
    order = "area_ha DESC, pair.left_id, pair.right_id, left_snapshot_on, right_snapshot_on"
    rows = f"FROM {OVERLAP_TABLE} AS pair WHERE {' AND '.join(tests)} ORDER BY {order}"
    return con.execute(f"SELECT {columns} {rows}", [left, right, *ids.values()]).df()


def read_all_overlaps(con: Connection, left: str, right: str) -> pd.DataFrame:
    """Read all current overlaps of two layers in any order, with a quarter of the memory of `read_overlaps`.

    Returns: one row per pair, with the columns of `layers.model.schema.OVERLAPS`.
    """
    dates = (f"{side}_snapshot_on::TIMESTAMP AS {side}_snapshot_on" for side in ("left", "right"))
    rows = f"FROM {OVERLAP_TABLE} AS pair WHERE {' AND '.join(_overlap_tests(left, right))}"
    con.execute(f"SELECT * REPLACE ({', '.join(dates)}) {rows}", [left, right])
    pairs: pd.DataFrame = con.to_arrow_table().to_pandas()
    return pairs


def _overlap_tests(left: str, right: str, *, every_snapshot: bool = False) -> list[str]:
    tests = ["left_layer = ?", "right_layer = ?"]
    if not every_snapshot:
        sides = (("left", check_table_name(left)), ("right", check_table_name(right)))
        tests += [
            f"({side}_id, {side}_snapshot_on) IN (SELECT (id, snapshot_on) FROM {table} WHERE {CURRENT})"
            for side, table in sides
        ]
    return tests


def read_footprints(con: Connection, layer: str, *, covered_by: str) -> pd.DataFrame:
    """Read how much of each feature of a layer another layer covers.

    Returns: one row per feature, by id: `id`, `gross_ha` (the sum of its overlaps), `footprint_ha` (the area of their
    union), `certain_ha` and `possible_ha` (the range of that area), `share` (of the feature, 0 to 1). Areas are in
    hectares.
    """
    columns = "id, gross_ha, footprint_ha, certain_ha, possible_ha, share"
    query = f'SELECT {columns} FROM "footprints" WHERE layer = ? AND covered_by = ? ORDER BY id'
    return run_query(con, query, [layer, covered_by])


def run_query(con: Connection, query: str, parameters: Sequence[object] | None = None) -> pd.DataFrame:
    """Run a query and return its rows."""
    try:
        return con.execute(query, parameters).df()
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise NotBuiltError(N_("the map was built by an earlier version of Lindero")) from error


def count_rows(con: Connection) -> dict[str, int]:
    """Count the rows of every table in one query.

    Returns: the number of rows of each layer and table, of all snapshots. It is 0 for tables that the map's version of
    Lindero did not have.
    """
    table_names = [*LAYERS, *TABLES]
    existing = list_tables(con).intersection(table_names)
    query = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in sorted(existing))
    row_counts = dict(con.execute(query).fetchall()) if existing else {}
    return {name: row_counts.get(name, 0) for name in table_names}


def find_nonempty_tables(con: Connection) -> frozenset[str]:
    """Return the names of the tables that contain any rows."""
    existing = sorted(list_tables(con) & {*LAYERS, *TABLES})
    query = " UNION ALL ".join(
        f"(SELECT '{name}' FROM \"{name}\" LIMIT 1)" for name in existing
    )  # one row is enough; rows are not counted
    return frozenset(name for (name,) in con.execute(query).fetchall()) if existing else frozenset()


def list_tables(con: Connection) -> set[str]:
    """List the names of all tables and views of the database in use."""
    condition = (
        "WHERE database_name = current_database()"  # takes two thirds of the time of a query on information_schema
    )
    # Two queries: in one, two threads would read the catalog, in which a thread of DuckDB once crashed.
    tables = con.execute(f"SELECT table_name FROM duckdb_tables() {condition}").fetchall()
    views = con.execute(f"SELECT view_name FROM duckdb_views() {condition}").fetchall()
    return {name for (name,) in [*tables, *views]}


def open_in_memory() -> Connection:
    """Open a database in memory that never downloads extensions by itself."""
    con = duckdb.connect(config=_OFFLINE)
    if con.execute("SELECT current_setting('enable_progress_bar')").fetchone() == (True,):
        con.execute("SET enable_progress_bar=false")  # if it is off, a notebook without ipywidgets refuses this
    return con


def _build_conditions(layer: Layer, where: Mapping[str, object]) -> tuple[list[str], dict[str, object]]:
    columns = {column.name for column in layer.columns}
    if unknown := sorted(where.keys() - columns):
        raise AnswerError(
            N_("{layer} has no column {columns}; choose from: {known}"),
            layer=layer.name,
            columns=", ".join(unknown),
            known=", ".join(sorted(columns)),
        )
    tests = [f"{name}::VARCHAR IN (SELECT unnest($w{i}::VARCHAR[]))" for i, name in enumerate(where)]  # a hash join
    accepted = (value if isinstance(value, list) else [value] for value in where.values())
    return tests, {f"w{i}": [str(item) for item in items] for i, items in enumerate(accepted)}


def existing_columns_sql(columns: Iterable[str]) -> str:
    """Return SQL that selects those of some columns that a table has."""
    return f"COLUMNS('^({'|'.join(columns)})$')"  # reading the columns first takes as long as reading the rows


def result_columns(con: Connection) -> list[str]:
    """Return the column names of the last query, in order."""
    return [name for name, *_ in con.description or ()]


def check_table_name(name: str) -> str:
    """Check that a map has a table of this name, and return the name."""
    if name not in {*LAYERS, *TABLES, "vocabularies"}:
        raise NotBuiltError(N_("there is no table {name}"), name=name)
    return name
