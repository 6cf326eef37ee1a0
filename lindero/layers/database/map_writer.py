"""Writing a map: creating its file, adding rows, copying sources from the previous map, and checking the result."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely

from lindero.layers.database import comments, literals
from lindero.layers.database.map_database import WORLD, Connection, open_in_memory
from lindero.layers.errors import N_, BuildError
from lindero.layers.model.layer import Column, Layer
from lindero.layers.model.schema import CRS, LAYERS, TABLES, VOCABULARY_TABLE
from lindero.layers.model.vocabularies import VOCABULARIES

ROW_GROUP_SIZE = 4096  # small groups of neighbouring rows, because a look-up near a point reads few of them
MEMORY = "512MB"  # default memory limit of the database during a build; more is spilled to disk beside the map
_SHAPES_AT_ONCE = 1024  # rows whose geometry is read together

KEPT_SQL = " UNION ALL ".join(
    f"SELECT '{name}' AS layer, source_id, snapshot_on, count(*) AS kept FROM {name} GROUP BY ALL" for name in LAYERS
)
_BOX = tuple(Column(name, "DOUBLE") for name in ("xmin", "ymin", "xmax", "ymax"))


def create_map(path: Path, *, memory: str = MEMORY, threads: int | None = None) -> Connection:
    """Create a new map file with all its tables, to be filled by one build.

    `memory`: the memory limit of the database, such as "512MB".
    """
    con = open_in_memory()
    con.execute(f"SET memory_limit='{memory}'")
    if threads:
        con.execute(f"SET threads={threads:d}")
    con.execute(f"SET temp_directory={literals.quote_text(path.with_suffix('.spilled'))}")
    # No write-ahead log: an unfinished map is built again from the start.
    of_file = f"STORAGE_VERSION 'v1.5.0', ROW_GROUP_SIZE {ROW_GROUP_SIZE}, RECOVERY_MODE no_wal_writes"
    con.execute(f"ATTACH {literals.quote_text(path)} AS map ({of_file})")
    con.execute("USE map")
    con.execute("BEGIN")  # without a transaction each table would be flushed separately
    create_tables(con)
    con.execute("COMMIT")
    comments.write_comments(con)
    return con


def create_tables(con: Connection) -> None:
    """Create all tables of a map in the database that is in use."""
    statements = []
    for layer in LAYERS.values():
        columns = column_definitions(layer.columns)
        if layer.has_geometry:
            # Compressed, the outline of one territory could not be read without those of 2,000 others.
            columns += [*column_definitions(_BOX), f"geometry GEOMETRY('{CRS}') USING COMPRESSION uncompressed"]
        statements.append(f'CREATE TABLE "{layer.name}" ({", ".join(columns)})')
    for name, table in {**TABLES, "vocabularies": VOCABULARY_TABLE}.items():
        statements.append(f'CREATE TABLE "{name}" ({", ".join(column_definitions(table))})')
    con.execute("; ".join(statements))  # one statement at a time takes half as long again
    codes = [
        (name, code, i) for name, vocabulary_codes in VOCABULARIES.items() for i, code in enumerate(vocabulary_codes)
    ]
    con.execute(
        "INSERT INTO vocabularies SELECT unnest(?), unnest(?), unnest(?)", [*map(list, zip(*codes, strict=True))]
    )


def finish_map(con: Connection) -> None:
    """Write all changes to the disk and close the file."""
    detach_map(con)
    con.close()


def detach_map(con: Connection) -> None:
    """Write all changes to the disk and detach the map.

    `con`: A connection from `create_map`. It stays open and can attach the map again for reading.
    """
    con.execute("CHECKPOINT map")
    con.execute("USE memory")
    con.execute("DETACH map")


def write_layer(con: Connection, layer: Layer, rows: pd.DataFrame) -> None:
    """Add rows to a layer's table. Columns that `rows` lacks stay empty.

    Rows with geometry are written in Hilbert order, so that spatial neighbours are close together in the file.

    `rows`: rows with columns of the layer; other columns are ignored. If the layer has geometry, a GeoDataFrame in
    OGC:CRS84 (None where unknown).
    """
    columns = [column.name for column in layer.columns if column.name in rows]
    if not layer.has_geometry:
        _insert_rows(con, layer.name, rows[columns])
        return
    shapes = gpd.GeoDataFrame(rows[["geometry"]], geometry="geometry")
    write_placed_rows(
        con,
        layer,
        pd.DataFrame(rows[columns]),
        shapes.bounds.to_numpy(),
        lambda positions: pa.table(shapes.iloc[positions].to_arrow(index=False)),
    )


def write_placed_rows(
    con: Connection,
    layer: Layer,
    rows: pd.DataFrame,
    boxes: npt.NDArray[np.float64],
    read_shapes: Callable[[npt.NDArray[np.intp]], pa.Table],
) -> None:
    """Add rows to the table of a layer with geometry, in Hilbert order. Their geometry is read in parts.

    `boxes`: west, south, east and north of each row in degrees; NaN without geometry. `read_shapes`: returns the
    geometry of the rows at some positions, in their order: an Arrow table with one column, `geometry`, as WKB in
    OGC:CRS84.
    """
    has_place = ~np.isnan(boxes).any(axis=1)
    outlines = gpd.GeoSeries(shapely.box(*boxes[has_place].T))
    hilbert_order = outlines.hilbert_distance(total_bounds=WORLD).argsort(kind="stable")
    order = np.concatenate([np.flatnonzero(has_place)[hilbert_order], np.flatnonzero(~has_place)])
    placed = rows.assign(**dict(zip((column.name for column in _BOX), boxes.T, strict=True)))
    for begin in range(0, len(order), ROW_GROUP_SIZE):
        positions = order[begin : begin + ROW_GROUP_SIZE]
        parts = (positions[i : i + _SHAPES_AT_ONCE] for i in range(0, len(positions), _SHAPES_AT_ONCE))
        shapes = pa.concat_tables(map(read_shapes, parts))
        part = pa.Table.from_pandas(placed.iloc[positions], preserve_index=False)
        _insert_rows(con, layer.name, part.append_column(shapes.field(0), shapes.column(0)))


def write_table(con: Connection, name: str, *frames: pd.DataFrame) -> None:
    """Add rows to a table that is not a layer. Many frames take about as long as one.

    `name`: A name from `layers.model.schema.TABLES`.
    """
    nonempty = [rows for rows in frames if not rows.empty]
    if nonempty:
        _insert_rows(con, name, nonempty[0] if len(nonempty) == 1 else pd.concat(nonempty, ignore_index=True))


def replace_findings(con: Connection, kinds: Sequence[str], rows: pd.DataFrame, *, layers: Sequence[str]) -> None:
    """Replace the findings of some kinds that result from comparing several sources of a layer.

    Existing findings of these kinds and layers are deleted before `rows` are added.

    `kinds`: values of the column `finding`. `rows`: new findings, with columns of `layers.model.schema.FINDINGS`. It
    may be empty.
    """
    con.execute(
        """
        DELETE FROM findings WHERE list_contains($kinds, finding) AND (source_id, snapshot_on) IN (
            SELECT (source_id, snapshot_on) FROM sources WHERE list_contains($layers, layer))
        """,
        {"kinds": list(kinds), "layers": list(layers)},
    )
    write_table(con, "findings", rows)


def copy_sources(con: Connection, previous: Path, fingerprints: Sequence[str]) -> frozenset[str]:
    """Copy all rows of unchanged sources from the `previous` map; return the fingerprints copied."""
    parameters = {"told": list(fingerprints)}
    same = "FROM previous.sources WHERE list_contains($told, fingerprint)"
    with _attach_previous(con, previous):
        copied = frozenset(row[0] for row in con.execute(f"SELECT fingerprint {same}", parameters).fetchall())
        if copied:  # otherwise it may be a map of an earlier version, which lacks some of the tables
            for table in [*LAYERS, "sources", "rejects", "refused", "repairs", "findings"]:
                rows = (
                    f'FROM previous."{table}" WHERE (source_id, snapshot_on) IN (SELECT source_id, snapshot_on {same})'
                )
                con.execute(f'INSERT INTO "{table}" BY NAME {rows}', parameters)
    return copied


def update_source(
    con: Connection, source_id: str, snapshot_on: str, values_by_column: Mapping[str, str | None]
) -> None:
    """Update the columns of a snapshot's row in the table of sources.

    `values_by_column`: new values by column of `layers.model.schema.SOURCES`; None clears a value. Names are not
    checked and must not come from a user. Not empty.
    """
    values = ", ".join(f"{name} = ${name}" for name in values_by_column)
    con.execute(
        f"UPDATE sources SET {values} WHERE source_id = $source_id AND snapshot_on = $snapshot_on",
        {**values_by_column, "source_id": source_id, "snapshot_on": snapshot_on},
    )


def mark_current(con: Connection) -> None:
    """Mark the latest snapshot of every source as the one that the map shows."""
    con.execute("""
        UPDATE sources SET is_current =
            snapshot_on = (SELECT max(s.snapshot_on) FROM sources s WHERE s.source_id = sources.source_id)
    """)


def compute_digest(con: Connection) -> str:
    """Compute a fingerprint of all rows of the map, independent of their order: equal means equal tables.

    Overlap totals and exposure are left out, because they follow from the rows and are not computed on a cluster.

    Returns: A SHA-256 in hexadecimal.
    """
    names = sorted({*LAYERS, *TABLES, "vocabularies"} - {"overlap_totals", "exposure", "exposure_parts"})
    selects = (f"SELECT '{name}', count(*), sum(hash(t)::HUGEINT) FROM \"{name}\" t" for name in names)
    hashes = {row[0]: row[1:] for row in con.execute(" UNION ALL ".join(selects)).fetchall()}
    parts = [":".join(map(str, (name, *hashes[name]))) for name in names]
    row = con.execute("SELECT sha256(?)", ["\n".join(parts)]).fetchone()
    return str(row[0]) if row else ""


def find_count_mismatches(con: Connection) -> pd.DataFrame:
    """Return the sources whose row counts do not add up, with their counts.

    Rows read must equal rows kept plus rows rejected, and both must equal the rows in the tables.

    Returns: one row per snapshot: `source_id`, `snapshot_on`, `rows_read`, `rows_kept`, `rows_rejected`,
    `kept_in_table`, `rejected_in_table`. Empty if all counts add up.
    """
    return con.sql(f"""
        SELECT s.source_id, s.snapshot_on, s.rows_read, s.rows_kept, s.rows_rejected,
               coalesce(l.kept, 0) AS kept_in_table, coalesce(r.rejected, 0) AS rejected_in_table
        FROM sources s
        LEFT JOIN ({KEPT_SQL}) l USING (layer, source_id, snapshot_on)
        LEFT JOIN (SELECT source_id, snapshot_on, count(*) AS rejected FROM rejects GROUP BY ALL) r
            USING (source_id, snapshot_on)
        WHERE s.rows_read <> s.rows_kept + s.rows_rejected
           OR s.rows_kept <> kept_in_table OR s.rows_rejected <> rejected_in_table
    """).df()


def find_repeated_ids(con: Connection) -> pd.DataFrame:
    """Find ids that occur twice in a snapshot of a layer, or in two sources.

    Returns: one row per id: `layer`, `id`, `rows` (their number). Empty in a valid map.
    """
    template = (
        "SELECT '{0}' AS layer, id, count(*) AS rows FROM {0} GROUP BY id "
        "HAVING count(*) > count(DISTINCT snapshot_on) OR count(DISTINCT source_id) > 1"
    )
    return con.sql(" UNION ALL ".join(template.format(name) for name in LAYERS)).df()


def column_definitions(columns: Sequence[Column]) -> list[str]:
    """Format columns as SQL column definitions."""
    return [
        f"{column.name} {column.type}{'[]' if column.several else ''}{' NOT NULL' if column.required else ''}"
        for column in columns
    ]


@contextmanager
def _attach_previous(con: Connection, path: Path) -> Generator[None]:
    """Attach the previous map as schema `previous` while the context is open."""
    con.execute(f"ATTACH IF NOT EXISTS {literals.quote_text(path)} AS previous (READ_ONLY)")
    try:
        yield
    finally:
        con.execute("DETACH previous")


def _insert_rows(con: Connection, table: str, rows: pd.DataFrame | pa.Table) -> None:
    # DuckDB finds the variable by its name; registering it would take as long as writing it.
    incoming = pa.table(rows.to_arrow(index=False)) if isinstance(rows, gpd.GeoDataFrame) else rows
    columns = incoming.columns if isinstance(incoming, pd.DataFrame) else incoming.column_names
    names = ", ".join(f'"{name}"' for name in columns)
    try:
        con.execute(f'INSERT INTO "{table}" ({names}) SELECT {names} FROM incoming')
    except duckdb.Error as error:
        raise BuildError(
            N_("rows could not be written to the table {table}: {why}"), table=table, why=str(error)
        ) from error
