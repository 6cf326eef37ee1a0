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
from lindero.layers.model.schema import CRS, INCIDENTS, LAYERS, OVERLAP_TABLES
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
    """
    Write a new database that contains these rows and nothing else.

    `DELETE` and `VACUUM` on a copy would leave bytes of removed rows.

    Parameters
    ----------
    layers
        Rows by layer. The geometry of a layer may be missing: then it is copied from `map_con`.
    counts
        Columns of `layers.publish.rules.COUNTS` and polygons in OGC:CRS84.
    covered
        Columns of `layers.publish.rules.COVERAGE_PUBLISHED` and polygons in OGC:CRS84.
    map_con
        A connection to the map with the geometry.
    new_ids
        By layer, the new id of each row by its id in that map.

    Raises
    ------
    PublishError
        If the file cannot be written.

    Examples
    --------
    >>> empty = gpd.GeoDataFrame()
    >>> layers = {"acts": con.execute("FROM acts WHERE type = 'killing'").df()}
    >>> write_database(folder / "map.duckdb", layers, sources=empty, overlaps=empty, counts=empty, covered=empty)
    >>> with map_database.connect(folder / "map.duckdb") as published:
    ...     published.execute("SELECT count(*), min(type), max(type) FROM acts").fetchall()
    [(19, 'killing', 'killing')]
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
            map_writer.write_table(con, OVERLAP_TABLES[0], overlaps[begin : begin + _PAIRS_AT_ONCE])
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
    """
    Read the columns of restricted records that decide their cell.

    Parameters
    ----------
    con
        A connection to the open vault.

    Returns
    -------
    GeoDataFrame
        Current restricted incidents in OGC:CRS84: `id`, `region`, `country`, `occurred_on`, `location_precision`,
        `geometry` (may be null).

    Examples
    --------
    >>> from lindero.layers.vault import vault_file
    >>> visibilities = ["restricted", "confidential"]
    >>> cases = map_database.read_layer(con, INCIDENTS)[:2].assign(visibility=visibilities)
    >>> with vault_file.change_vault(vault) as private:
    ...     map_writer.write_table(private, "sources", con.execute("FROM sources").df())
    ...     map_writer.write_layer(private, INCIDENTS, cases)
    ...     read_restricted_records(private)[["id", "region"]].to_numpy().tolist()
    [['demo-incidents/INV-HEC-0002', 'Madre de Dios']]
    """
    rows = map_database.read_layer(con, INCIDENTS, where={"visibility": "restricted"})
    return rows[["id", "region", "country", "occurred_on", "location_precision", "geometry"]]


def read_visibilities(con: Connection) -> "pd.Series[str]":
    """
    Read the visibility of each current incident in the vault, by id.

    Parameters
    ----------
    con
        A connection to the open vault.

    Returns
    -------
    Series
        Visibility codes, indexed by incident id.

    Examples
    --------
    >>> from lindero.layers.vault import vault_file
    >>> visibilities = ["restricted", "confidential"]
    >>> cases = map_database.read_layer(con, INCIDENTS)[:2].assign(visibility=visibilities)
    >>> with vault_file.change_vault(vault) as private:
    ...     map_writer.write_table(private, "sources", con.execute("FROM sources").df())
    ...     map_writer.write_layer(private, INCIDENTS, cases)
    ...     sorted(read_visibilities(private).items())
    [('demo-incidents/INV-HEC-0002', 'restricted'), ('demo-incidents/INV-HEC-0003', 'confidential')]
    """
    rows = con.execute(f"SELECT id, visibility FROM incidents WHERE {map_database.CURRENT}").df()
    return rows.set_index("id")["visibility"]


def read_received_fields(con: Connection) -> dict[str, dict[str, object]]:
    """
    Read the received fields of each current restricted incident, by its id.

    Parameters
    ----------
    con
        A connection to the open vault.

    Returns
    -------
    dict
        By incident id, the received values by field name. An incident without a received row is left out.

    Examples
    --------
    >>> from lindero.layers.vault import vault_file
    >>> visibilities = ["restricted", "confidential"]
    >>> cases = map_database.read_layer(con, INCIDENTS)[:2].assign(visibility=visibilities)
    >>> with vault_file.change_vault(vault) as private:
    ...     map_writer.write_table(private, "sources", con.execute("FROM sources").df())
    ...     map_writer.write_layer(private, INCIDENTS, cases)
    ...     received = "SELECT source_id, snapshot_on, row_number, json_object('lugar', place_text) FROM incidents"
    ...     _ = private.execute(f"INSERT INTO received_rows {received}")
    ...     read_received_fields(private)
    {'demo-incidents/INV-HEC-0002': {'lugar': 'Puerto Achuritambo'}}
    """
    rows = con.execute(f"""
        SELECT i.id, r.fields FROM (FROM incidents WHERE {map_database.CURRENT} AND visibility = 'restricted') i
        JOIN received_rows r USING (source_id, snapshot_on, row_number)
    """).fetchall()
    return {str(name): dict(json.loads(fields)) for name, fields in rows}


def read_different_pairs(con: Connection) -> frozenset[frozenset[str]]:
    """
    Read the pairs of incidents that a person decided are different.

    Parameters
    ----------
    con
        A connection to the open vault.

    Returns
    -------
    frozenset
        Pairs of incident ids; each pair is a frozenset of two, without order.

    Examples
    --------
    >>> from lindero.layers.vault import vault_file
    >>> with vault_file.change_vault(vault) as private:
    ...     store_decision(private, ("case-1", "case-2"), is_same=False)
    ...     store_decision(private, ("case-1", "case-3"), is_same=True)
    ...     sorted(map(sorted, read_different_pairs(private)))
    [['case-1', 'case-2']]
    """
    return frozenset(frozenset(pair) for pair in con.execute("SELECT left_id, right_id FROM apart").fetchall())


def store_decision(con: Connection, pair: tuple[str, str], *, is_same: bool) -> None:
    """
    Store the decision that two incidents of the vault are the same, reported under the first id, or different.

    An earlier decision about the pair, in either order, is replaced.

    Parameters
    ----------
    con
        A connection to the open vault.
    pair
        The ids of two incidents.
    is_same
        True: the second incident is the same as the first. False: they are different.

    Examples
    --------
    The second decision replaces the first.

    >>> from lindero.layers.vault import vault_file
    >>> with vault_file.change_vault(vault) as private:
    ...     store_decision(private, ("case-1", "case-2"), is_same=False)
    ...     store_decision(private, ("case-2", "case-1"), is_same=True)
    ...     private.execute("SELECT incident_id, same_as FROM same_incidents").fetchall()
    ...     sorted(read_different_pairs(private))
    [('case-1', 'case-2')]
    []
    """
    con.execute("DELETE FROM apart WHERE list_sort([left_id, right_id]) = list_sort(?)", [list(pair)])
    con.execute("DELETE FROM same_incidents WHERE list_sort([incident_id, same_as]) = list_sort(?)", [list(pair)])
    con.execute(f"INSERT INTO {'same_incidents' if is_same else 'apart'} VALUES (?, ?)", [pair[1], pair[0]])


def count_by_visibility(con: Connection) -> dict[str, int]:
    """
    Count the current incidents in the vault by visibility.

    Parameters
    ----------
    con
        A connection to the open vault.

    Returns
    -------
    dict
        The number of incidents by visibility code. A code without incidents is left out.

    Examples
    --------
    >>> from lindero.layers.vault import vault_file
    >>> visibilities = ["restricted", "confidential", "restricted"]
    >>> cases = map_database.read_layer(con, INCIDENTS)[:3].assign(visibility=visibilities)
    >>> with vault_file.change_vault(vault) as private:
    ...     map_writer.write_table(private, "sources", con.execute("FROM sources").df())
    ...     map_writer.write_layer(private, INCIDENTS, cases)
    ...     sorted(count_by_visibility(private).items())
    [('confidential', 1), ('restricted', 2)]
    """
    rows = con.execute(
        f"SELECT visibility, count(*) FROM incidents WHERE {map_database.CURRENT} GROUP BY ALL"
    ).fetchall()
    return {str(name): int(count) for name, count in rows}


def find_filled_columns(con: Connection) -> dict[str, set[str]]:
    """
    Return the columns of each table of a map that contain any value.

    Parameters
    ----------
    con
        A connection to which the map is attached as `map`.

    Returns
    -------
    dict
        Column names by table name, for all tables; an empty set for a table without rows.

    Examples
    --------
    The columns `detail` and `row_received` of `rejects` are empty, and there are no mining scars.

    >>> filled = find_filled_columns(con)
    >>> sorted(filled["rejects"]), filled["mining_scars"]
    (['reason', 'row_number', 'snapshot_on', 'source_id'], set())
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
    """
    Read the bounding box of all published geometry.

    Parameters
    ----------
    con
        A connection to the published map.

    Returns
    -------
    tuple of float
        West, south, east and north in degrees; 0 without any geometry.

    Examples
    --------
    >>> [round(side, 1) for side in read_bounds(con)]
    [-79.0, -14.4, -69.8, -3.4]
    """
    names = (layer.name for layer in LAYERS.values() if layer.has_geometry)
    boxes = " UNION ALL ".join(f"SELECT xmin, ymin, xmax, ymax FROM {name}" for name in names)
    row = con.execute(f"SELECT min(xmin), min(ymin), max(xmax), max(ymax) FROM ({boxes})").fetchone()
    west, south, east, north = (side or 0.0 for side in row or (0.0,) * 4)
    return west, south, east, north


