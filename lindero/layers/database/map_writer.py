"""Writing a map: creating its file, adding rows, copying results from the previous map, and checking the result."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
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
from lindero.layers.model.schema import CRS, LAYERS, OVERLAP_PAIRS, OVERLAP_TABLES, TABLES, VOCABULARY_TABLE
from lindero.layers.model.vocabularies import VOCABULARIES

ROW_GROUP_SIZE = 4096  # small groups of neighbouring rows, because a look-up near a point reads few of them
MEMORY = "512MB"  # default memory limit of the database during a build; more is spilled to disk beside the map
_FEWEST_BLOCKS = "32MB"  # memory of what stays when blocks are released
_SHAPES_AT_ONCE = 1024  # rows whose geometry is read together

KEPT_SQL = " UNION ALL ".join(
    f"SELECT '{name}' AS layer, source_id, snapshot_on, count(*) AS kept FROM {name} GROUP BY ALL" for name in LAYERS
)
_BOX = tuple(Column(name, "DOUBLE") for name in ("xmin", "ymin", "xmax", "ymax"))


def create_map(path: Path, *, memory: str = MEMORY, threads: int | None = None) -> Connection:
    """
    Create a new map file with all its tables, to be filled by one build.

    Parameters
    ----------
    path
        The file to create. DuckDB writes temporary data to a folder beside it, with the suffix `.spilled`.
    memory
        The memory limit of the database, such as "512MB".
    threads
        The number of threads of the database. None: one per core.

    Returns
    -------
    Connection
        A connection that can write the map, with the map as the database in use.

    Raises
    ------
    duckdb.Error
        If the file cannot be created, or already contains a map.

    Examples
    --------
    >>> with create_map(folder / "map.duckdb", threads=2) as new:
    ...     new.execute("SELECT current_database(), current_setting('threads')").fetchone()
    ...     new.execute("SELECT count(*) FROM communities").fetchone()
    ('map', 2)
    (0,)
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


def release_blocks(con: Connection, *, memory: str) -> None:
    """
    Release the memory of what was written or read, which the database keeps in case that it is read again.

    Parameters
    ----------
    memory
        The memory limit of the database afterwards, as of `create_map`.

    Examples
    --------
    >>> with create_map(folder / "map.duckdb") as new:
    ...     release_blocks(new, memory="256MiB")
    ...     new.execute("SELECT current_setting('memory_limit')").fetchone()
    ('256.0 MiB',)
    """
    with suppress(duckdb.OutOfMemoryException):  # what is in use stays
        con.execute(f"SET memory_limit='{_FEWEST_BLOCKS}'")
    con.execute(f"SET memory_limit='{memory}'")


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
    """
    Write all changes to the disk and detach the map.

    Parameters
    ----------
    con
        A connection from `create_map`. It stays open and can attach the map again for reading.

    Raises
    ------
    duckdb.Error
        If the changes cannot be written, such as on a full disk.

    Examples
    --------
    >>> with create_map(folder / "map.duckdb") as new:
    ...     write_table(new, "near_index", pd.DataFrame({"crc32": [7]}))
    ...     detach_map(new)
    ...     attached = new.execute(f"ATTACH '{folder}/map.duckdb' AS again (READ_ONLY)")
    ...     attached.execute("SELECT crc32 FROM again.near_index").fetchall()
    [(7,)]
    """
    con.execute("CHECKPOINT map")
    con.execute("USE memory")
    con.execute("DETACH map")


