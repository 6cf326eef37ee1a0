"""Rows of layers as plain records, for answers that must not wait for pandas to load."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.layers.database import literals
from lindero.layers.database.map_database import (
    CURRENT,
    MEETS_BOX_SQL,
    SIDES,
    Bounds,
    Connection,
    check_table_name,
    existing_columns_sql,
    result_columns,
)
from lindero.layers.model.layer import Layer

Values = dict[str, Any]
NamedShapes = tuple[list[str | None], npt.NDArray[np.object_]]


def read_values(con: Connection, layer: Layer, columns: Sequence[str], *, bounds: Bounds) -> list[dict[str, object]]:
    """
    Read columns of the current rows of a layer whose bounding box intersects `bounds`, in no order.

    Parameters
    ----------
    con, layer
        A connection to the map, and a layer with geometry.
    columns
        Names of columns, at least one of which exists. Others are left out, because an earlier version may have
        built the map.
    bounds
        West, south, east and north in degrees.

    Returns
    -------
    list of dict
        One record per row, with its values by column; None where a value is missing.

    Examples
    --------
    >>> from lindero.layers.model.schema import LAYERS
    >>> read_values(con, LAYERS["protected_areas"], ["code", "no_column"], bounds=(-78.72, -6.96, -78.71, -6.95))
    [{'code': 'INV-ANP-04'}]
    """
    con.execute(f"SELECT {existing_columns_sql(columns)} FROM {layer.name} WHERE {_meets(bounds)} AND {CURRENT}")
    names = result_columns(con)
    return [dict(zip(names, row, strict=True)) for row in con.fetchall()]


def read_shapes_by_id(
    con: Connection, layer: Layer, ids: Sequence[str] | None = None, *, bounds: Bounds | None = None
) -> dict[str, BaseGeometry | None]:
    """
    Read the geometries of current rows of a layer by id, of all rows or of some.

    Parameters
    ----------
    con, layer
        A connection to the map, and a layer with geometry.
    ids
        Ids of rows to read; None reads all rows, an empty sequence none.
    bounds
        West, south, east and north in degrees; only rows whose bounding box intersects these are read. None:
        anywhere.

    Returns
    -------
    dict
        Geometries in degrees (OGC:CRS84) by id, sorted by id; None for a row without geometry. Ids that are not
        current are left out.

    Examples
    --------
    >>> from lindero.layers.model.schema import LAYERS
    >>> shapes = read_shapes_by_id(con, LAYERS["incidents"], ["demo-incidents/INV-HEC-0002", "unknown"])
    >>> [(id_, round(shape.x, 3), round(shape.y, 3)) for id_, shape in shapes.items()]
    [('demo-incidents/INV-HEC-0002', -70.787, -12.208)]
    >>> sorted(read_shapes_by_id(con, LAYERS["protected_areas"], bounds=(-78.72, -6.96, -78.71, -6.95)))
    ['demo-protected-areas/INV-ANP-04']
    """
    condition = CURRENT if ids is None else f"{CURRENT} AND id IN (FROM asked)"
    if bounds is not None:
        condition += f" AND {_meets(bounds)}"
    rows = query_texts(
        con, f"SELECT id, ST_AsWKB(geometry) FROM {layer.name} WHERE {condition} ORDER BY id", *(ids or ())
    )
    geometries = np.fromiter((row[1] for row in rows), object, len(rows))
    return dict(zip((row[0] for row in rows), shapely.from_wkb(geometries), strict=True))  # None stays None


def read_names_and_shapes(con: Connection, layers: Sequence[Layer], *, bounds: Bounds) -> dict[str, NamedShapes]:
    """
    Read the names and geometries of the current rows of layers whose bounding box intersects `bounds`.

    Parameters
    ----------
    con, layers
        A connection to the map, and layers with names and geometry.
    bounds
        West, south, east and north in degrees.

    Returns
    -------
    dict
        By layer, names (None where missing) and geometries in degrees (OGC:CRS84), both sorted by the id of the row.

    Examples
    --------
    >>> from lindero.layers.model.schema import PROTECTED_AREAS
    >>> shapes_by_layer = read_names_and_shapes(con, [PROTECTED_AREAS], bounds=(-79.0, -7.1, -78.3, -6.8))
    >>> names, shapes = shapes_by_layer["protected_areas"]
    >>> names, len(shapes)
    (['Coto de Caza Llimbe', 'Zona Reservada Sipilla'], 2)
    """
    columns = "id, source_id, snapshot_on, name, geometry"
    parts = " UNION ALL ".join(
        f"SELECT '{layer.name}' AS layer, {columns} FROM {layer.name} WHERE {_meets(bounds)}" for layer in layers
    )  # one query, because for few rows its plan takes longest
    rows = con.execute(f"SELECT layer, name, ST_AsWKB(geometry) FROM ({parts}) WHERE {CURRENT} ORDER BY id").fetchall()
    shapes = np.asarray(shapely.from_wkb(np.fromiter((row[2] for row in rows), object, len(rows))))
    positions = {layer.name: [at for at, row in enumerate(rows) if row[0] == layer.name] for layer in layers}
    return {name: ([rows[at][1] for at in found], shapes[found]) for name, found in positions.items()}


def read_table_rows(con: Connection, name: str) -> list[Values]:
    """
    Read a table that is not a layer as plain records, sorted by its columns.

    Parameters
    ----------
    con, name
        A connection to the map, and the name of a table.

    Returns
    -------
    list of dict
        One record per row, with its values by column; None where a value is missing.

    Raises
    ------
    NotBuiltError
        If maps have no table of this name.

    Examples
    --------
    >>> [(row["left_layer"], row["right_layer"], row["pairs"]) for row in read_table_rows(con, "overlap_totals")]
    [('communities', 'protected_areas', 126), ('concessions', 'communities', 931),
     ('concessions', 'protected_areas', 293)]
    """
    con.execute(f'FROM "{check_table_name(name)}" ORDER BY ALL')
    names = result_columns(con)
    return [dict(zip(names, row, strict=True)) for row in con.fetchall()]


def query_texts(con: Connection, query: str, *texts: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query that reads texts, such as ids or typed text, from the table `asked`, in no order."""
    con.register("asked", {"text": np.array(texts, dtype=str)})  # with a parameter DuckDB would load pandas
    try:
        return con.execute(query).fetchall()
    finally:
        con.unregister("asked")


def _meets(bounds: Bounds) -> str:
    return literals.fill_numbers(MEETS_BOX_SQL, dict(zip(SIDES, bounds, strict=True)))
