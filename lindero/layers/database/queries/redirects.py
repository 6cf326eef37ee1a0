"""
Where ids of before lead.

Until now an id held the day of its snapshot, and the number of its row where it had no code: such ids stand in links,
lists and files of people, and lead to the record that they named. `layers.model.identity` says what ids are now.
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
class LastSeen:
    """A record that the map no longer shows: the last snapshot that holds it, and the first after that."""

    id: str
    source_id: str
    snapshot_on: dt.date
    gone_on: dt.date


def led(con: Connection, layer: Layer, ids: Iterable[str]) -> dict[str, str]:
    """
    Give for ids of a layer, as they are or as they were, those by which their records are known.

    What no snapshot of the map holds is left out. The number of a row leads somewhere if the map holds the snapshot
    that it is of: in another file it is another record.
    """
    there = map_database.ids(con, layer)
    found = {name: name if name in there else _led(con, layer, name, there) for name in ids}
    return {name: id_ for name, id_ in found.items() if id_ is not None}


def led_by(con: Connection, rows: pd.DataFrame) -> pd.DataFrame:
    """Give rows the ids by which the records that they refer to are known; what leads nowhere stays as it is."""
    import pandas as pd

    for column in REFERENCES.keys() & set(rows.columns):
        ids = led(con, LAYERS[REFERENCES[column]], rows[column].dropna().unique())
        led_to = [ids.get(name, name) if isinstance(name, str) else name for name in rows[column]]
        rows = rows.assign(**{column: pd.Series(led_to, index=rows.index, dtype=object)})
    return rows


def is_current(con: Connection, layer: Layer, id_: str) -> bool:
    """Tell whether the map shows a record."""
    return bool(con.execute(f"SELECT 1 FROM {layer.name} WHERE id = ? AND {CURRENT} LIMIT 1", [id_]).fetchone())


def last_seen(con: Connection, layer: Layer, id_: str) -> LastSeen | None:
    """Say when a record left the map; None if it is there, or never was."""
    row = con.execute(
        f"""
        SELECT r.source_id, r.snapshot_on, min(s.snapshot_on) FROM {layer.name} r
        JOIN sources s ON s.source_id = r.source_id AND s.snapshot_on > r.snapshot_on
        WHERE r.id = $id AND r.snapshot_on = (SELECT max(snapshot_on) FROM {layer.name} WHERE id = $id)
        GROUP BY ALL
        """,
        {"id": id_},
    ).fetchone()
    return None if row is None else LastSeen(id_, *row)


def codes(con: Connection, layer: Layer, source_id: str, snapshot_on: dt.date) -> pd.Series[str]:
    """Give the code of each record of a snapshot by its id."""
    query = f"SELECT id, code FROM {layer.name} WHERE source_id = ? AND snapshot_on = ? ORDER BY id"
    return con.execute(query, [source_id, snapshot_on]).df().set_index("id")["code"]


def _led(con: Connection, layer: Layer, id_: str, there: frozenset[str]) -> str | None:
    old, steady = identity.old(id_), identity.steady(id_)
    if steady in there:
        return steady
    if old is None or old.row_number is None:
        return None
    row = con.execute(
        f"SELECT id FROM {layer.name} WHERE source_id = ? AND snapshot_on = ? AND row_number = ?",
        [old.source_id, old.snapshot_on, old.row_number],
    ).fetchone()
    return str(row[0]) if row else None