def write_layer(con: Connection, layer: Layer, rows: pd.DataFrame) -> None:
    """
    Add rows to a layer's table. Columns that `rows` lacks stay empty.

    Rows with geometry are written in Hilbert order, so that spatial neighbours are close together in the file.

    Parameters
    ----------
    con
        A connection to the map that is being built.
    layer
        The layer.
    rows
        Rows with columns of the layer; other columns are ignored. If the layer has geometry, a GeoDataFrame in
        OGC:CRS84 (None where unknown).

    Raises
    ------
    BuildError
        If the database refuses a value or the coordinate reference system.

    Examples
    --------
    >>> values = {"id": "s/1", "source_id": "s", "snapshot_on": "2026-01-01", "row_number": 1, "name": "Iberia"}
    >>> town = gpd.GeoDataFrame([values], geometry=gpd.points_from_xy([-69.5], [-11.4]), crs=CRS)
    >>> with create_map(folder / "map.duckdb") as new:
    ...     write_layer(new, LAYERS["places"], town)
    ...     new.execute("SELECT name, xmin, ymin, population FROM places").fetchall()
    [('Iberia', -69.5, -11.4, None)]
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
    """
    Add rows to the table of a layer with geometry, in Hilbert order. Their geometry is read in parts.

    Parameters
    ----------
    con
        A connection to the map that is being built.
    layer
        A layer with geometry.
    rows
        Columns of the layer, without geometry.
    boxes
        West, south, east and north of each row in degrees; NaN without geometry.
    read_shapes
        Returns the geometry of the rows at some positions, in their order: an Arrow table with one column,
        `geometry`, as WKB in OGC:CRS84.

    Raises
    ------
    BuildError
        If the database refuses a value or the coordinate reference system.

    Examples
    --------
    >>> values = {"id": "s/1", "source_id": "s", "snapshot_on": "2026-01-01", "row_number": 1, "name": "Iberia"}
    >>> town = gpd.GeoDataFrame(geometry=gpd.points_from_xy([-69.5], [-11.4]), crs=CRS)
    >>> with create_map(folder / "map.duckdb") as new:
    ...     read_shapes = lambda positions: pa.table(town.iloc[positions].to_arrow(index=False))
    ...     write_placed_rows(new, LAYERS["places"], pd.DataFrame([values]), town.bounds.to_numpy(), read_shapes)
    ...     new.execute("SELECT name, xmin, ymin, population FROM places").fetchall()
    [('Iberia', -69.5, -11.4, None)]
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
    """
    Add rows to a table that is not a layer. Many frames take about as long as one.

    Parameters
    ----------
    con
        A connection to the map that is being built.
    name
        A name from `layers.model.schema.TABLES`.
    frames
        Frames with columns of the table. Empty frames are ignored.

    Raises
    ------
    BuildError
        If the database refuses a value, or the table lacks a column.

    Examples
    --------
    >>> pair = pd.DataFrame({"incident_id": ["s/2"], "same_as": ["s/1"]})
    >>> with create_map(folder / "map.duckdb") as new:
    ...     write_table(new, "same_incidents", pair, pair[:0], pair.assign(incident_id="s/3"))
    ...     new.execute("FROM same_incidents").fetchall()
    [('s/2', 's/1'), ('s/3', 's/1')]
    """
    nonempty = [rows for rows in frames if not rows.empty]
    if nonempty:
        _insert_rows(con, name, nonempty[0] if len(nonempty) == 1 else pd.concat(nonempty, ignore_index=True))


