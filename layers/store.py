"""
The map's database: the only SQL of the project besides the tiles' (`layers.tile_store`).

A map is one DuckDB file, written once by a build and then only read. The column type `GEOMETRY('OGC:CRS84')` makes the
database itself refuse a wrong coordinate reference system.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path

import duckdb
import geopandas as gpd
import pandas as pd
import pyarrow as pa
from shapely import box

from layers.errors import N_, AnswerError, BuildError, NotBuiltError
from layers.schema import CRS, LAYERS, OVERLAP_PAIRS, TABLES, VOCABULARY_TABLE, Column, Layer
from layers.vocabularies import VOCABULARIES

Connection = duckdb.DuckDBPyConnection
Bounds = tuple[float, float, float, float]
WORLD: Bounds = (-180.0, -90.0, 180.0, 90.0)
ROW_GROUP_SIZE = 4096  # small groups of neighbours: a look-up near a point reads few of them

_BOX = tuple(Column(name, "DOUBLE") for name in ("xmin", "ymin", "xmax", "ymax"))
_OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


@dataclass(frozen=True)
class Source:
    """One snapshot of one source, and what became of its rows."""

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


def load_extension(con: Connection, name: str) -> None:
    """Load DuckDB's `spatial` or `httpfs` from the file inside its Python package: no network is asked."""
    package = import_module(f"duckdb_extension_{name}")
    file = next(Path(str(package.__file__)).parent.rglob(f"{name}.duckdb_extension"))
    con.execute(f"LOAD '{quoted(file)}'")


def create(path: Path) -> Connection:
    """Make a new map file at `path` with all its tables, for one build to fill."""
    con = in_memory()
    con.execute(f"ATTACH '{quoted(path)}' AS map (STORAGE_VERSION 'v1.5.0', ROW_GROUP_SIZE {ROW_GROUP_SIZE})")
    con.execute("USE map")
    define_tables(con)
    return con


def define_tables(con: Connection) -> None:
    """Make all tables of a map in the database that is in use."""
    for layer in LAYERS.values():
        columns = definitions(layer.columns)
        if layer.has_geometry:
            columns += [*definitions(_BOX), f"geometry GEOMETRY('{CRS}')"]
        con.execute(f'CREATE TABLE "{layer.name}" ({", ".join(columns)})')
    for name, table in {**TABLES, "vocabularies": VOCABULARY_TABLE}.items():
        con.execute(f'CREATE TABLE "{name}" ({", ".join(definitions(table))})')
    codes = [(name, code, i) for name, listed in VOCABULARIES.items() for i, code in enumerate(listed)]
    con.executemany("INSERT INTO vocabularies VALUES (?, ?, ?)", codes)


def connect(path: Path, *, spatial: bool = False, threads: int | None = None) -> Connection:
    """
    Open the map at `path` to read it, and nothing else on this machine.

    One connection serves one thread: give each its own `cursor`. With `spatial` the connection has DuckDB's spatial
    functions (tiles need them); geometry can be read and looked up without. With `threads` of 1, rows keep their order.

    Raises
    ------
    NotBuiltError
        If there is no readable map at `path`.
    """
    con = in_memory()
    if spatial:
        load_extension(con, "spatial")
    if threads:
        con.execute(f"SET threads={threads:d}")
    try:
        con.execute(f"ATTACH '{quoted(path)}' AS map (READ_ONLY)")
    except duckdb.Error as error:
        con.close()
        raise NotBuiltError(N_("{name} cannot be read as a map"), name=path.name) from error
    con.execute("USE map")
    con.execute("SET enable_external_access=false")
    con.execute("SET lock_configuration=true")
    return con


def cursor(con: Connection) -> Connection:
    """Give another thread a connection of its own: a shared one mixes up answers."""
    own = con.cursor()
    own.execute("USE map")
    return own


def finish(con: Connection) -> None:
    """Write everything down and close the file."""
    con.execute("CHECKPOINT map")
    con.execute("USE memory")
    con.execute("DETACH map")
    con.close()


def write_layer(con: Connection, layer: Layer, rows: pd.DataFrame) -> None:
    """
    Add rows to a layer's table; columns that `rows` lacks stay empty.

    Rows of a layer with geometry are a GeoDataFrame in OGC:CRS84; they are laid down in Hilbert order, so that
    neighbours in space are neighbours in the file.

    Raises
    ------
    BuildError
        If the database refuses a value or the coordinate reference system.
    """
    columns = [column.name for column in layer.columns if column.name in rows]
    if not layer.has_geometry:
        _insert(con, layer.name, rows[columns])
        return
    placed = gpd.GeoDataFrame(rows[[*columns, "geometry"]], geometry="geometry")
    bounds = placed.bounds.rename(columns={"minx": "xmin", "miny": "ymin", "maxx": "xmax", "maxy": "ymax"})
    known = placed.geometry.notna() & ~placed.geometry.is_empty
    order = placed.geometry.where(known, None).hilbert_distance(total_bounds=WORLD) if known.all() else None
    placed = placed.join(bounds)
    if order is not None:
        placed = placed.iloc[order.argsort(kind="stable")]
    _insert(con, layer.name, placed)


