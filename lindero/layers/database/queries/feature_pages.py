"""Features of the current snapshots, sorted by id and read one page at a time."""

from collections.abc import Mapping, Sequence

import duckdb
import geopandas as gpd
import pandas as pd

from lindero.layers.database import extensions, map_database, map_writer
from lindero.layers.database.map_database import CURRENT, Connection
from lindero.layers.database.queries.condition import Condition
from lindero.layers.errors import N_, AnswerError, NotBuiltError
from lindero.layers.model.layer import Layer

SOURCE_COLUMNS = {"publisher": "VARCHAR", "licence": "VARCHAR"}
"""Columns that a feature has of its source, and their types."""
_TABLE = "(SELECT l.*, s.publisher, s.licence FROM {table} l JOIN sources s USING (source_id, snapshot_on))"


def count_features(con: Connection, layer: Layer, where: Condition) -> int:
    """
    Count the features of the current snapshots that match a condition.

    Parameters
    ----------
    con
        A connection to a map. A condition on geometry needs the spatial functions.
    layer
        The layer.
    where
        The condition. `Condition()` matches all features.

    Returns
    -------
    int
        The number of features.

    Raises
    ------
    NotBuiltError
        If the map lacks the layer.
    AnswerError
        If the database cannot compare a value of the condition.

    Examples
    --------
    >>> from lindero.layers.model.schema import CONCESSIONS
    >>> count_features(con, CONCESSIONS, Condition())
    742
    >>> count_features(con, CONCESSIONS, Condition("kind = $kind", {"kind": "hydropower"}))
    12
    """
    row = _execute(
        con, layer, f"SELECT count(*) FROM {_features_sql(layer)} WHERE {CURRENT} AND {where.sql}", where.parameters
    )
    return int((row.fetchone() or (0,))[0])


def read_page(
    con: Connection, layer: Layer, columns: Sequence[str], where: Condition, *, count: int, offset: int = 0
) -> gpd.GeoDataFrame:
    """
    Read `columns` and the geometry of up to `count` features that match a condition, sorted by id.

    Parameters
    ----------
    con
        A connection to a map, with the spatial functions.
    layer
        A layer with geometry.
    columns
        Names of columns of the layer, or of `SOURCE_COLUMNS`.
    where
        The condition. `Condition()` matches all features.
    count
        The maximum number of features.
    offset
        How many matching features to skip.

    Returns
    -------
    GeoDataFrame
        The columns, and `geometry` in OGC:CRS84. Empty after the last feature.

    Raises
    ------
    NotBuiltError
        If the map lacks the layer.
    AnswerError
        If the database cannot compare a value of the condition.

    Examples
    --------
    The third and fourth of the protected areas:

    >>> from lindero.layers.model.schema import PROTECTED_AREAS
    >>> page = read_page(con, PROTECTED_AREAS, ["code", "publisher"], Condition(), count=2, offset=2)
    >>> page["code"].tolist(), page.crs.to_string()
    (['INV-ANP-02', 'INV-ANP-03'], 'OGC:CRS84')
    """
    column_list = ", ".join(f'"{name}"' for name in columns)
    query = f"SELECT {column_list}, geometry FROM {_features_sql(layer)} WHERE {CURRENT} AND {where.sql}"
    values = {**where.parameters, "count": count, "after": offset}
    rows = _execute(con, layer, f"{query} ORDER BY id LIMIT $count OFFSET $after", values)
    return gpd.GeoDataFrame.from_arrow(rows.to_arrow_table())


def extent(con: Connection, layer: Layer) -> map_database.Bounds | None:
    """
    Return the bounding box of a layer's features in the current snapshots.

    Parameters
    ----------
    con
        A connection to a map.
    layer
        A layer with geometry.

    Returns
    -------
    tuple of float or None
        West, south, east and north in degrees. None if no feature has a geometry.

    Raises
    ------
    NotBuiltError
        If the map lacks the layer.

    Examples
    --------
    >>> from lindero.layers.model.schema import CONCESSIONS, MINING_SCARS
    >>> [round(side, 1) for side in extent(con, CONCESSIONS)]
    [-79.0, -14.3, -69.8, -3.7]
    >>> print(extent(con, MINING_SCARS))
    None
    """
    query = f"SELECT min(xmin), min(ymin), max(xmax), max(ymax) FROM {_features_sql(layer)} WHERE {CURRENT}"
    row = _execute(con, layer, query, {}).fetchone()
    return row if row and row[0] is not None else None


def open_memory_map(layer: Layer, rows: gpd.GeoDataFrame, source: Mapping[str, object]) -> Connection:
    """
    Store rows of a layer in an in-memory database, to be read page by page like those of a map.

    Parameters
    ----------
    layer
        The layer.
    rows
        Rows with columns of the layer, in OGC:CRS84. They all have the `source_id` and `snapshot_on` of `source`.
    source
        Values of `layers.model.schema.SOURCES` by column: the only row of the table of sources.

    Returns
    -------
    Connection
        A connection with the spatial functions, which can read no file.

    Raises
    ------
    BuildError
        If the database refuses a value or the CRS.

    Examples
    --------
    >>> from lindero.layers.model.schema import CRS, PLACES
    >>> snapshot = {"source_id": "s", "snapshot_on": "2026-01-01"}
    >>> values = pd.DataFrame({"id": ["s/1", "s/2"], "row_number": [1, 2], "name": ["Iberia", "Huancayo"]})
    >>> points = gpd.points_from_xy([-69.5, -75.2], [-11.4, -12.1])
    >>> rows = gpd.GeoDataFrame(values.assign(**snapshot), geometry=points, crs=CRS)
    >>> source = {**snapshot, "fingerprint": "f", "layer": "places", "is_current": True}
    >>> with open_memory_map(PLACES, rows, source) as memory:
    ...     read_page(memory, PLACES, ["name"], Condition("xmin > -70"), count=10)["name"].tolist()
    ['Iberia']
    """
    con = map_database.open_in_memory()
    extensions.load_extension(con, "spatial")
    con.execute("ATTACH ':memory:' AS map")
    con.execute("USE map")
    map_writer.create_tables(con)
    map_writer.write_layer(con, layer, rows)
    map_writer.write_table(con, "sources", pd.DataFrame([source]))
    con.execute("SET enable_external_access=false")
    return con


def _features_sql(layer: Layer) -> str:
    return _TABLE.format(table=layer.name)


def _execute(con: Connection, layer: Layer, query: str, values: Mapping[str, object]) -> Connection:
    try:
        return con.execute(query, dict(values))
    except duckdb.CatalogException as error:
        raise NotBuiltError(N_("the layer {layer} is not in the map"), layer=layer.name) from error
    except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.OutOfRangeException) as error:
        raise AnswerError(N_("a value in the query cannot be compared with the fields of the map")) from error
