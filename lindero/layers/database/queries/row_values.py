"""Rows of layers by themselves, for answers that wait for no library of frames to load."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.layers.database import literals
from lindero.layers.database.map_database import (
    CURRENT,
    MEETS,
    SIDES,
    Bounds,
    Connection,
    columns_read,
    columns_there,
    known_table,
)
from lindero.layers.model.layer import Layer

Values = dict[str, Any]


def read_values(con: Connection, layer: Layer, columns: Sequence[str], *, bounds: Bounds) -> list[dict[str, object]]:
    """
    Read columns of the rows of a layer whose box meets `bounds`, of the current snapshots and in no order.

    Columns that the layer does not have on this map, which may be of an earlier version, are left out.
    """
    con.execute(f"SELECT {columns_there(columns)} FROM {layer.name} WHERE {_meets(bounds)} AND {CURRENT}")
    names = columns_read(con)
    return [dict(zip(names, told, strict=True)) for told in con.fetchall()]


def shapes_of(
    con: Connection, layer: Layer, ids: Sequence[str] | None = None, *, bounds: Bounds | None = None
) -> dict[str, BaseGeometry | None]:
    """Return the shapes of current rows of a layer by id: of all, or of some ids and of those whose box meets a box."""
    chosen = CURRENT if ids is None else f"{CURRENT} AND id IN (FROM asked)"
    if bounds is not None:
        chosen += f" AND {_meets(bounds)}"
    rows = rows_for(con, f"SELECT id, ST_AsWKB(geometry) FROM {layer.name} WHERE {chosen} ORDER BY id", *(ids or ()))
    drawn = np.fromiter((row[1] for row in rows), object, len(rows))
    return dict(zip((row[0] for row in rows), shapely.from_wkb(drawn), strict=True))  # None of None


def rows_of_table(con: Connection, name: str) -> list[Values]:
    """Do as `map_database.read_table` does, and give each row by itself; None where nothing is known."""
    con.execute(f'FROM "{known_table(name)}" ORDER BY ALL')
    names = columns_read(con)
    return [dict(zip(names, row, strict=True)) for row in con.fetchall()]


def rows_for(con: Connection, query: str, *texts: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query that reads texts, such as a person types, as `(FROM asked)`, in no order."""
    con.register("asked", {"text": np.array(texts, dtype=str)})  # for a parameter DuckDB would load pandas
    try:
        return con.execute(query).fetchall()
    finally:
        con.unregister("asked")


def _meets(bounds: Bounds) -> str:
    return literals.fill(MEETS, dict(zip(SIDES, bounds, strict=True)))