def read_counts(con: Connection) -> pd.DataFrame:
    """
    Read the published cells without their geometry.

    Parameters
    ----------
    con
        A connection to the published map.

    Returns
    -------
    DataFrame
        One row per cell: `id`, `country`, `department`, `province` (empty for the department's other provinces), `year`
        (may be null), `count`.

    Examples
    --------
    >>> from shapely import box
    >>> cell = {"id": "1", "country": "PE", "department": "PE-CAJ", "province": "", "year": 2024, "count": 5}
    >>> counts = gpd.GeoDataFrame([cell], geometry=[box(-79, -8, -78, -5)], crs=CRS)
    >>> empty = gpd.GeoDataFrame()
    >>> write_database(folder / "map.duckdb", {}, sources=empty, overlaps=empty, counts=counts, covered=empty)
    >>> with map_database.connect(folder / "map.duckdb") as published:
    ...     read_counts(published).to_dict("records")
    [{'id': '1', 'country': 'PE', 'department': 'PE-CAJ', 'province': '', 'year': 2024, 'count': 5}]
    """
    return con.execute(f'SELECT * EXCLUDE geometry FROM "{COUNTS_TABLE}" ORDER BY ALL').df()


def read_ids_by_row(con: Connection, layer: Layer) -> list[str]:
    """
    Read the ids of a layer in the order of the row numbers.

    Parameters
    ----------
    con
        A connection to the published map.
    layer
        A layer whose table is in the map.

    Returns
    -------
    list of str
        The ids of all rows.

    Examples
    --------
    >>> read_ids_by_row(con, LAYERS["communities"])[:2]
    ['demo-communities/INV-COM-CAJ-001', 'demo-communities/INV-COM-CAJ-002']
    """
    return [row[0] for row in con.execute(f'SELECT id FROM "{layer.name}" ORDER BY row_number').fetchall()]