def write_table(con: Connection, name: str, rows: pd.DataFrame) -> None:
    """Add rows to a table that is no layer."""
    if not rows.empty:
        _insert(con, name, rows)


def copy_source(con: Connection, previous: Path, fingerprint: str) -> bool:
    """Take over everything of a source from the `previous` map, if it holds one with this fingerprint."""
    with _attached(con, previous):
        keys = con.execute(
            "SELECT source_id, snapshot_on FROM previous.sources WHERE fingerprint = ?", [fingerprint]
        ).fetchone()
        if keys is None:
            return False
        tables = [*LAYERS, "sources", "rejects", "repairs", "findings"]
        for table in tables:
            rows = f'FROM previous."{table}" WHERE source_id = ? AND snapshot_on = ?'
            con.execute(f'INSERT INTO "{table}" BY NAME {rows}', keys)
    return True


def copy_overlaps(con: Connection, previous: Path) -> None:
    """Take over from the `previous` map the overlaps of features that are in this one by now."""
    with _attached(con, previous):
        for left, right in OVERLAP_PAIRS:
            con.execute(f"""
                INSERT INTO "overlaps" BY NAME FROM previous."overlaps"
                WHERE left_layer = '{left}' AND right_layer = '{right}'
                  AND left_id IN (SELECT id FROM {left}) AND right_id IN (SELECT id FROM {right})
            """)


def read_layer(
    con: Connection,
    layer: Layer,
    *,
    bounds: Bounds | None = None,
    where: Mapping[str, object] | None = None,
    every_snapshot: bool = False,
) -> gpd.GeoDataFrame:
    """
    Read rows of a layer, ordered by id.

    Parameters
    ----------
    bounds
        Only features whose box meets these (west, south, east, north in degrees).
    where
        Only rows whose columns equal these values (or are among them, for a list).
    every_snapshot
        Also rows of snapshots that a later one has replaced.

    Raises
    ------
    NotBuiltError
        If the database lacks the layer.
    """
    tests, params = _conditions(layer, where or {})
    if bounds is not None:
        tests.append(f"geometry && $extent::GEOMETRY('{CRS}')")
        params["extent"] = box(*bounds).wkt
    if not every_snapshot:
        tests.append("(source_id, snapshot_on) IN (SELECT (source_id, snapshot_on) FROM sources WHERE is_current)")
    query = f"FROM {layer.name} WHERE {' AND '.join(tests) or 'true'} ORDER BY id"
    try:
        rows = con.sql(query, params=params)
    except duckdb.CatalogException as error:
        raise NotBuiltError(N_("the layer {layer} is not in the map"), layer=layer.name) from error
    return gpd.GeoDataFrame.from_arrow(rows) if layer.has_geometry else gpd.GeoDataFrame(rows.df())


def ids(con: Connection, layer: Layer) -> frozenset[str]:
    """Ids of all rows of a layer."""
    return frozenset(row[0] for row in con.execute(f'SELECT id FROM "{layer.name}"').fetchall())


def read_sources(con: Connection) -> list[Source]:
    """Read what the map was made from, by source and date."""
    columns = ", ".join(field.name for field in fields(Source))
    rows = con.execute(f"SELECT {columns} FROM sources ORDER BY source_id, snapshot_on").fetchall()
    return [Source(*row) for row in rows]


def read_table(con: Connection, name: str) -> pd.DataFrame:
    """Read a table that is no layer, in the order of its columns."""
    return con.sql(f'FROM "{_table(name)}" ORDER BY ALL').df()


def read_overlaps(con: Connection, left: str, right: str) -> pd.DataFrame:
    """Read the overlaps of two layers, largest first; the pairs of current snapshots and of replaced ones."""
    query = 'FROM "overlaps" WHERE left_layer = ? AND right_layer = ? ORDER BY area_ha DESC, left_id, right_id'
    return con.execute(query, [left, right]).df()


def digest(con: Connection) -> str:
    """Fingerprint of everything in the map, whatever the order of its rows: equal means equal tables."""
    parts = []
    for name in sorted([*LAYERS, *TABLES, "vocabularies"]):
        count, total = con.execute(f'SELECT count(*), sum(hash(t)::HUGEINT) FROM "{name}" t').fetchone() or (0, 0)
        parts.append(f"{name}:{count}:{total}")
    row = con.execute("SELECT sha256(?)", ["\n".join(parts)]).fetchone()
    return str(row[0]) if row else ""


