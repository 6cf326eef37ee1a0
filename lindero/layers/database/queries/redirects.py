"""Redirects from old ids to current ones.

Earlier versions put the date of the snapshot into an id, and the row number where a row had no code. Such ids remain in
links, lists and files, and are resolved to the record that they named. Current ids are described in
`layers.model.identity`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lindero.layers.database import map_database
from lindero.layers.database.map_database import CURRENT, Connection
from lindero.layers.model import identity
from lindero.layers.model.layer import REFERENCES, Layer
from lindero.layers.model.schema import LAYERS

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class LastAppearance:
    """The disappearance of a record: the last snapshot that contains it, and the date of the next one."""

    id: str
    source_id: str
    snapshot_on: dt.date
    gone_on: dt.date


def resolve_ids(con: Connection, layer: Layer, ids: Iterable[str]) -> dict[str, str]:
    """Return the current ids for ids of a layer, current or old.

    An old id with a row number is resolved only if the map contains its snapshot: in another file the same number is
    another record.

    `ids`: ids in the present form, or in the old forms `SOURCE/DATE/CODE` and `SOURCE/DATE/ROW`.
    """
    existing = map_database.read_ids(con, layer)
    resolved = {name: name if name in existing else _resolve_id(con, layer, name, existing) for name in ids}
    return {name: id_ for name, id_ in resolved.items() if id_ is not None}


def resolve_references(con: Connection, rows: pd.DataFrame) -> pd.DataFrame:
    """Replace old ids in the reference columns of rows by current ones.

    `rows`: A frame with any of `incident_id`, `community_id` and `concession_id`; it is not changed.
    """
    import pandas as pd

    for column in REFERENCES.keys() & set(rows.columns):
        ids = resolve_ids(con, LAYERS[REFERENCES[column]], rows[column].dropna().unique())
        resolved = [ids.get(name, name) if isinstance(name, str) else name for name in rows[column]]
        rows = rows.assign(**{column: pd.Series(resolved, index=rows.index, dtype=object)})
    return rows


def is_current(con: Connection, layer: Layer, id_: str) -> bool:
    """Return whether the map shows a record."""
    return bool(con.execute(f"SELECT 1 FROM {layer.name} WHERE id = ? AND {CURRENT} LIMIT 1", [id_]).fetchone())


def find_last_appearance(con: Connection, layer: Layer, id_: str) -> LastAppearance | None:
    """Find when a record disappeared from the map."""
    row = con.execute(
        f"""
        SELECT r.source_id, r.snapshot_on, min(s.snapshot_on) FROM {layer.name} r
        JOIN sources s ON s.source_id = r.source_id AND s.snapshot_on > r.snapshot_on
        WHERE r.id = $id AND r.snapshot_on = (SELECT max(snapshot_on) FROM {layer.name} WHERE id = $id)
        GROUP BY ALL
        """,
        {"id": id_},
    ).fetchone()
    return None if row is None else LastAppearance(id_, *row)


def read_codes(con: Connection, layer: Layer, source_id: str, snapshot_on: dt.date) -> pd.Series[str]:
    """Read the code of each record of a snapshot, by id.

    `con`, `layer`: A connection to the map, and a layer with a column `code`. Returns: codes as the source writes them,
    indexed by `id` and sorted by it; None without a code. It is empty for a snapshot that the map does not contain.
    """
    query = f"SELECT id, code FROM {layer.name} WHERE source_id = ? AND snapshot_on = ? ORDER BY id"
    return con.execute(query, [source_id, snapshot_on]).df().set_index("id")["code"]


def _resolve_id(con: Connection, layer: Layer, id_: str, existing: frozenset[str]) -> str | None:
    old_id, undated_id = identity.parse_old_id(id_), identity.remove_date(id_)
    if undated_id in existing:
        return undated_id
    if old_id is None or old_id.row_number is None:
        return None
    row = con.execute(
        f"SELECT id FROM {layer.name} WHERE source_id = ? AND snapshot_on = ? AND row_number = ?",
        [old_id.source_id, old_id.snapshot_on, old_id.row_number],
    ).fetchone()
    return str(row[0]) if row else None
