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
    """Read columns of the current rows of a layer whose bounding box intersects `bounds`, in no order.

    `bounds`: west, south, east and north in degrees.
    """
    con.execute(f"SELECT {existing_columns_sql(columns)} FROM {layer.name} WHERE {_meets(bounds)} AND {CURRENT}")
    names = result_columns(con)
    return [dict(zip(names, row, strict=True)) for row in con.fetchall()]


def read_shapes_by_id(
    con: Connection, layer: Layer, ids: Sequence[str] | None = None, *, bounds: Bounds | None = None
) -> dict[str, BaseGeometry | None]:
    """Read the geometries of current rows of a layer by id, of all rows or of some.

    `bounds`: west, south, east and north in degrees; only rows whose bounding box intersects these are read. None:
    anywhere. Returns: geometries in degrees (OGC:CRS84) by id, sorted by id; None for a row without geometry. Ids that
    are not current are left out.
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
    """Read the names and geometries of the current rows of layers whose bounding box intersects `bounds`.

    `bounds`: west, south, east and north in degrees. Returns: by layer, names (None where missing) and geometries in
    degrees (OGC:CRS84), both sorted by the id of the row.
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
    """Read a table that is not a layer as plain records, sorted by its columns."""
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
