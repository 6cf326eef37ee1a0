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
    """Count the features of the current snapshots that match a condition.

    `where`: the condition. `Condition()` matches all features.
    """
    row = _execute(
        con, layer, f"SELECT count(*) FROM {_features_sql(layer)} WHERE {CURRENT} AND {where.sql}", where.parameters
    )
    return int((row.fetchone() or (0,))[0])


def read_page(
    con: Connection, layer: Layer, columns: Sequence[str], where: Condition, *, count: int, offset: int = 0
) -> gpd.GeoDataFrame:
    """Read `columns` and the geometry of up to `count` features that match a condition, sorted by id.

    `columns`: names of columns of the layer, or of `SOURCE_COLUMNS`. `where`: the condition. `Condition()` matches all
    features. Returns: the columns, and `geometry` in OGC:CRS84. Empty after the last feature.
    """
    column_list = ", ".join(f'"{name}"' for name in columns)
    query = f"SELECT {column_list}, geometry FROM {_features_sql(layer)} WHERE {CURRENT} AND {where.sql}"
    values = {**where.parameters, "count": count, "after": offset}
    rows = _execute(con, layer, f"{query} ORDER BY id LIMIT $count OFFSET $after", values)
    return gpd.GeoDataFrame.from_arrow(rows.to_arrow_table())


def extent(con: Connection, layer: Layer) -> map_database.Bounds | None:
    """Return the bounding box of a layer's features in the current snapshots.

    Returns: west, south, east and north in degrees. None if no feature has a geometry.
    """
    query = f"SELECT min(xmin), min(ymin), max(xmax), max(ymax) FROM {_features_sql(layer)} WHERE {CURRENT}"
    row = _execute(con, layer, query, {}).fetchone()
    return row if row and row[0] is not None else None


def open_memory_map(layer: Layer, rows: gpd.GeoDataFrame, source: Mapping[str, object]) -> Connection:
    """Store rows of a layer in an in-memory database, to be read page by page like those of a map.

    `rows`: rows with columns of the layer, in OGC:CRS84. They all have the `source_id` and `snapshot_on` of `source`.
    `source`: values of `layers.model.schema.SOURCES` by column: the only row of the table of sources.
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
