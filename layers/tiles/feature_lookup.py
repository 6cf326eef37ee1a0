"""What the map's tiles say of features, asked by their ids: for the lists beside a map, which follow its filter."""

import pandas as pd

from lindero.layers.database.map_database import CURRENT, Connection
from lindero.layers.tiles.tile_query import TILE_LAYERS

BY_NAME = {layer.name: layer for layer in TILE_LAYERS}
_COLUMNS = ("id", "class", "status", "year", "dated", "xmin", "ymin", "xmax", "ymax")


def drawn(con: Connection, layer: str, ids: list[str]) -> pd.DataFrame:
    """
    Say of features what the map knows of them, by `id`; those that it does not draw are missing.

    Columns: `id`, `class` (a code), `status`, `year`, `dated` (whether the layer has years), and the bounds `xmin`,
    `ymin`, `xmax`, `ymax` in degrees.
    """
    told = BY_NAME.get(layer)
    if told is None:  # the map draws no regions
        return pd.DataFrame(columns=[*_COLUMNS])
    return con.execute(
        f"""
        SELECT id, {told.class_sql} AS class, {told.status_sql} AS status, {told.year_sql} AS year,
            {told.is_dated} AS dated, xmin, ymin, xmax, ymax
        FROM {layer} WHERE id IN (SELECT unnest($ids)) AND {CURRENT} AND {told.only}
        ORDER BY id
        """,
        {"ids": ids},
    ).df()


def statuses(con: Connection) -> list[str]:
    """States of the concessions that there are, in the vocabulary's order."""
    query = f"""
        SELECT code FROM vocabularies WHERE vocabulary = 'concession_status'
        AND code IN (SELECT status FROM concessions WHERE {CURRENT}) ORDER BY position
    """
    return [code for (code,) in con.execute(query).fetchall()]


def years(con: Connection) -> tuple[int, int] | None:
    """First and last year of everything that the map draws with one; None if nothing has."""
    every = " UNION ALL ".join(
        f"SELECT {layer.year_sql} AS year FROM {layer.name} WHERE {CURRENT} AND {layer.only}"
        for layer in TILE_LAYERS
        if layer.is_dated
    )
    first, last = con.execute(f"SELECT min(year), max(year) FROM ({every})").fetchone() or (None, None)
    return None if first is None else (first, last)