def counts(con: Connection) -> dict[str, int]:
    """Rows of every table."""
    names = [*LAYERS, *TABLES]
    return {name: int((con.execute(f'SELECT count(*) FROM "{name}"').fetchone() or (0,))[0]) for name in names}


def unaccounted(con: Connection) -> pd.DataFrame:
    """Sources whose rows received are not those kept and those rejected, with the numbers; empty if all is well."""
    layers = " UNION ALL ".join(
        f"SELECT '{name}' AS layer, source_id, snapshot_on, count(*) AS kept FROM {name} GROUP BY ALL"
        for name in LAYERS
    )
    return con.sql(f"""
        SELECT s.source_id, s.snapshot_on, s.rows_read, s.rows_kept, s.rows_rejected,
               coalesce(l.kept, 0) AS kept_in_table, coalesce(r.rejected, 0) AS rejected_in_table
        FROM sources s
        LEFT JOIN ({layers}) l USING (layer, source_id, snapshot_on)
        LEFT JOIN (SELECT source_id, snapshot_on, count(*) AS rejected FROM rejects GROUP BY ALL) r
            USING (source_id, snapshot_on)
        WHERE s.rows_read <> s.rows_kept + s.rows_rejected
           OR s.rows_kept <> kept_in_table OR s.rows_rejected <> rejected_in_table
    """).df()


def repeated_ids(con: Connection) -> pd.DataFrame:
    """Ids that several rows of a layer bear: `layer`, `id`, `rows`."""
    each = "SELECT '{0}' AS layer, id, count(*) AS rows FROM {0} GROUP BY id HAVING count(*) > 1"
    return con.sql(" UNION ALL ".join(each.format(name) for name in LAYERS)).df()


def mark_current(con: Connection) -> None:
    """Mark the latest snapshot of every source as the one that the map shows."""
    con.execute("""
        UPDATE sources SET is_current =
            snapshot_on = (SELECT max(s.snapshot_on) FROM sources s WHERE s.source_id = sources.source_id)
    """)


def in_memory() -> Connection:
    """Open a database of this process alone, which asks no network for anything."""
    con = duckdb.connect(config=_OFFLINE)
    con.execute("SET enable_progress_bar=false")
    return con


class _attached:  # noqa: N801  reads as a statement
    """The previous map, readable as `previous` for a while."""

    def __init__(self, con: Connection, path: Path) -> None:
        self.con, self.path = con, path

    def __enter__(self) -> None:
        self.con.execute(f"ATTACH IF NOT EXISTS '{quoted(self.path)}' AS previous (READ_ONLY)")

    def __exit__(self, *_: object) -> None:
        self.con.execute("DETACH previous")


def definitions(columns: Sequence[Column]) -> list[str]:
    """Give columns as SQL."""
    return [
        f"{column.name} {column.type}{'[]' if column.several else ''}{' NOT NULL' if column.required else ''}"
        for column in columns
    ]


def _conditions(layer: Layer, where: Mapping[str, object]) -> tuple[list[str], dict[str, object]]:
    known = {column.name for column in layer.columns}
    if unknown := sorted(where.keys() - known):
        raise AnswerError(
            N_("{layer} has no column {columns}; it has {known}"),
            layer=layer.name,
            columns=", ".join(unknown),
            known=", ".join(sorted(known)),
        )
    tests = [f"list_contains($w{i}, {name}::VARCHAR)" for i, name in enumerate(where)]
    wanted = (value if isinstance(value, list) else [value] for value in where.values())
    return tests, {f"w{i}": [str(item) for item in items] for i, items in enumerate(wanted)}


def _insert(con: Connection, table: str, rows: pd.DataFrame) -> None:
    names = ", ".join(f'"{name}"' for name in rows.columns)
    incoming = pa.table(rows.to_arrow(index=False)) if isinstance(rows, gpd.GeoDataFrame) else rows
    con.register("incoming", incoming)
    try:
        con.execute(f'INSERT INTO "{table}" ({names}) SELECT {names} FROM incoming')
    except duckdb.Error as error:
        raise BuildError(N_("the database refuses rows of {table}: {why}"), table=table, why=str(error)) from error
    finally:
        con.unregister("incoming")


def _table(name: str) -> str:
    if name not in {*LAYERS, *TABLES, "vocabularies"}:
        raise NotBuiltError(N_("there is no table {name}"), name=name)
    return name


def quoted(path: Path) -> str:
    """Give a path as it stands inside a literal of SQL."""
    return str(path).replace("'", "''")