def replace_findings(con: Connection, kinds: Sequence[str], rows: pd.DataFrame, *, layers: Sequence[str]) -> None:
    """
    Replace the findings of some kinds that result from comparing several sources of a layer.

    Existing findings of these kinds and layers are deleted before `rows` are added.

    Parameters
    ----------
    con
        A connection to the map that is being built.
    kinds
        Values of the column `finding`.
    rows
        New findings, with columns of `layers.model.schema.FINDINGS`. It may be empty.
    layers
        Names of the layers that were compared.

    Raises
    ------
    BuildError
        If the database refuses a value.

    Examples
    --------
    Only the finding of the replaced kind is deleted:

    >>> snapshot = {"source_id": "s", "snapshot_on": "2026-01-01"}
    >>> source = pd.DataFrame([{**snapshot, "fingerprint": "f", "layer": "communities"}])
    >>> rows = pd.DataFrame([{**snapshot, "row_number": 1, "finding": kind} for kind in ("old", "other")])
    >>> with create_map(folder / "map.duckdb") as new:
    ...     write_table(new, "sources", source)
    ...     write_table(new, "findings", rows)
    ...     replace_findings(new, ["old"], rows[:1].assign(row_number=2), layers=["communities"])
    ...     new.execute("SELECT row_number, finding FROM findings ORDER BY row_number").fetchall()
    [(1, 'other'), (2, 'old')]
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
    """
    Copy all rows of unchanged sources from the `previous` map; return the fingerprints copied.

    Parameters
    ----------
    con
        A connection to the map that is being built.
    previous
        The file of the previous map.
    fingerprints
        Fingerprints of the present sources. A source of the previous map is unchanged if its fingerprint is among
        them.

    Returns
    -------
    frozenset of str
        The fingerprints of the copied sources.

    Examples
    --------
    Copy the source of the communities from the map of the demonstration, and no other:

    >>> from lindero.layers.disk import builds
    >>> previous = builds.current_map(workspace.folder / "build")
    >>> (fingerprint,) = con.execute("SELECT fingerprint FROM sources WHERE layer = 'communities'").fetchone()
    >>> with create_map(folder / "map.duckdb") as new:
    ...     copy_sources(new, previous, [fingerprint, "unknown"]) == {fingerprint}
    ...     new.execute("SELECT (SELECT count(*) FROM communities), (SELECT count(*) FROM regions)").fetchone()
    True
    (218, 0)
    """
    parameters = {"told": list(fingerprints)}
    same = "FROM previous.sources WHERE list_contains($told, fingerprint)"
    with attach_previous(con, previous):
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
    """
    Update the columns of a snapshot's row in the table of sources.

    Parameters
    ----------
    con
        A connection to the map that is being built.
    source_id, snapshot_on
        The id and date (YYYY-MM-DD) of the snapshot. If the map lacks it, nothing changes.
    values_by_column
        New values by column of `layers.model.schema.SOURCES`; None clears a value. Names are not checked and must
        not come from a user. Not empty.

    Examples
    --------
    >>> source = {"source_id": "s", "fingerprint": "f", "layer": "places", "title": "Towns"}
    >>> dates = ["2025-01-01", "2026-01-01"]
    >>> with create_map(folder / "map.duckdb") as new:
    ...     write_table(new, "sources", pd.DataFrame([{**source, "snapshot_on": date} for date in dates]))
    ...     update_source(new, "s", "2026-01-01", {"title": "Villages"})
    ...     new.execute("SELECT title FROM sources ORDER BY snapshot_on").fetchall()
    [('Towns',), ('Villages',)]
    """
    values = ", ".join(f"{name} = ${name}" for name in values_by_column)
    con.execute(
        f"UPDATE sources SET {values} WHERE source_id = $source_id AND snapshot_on = $snapshot_on",
        {**values_by_column, "source_id": source_id, "snapshot_on": snapshot_on},
    )


def copy_overlaps(con: Connection, previous: Path) -> None:
    """
    Copy the overlaps between features that both maps contain from the `previous` map.

    Nothing is copied if the previous map does not store the range of overlaps.

    Parameters
    ----------
    con
        A connection to the map that is being built. It must contain the rows that were copied from `previous`, and
        no new rows.
    previous
        The file of the previous map.

    Examples
    --------
    The new map contains concessions and communities but no protected areas:

    >>> from lindero.layers.disk import builds
    >>> previous = builds.current_map(workspace.folder / "build")
    >>> query = "SELECT fingerprint FROM sources WHERE layer IN ('concessions', 'communities')"
    >>> rows = con.execute(query).fetchall()
    >>> with create_map(folder / "map.duckdb") as new:
    ...     copied = copy_sources(new, previous, [fingerprint for (fingerprint,) in rows])
    ...     copy_overlaps(new, previous)
    ...     new.execute("SELECT left_layer, right_layer, count(*) FROM overlap_pairs GROUP BY ALL").fetchall()
    [('concessions', 'communities', 1827)]
    """
    with attach_previous(con, previous):
        previous_table = next((name for name in OVERLAP_TABLES if previous_has(con, name, column="certain_ha")), None)
        if previous_table is None:
            return
        for left, right in OVERLAP_PAIRS:
            con.execute(f"""
                INSERT INTO {OVERLAP_TABLES[0]} BY NAME FROM previous."{previous_table}"
                WHERE left_layer = '{left}' AND right_layer = '{right}'
                  AND (left_id, left_snapshot_on) IN (SELECT (id, snapshot_on) FROM {left})
                  AND (right_id, right_snapshot_on) IN (SELECT (id, snapshot_on) FROM {right})
            """)


def find_unchanged_layers(con: Connection, previous: Path) -> frozenset[str]:
    """
    Return the layers that have exactly the same snapshots in the `previous` map.

    Parameters
    ----------
    con
        A connection to the map that is being built, with its sources written and the current ones marked.
    previous
        The file of the previous map.

    Returns
    -------
    frozenset of str
        Names of layers, those without any source included. Empty if the previous map does not store the range of
        footprints.

    Examples
    --------
    The new map lacks the concessions of the previous map:

    >>> from lindero.layers.disk import builds
    >>> previous = builds.current_map(workspace.folder / "build")
    >>> rows = con.execute("SELECT fingerprint FROM sources WHERE layer <> 'concessions'").fetchall()
    >>> with create_map(folder / "map.duckdb") as new:
    ...     copied = copy_sources(new, previous, [fingerprint for (fingerprint,) in rows])
    ...     sorted(LAYERS.keys() - find_unchanged_layers(new, previous))
    ['concessions']
    """
    query = "SELECT layer, source_id, snapshot_on, fingerprint, is_current FROM"
    now, before = f"{query} sources", f"{query} previous.sources"
    with attach_previous(con, previous):
        if not previous_has(con, "footprints", column="certain_ha"):
            return frozenset()
        differences = f"(({now}) EXCEPT ({before})) UNION ALL (({before}) EXCEPT ({now}))"
        changed = {row[0] for row in con.execute(f"SELECT DISTINCT layer FROM ({differences})").fetchall()}
    return frozenset(LAYERS.keys() - changed)


def copy_coverage(con: Connection, previous: Path) -> frozenset[tuple[str, str, str]]:
    """
    Copy proposed coverage from the `previous` map, for unchanged sources and unchanged regions.

    Returns
    -------
    frozenset
        Layer, source and date (YYYY-MM-DD) of the coverage that was copied.

    Examples
    --------
    The source is the same in both maps. Its declared coverage is not copied:

    >>> source = {"source_id": "s", "snapshot_on": "2026-01-01", "layer": "places"}
    >>> sources = pd.DataFrame([{**source, "fingerprint": "f"}])
    >>> bases = ("declared", "proposed")
    >>> coverage = pd.DataFrame([{**source, "basis": basis, "extent": "covered"} for basis in bases])
    >>> with create_map(folder / "old.duckdb") as old, create_map(folder / "map.duckdb") as new:
    ...     write_table(old, "sources", sources)
    ...     write_table(old, "coverage", coverage)
    ...     detach_map(old)
    ...     write_table(new, "sources", sources)
    ...     sorted(copy_coverage(new, folder / "old.duckdb"))
    ...     new.execute("SELECT basis FROM coverage").fetchall()
    [('places', 's', '2026-01-01')]
    [('proposed',)]
    """
    query = "SELECT source_id, snapshot_on, fingerprint, is_current FROM"
    regions_only = "WHERE layer = 'regions'"
    rows = """
        FROM previous.coverage WHERE basis = 'proposed' AND (source_id, snapshot_on) IN (
            SELECT (s.source_id, s.snapshot_on) FROM sources s JOIN previous.sources p USING (source_id, snapshot_on)
            WHERE s.fingerprint = p.fingerprint)
    """
    with attach_previous(con, previous):
        if not previous_has(con, "coverage"):
            return frozenset()
        now, before = f"{query} sources {regions_only}", f"{query} previous.sources {regions_only}"
        if con.execute(f"(({now}) EXCEPT ({before})) UNION ALL (({before}) EXCEPT ({now})) LIMIT 1").fetchone():
            return frozenset()
        con.execute(f"INSERT INTO coverage BY NAME {rows}")
        copied = con.execute(f"SELECT DISTINCT layer, source_id, strftime(snapshot_on, '%Y-%m-%d') {rows}").fetchall()
    return frozenset((layer, source_id, date) for layer, source_id, date in copied)


def copy_cells(con: Connection, previous: Path) -> bool:
    """
    Copy the areas by cell from the `previous` map; return whether it has a table of them.

    Parameters
    ----------
    con
        A connection to the map that is being built.
    previous
        The file of the previous map.

    Returns
    -------
    bool
        False if an earlier version built the previous map: then nothing is copied.

    Examples
    --------
    >>> from lindero.layers.disk import builds
    >>> previous = builds.current_map(workspace.folder / "build")
    >>> with create_map(folder / "map.duckdb") as new:
    ...     copy_cells(new, previous), new.execute('SELECT count(*) FROM "cells"').fetchone()
    (True, (207,))
    """
    with attach_previous(con, previous):
        if not previous_has(con, "cells"):
            return False
        con.execute('INSERT INTO "cells" BY NAME FROM previous."cells"')
    return True


def mark_current(con: Connection) -> None:
    """
    Mark the latest snapshot of every source as the one that the map shows.

    Parameters
    ----------
    con
        A connection to the map that is being built, with its sources written.

    Examples
    --------
    >>> source = {"source_id": "s", "fingerprint": "f", "layer": "places"}
    >>> dates = ["2026-01-01", "2025-01-01"]
    >>> with create_map(folder / "map.duckdb") as new:
    ...     write_table(new, "sources", pd.DataFrame([{**source, "snapshot_on": date} for date in dates]))
    ...     mark_current(new)
    ...     new.execute("SELECT year(snapshot_on), is_current FROM sources ORDER BY snapshot_on").fetchall()
    [(2025, False), (2026, True)]
    """
    con.execute("""
        UPDATE sources SET is_current =
            snapshot_on = (SELECT max(s.snapshot_on) FROM sources s WHERE s.source_id = sources.source_id)
    """)


def compute_digest(con: Connection) -> str:
    """
    Compute a fingerprint of all rows of the map, independent of their order: equal means equal tables.

    Overlap totals and exposure are left out, because they follow from the rows and are not computed on a cluster. The
    checksum of the index is left out, too.

    Parameters
    ----------
    con
        A connection to a map that has all tables of this version of Lindero.

    Returns
    -------
    str
        A SHA-256 in hexadecimal.

    Examples
    --------
    Two maps have the same rows in another order:

    >>> pairs = pd.DataFrame({"incident_id": ["s/1", "s/2"], "same_as": ["s/3", "s/4"]})
    >>> with create_map(folder / "a.duckdb") as first, create_map(folder / "b.duckdb") as second:
    ...     write_table(first, "same_incidents", pairs)
    ...     write_table(second, "same_incidents", pairs[::-1])
    ...     compute_digest(first) == compute_digest(second), compute_digest(first) == compute_digest(con)
    (True, False)
    """
    names = sorted({*LAYERS, *TABLES, "vocabularies"} - {"overlap_totals", "exposure", "exposure_parts", "near_index"})
    selects = (f"SELECT '{name}', count(*), sum(hash(t)::HUGEINT) FROM \"{name}\" t" for name in names)
    hashes = {row[0]: row[1:] for row in con.execute(" UNION ALL ".join(selects)).fetchall()}
    parts = [":".join(map(str, (name, *hashes[name]))) for name in names]
    row = con.execute("SELECT sha256(?)", ["\n".join(parts)]).fetchone()
    return str(row[0]) if row else ""


def find_count_mismatches(con: Connection) -> pd.DataFrame:
    """
    Return the sources whose row counts do not add up, with their counts.

    Rows read must equal rows kept plus rows rejected, and both must equal the rows in the tables.

    Parameters
    ----------
    con
        A connection to a map.

    Returns
    -------
    DataFrame
        One row per snapshot: `source_id`, `snapshot_on`, `rows_read`, `rows_kept`, `rows_rejected`,
        `kept_in_table`, `rejected_in_table`. Empty if all counts add up.

    Examples
    --------
    >>> len(find_count_mismatches(con))
    0

    One row of a source was read, but it was neither kept nor rejected:

    >>> source = {"source_id": "s", "snapshot_on": "2026-01-01", "fingerprint": "f", "layer": "places"}
    >>> source |= {"rows_read": 1, "rows_kept": 0, "rows_rejected": 0}
    >>> with create_map(folder / "map.duckdb") as new:
    ...     write_table(new, "sources", pd.DataFrame([source]))
    ...     find_count_mismatches(new)[["source_id", "rows_read", "kept_in_table"]].to_numpy().tolist()
    [['s', 1, 0]]
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
    """
    Find ids that occur twice in a snapshot of a layer, or in two sources.

    Parameters
    ----------
    con
        A connection to a map.

    Returns
    -------
    DataFrame
        One row per id: `layer`, `id`, `rows` (their number). Empty in a valid map.

    Examples
    --------
    >>> len(find_repeated_ids(con))
    0
    >>> snapshot = {"source_id": "s", "snapshot_on": "2026-01-01", "row_number": 1}
    >>> acts = pd.DataFrame([{**snapshot, "id": id_, "incident_id": "t/1"} for id_ in ("s/1", "s/2", "s/1")])
    >>> with create_map(folder / "map.duckdb") as new:
    ...     write_layer(new, LAYERS["acts"], acts)
    ...     find_repeated_ids(new).to_numpy().tolist()
    [['acts', 's/1', 2]]
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
def attach_previous(con: Connection, path: Path) -> Generator[None]:
    """Attach the previous map as schema `previous` while the context is open."""
    con.execute(f"ATTACH IF NOT EXISTS {literals.quote_text(path)} AS previous (READ_ONLY)")
    try:
        yield
    finally:
        con.execute("DETACH previous")


def previous_has(con: Connection, table: str, *, column: str = "%") -> bool:
    """Return whether the attached previous map has a table, and a column of it. Earlier versions lack some."""
    having = "SELECT 1 FROM duckdb_columns() WHERE database_name = 'previous' AND table_name = ? AND column_name LIKE ?"
    return con.execute(having, [table, column]).fetchone() is not None


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
