"""What lies in an opened vault (`layers.vault`): files as received, records, tombstones; and how a record leaves it."""

import datetime as dt

import pandas as pd

from layers import making
from layers.schema import LAYERS
from layers.store import Connection


def keep_received(con: Connection, source: pd.DataFrame, *, entry: str, content: bytes, rows: pd.DataFrame) -> None:
    """
    Keep a file as it was received, and its rows.

    Parameters
    ----------
    source
        The source's own row, as in `sources`.
    entry
        How the file was read, as JSON.
    content
        The file.
    rows
        `row_number` and `fields` (JSON) of every row as it was read.
    """
    told = source.iloc[0]
    con.execute(
        "INSERT INTO received VALUES (?, ?, ?, ?, ?, ?)",
        [told["source_id"], told["snapshot_on"], told["file_name"], told["sha256"], entry, content],
    )
    keys = {"source_id": told["source_id"], "snapshot_on": told["snapshot_on"]}
    making.write_table(con, "received_rows", rows.assign(**keys))


def keep_tombstone(con: Connection, hashes: list[str], today: dt.date) -> None:
    """Write down what must not come back."""
    con.executemany("INSERT INTO tombstones VALUES (?, ?)", [[one, today] for one in hashes])


def tombstones(con: Connection) -> frozenset[str]:
    """Hashes of what must not come back."""
    return frozenset(row[0] for row in con.execute("SELECT hash FROM tombstones").fetchall())


def forget(con: Connection, incident_id: str) -> int:
    """
    Take an incident out with all that belongs to it, and the received files that hold any of it.

    Returns how many files were taken out; their other rows stay.
    """
    files = con.execute(
        "SELECT DISTINCT source_id, snapshot_on FROM (" + _rows_of() + ")", {"id": incident_id}
    ).fetchall()
    for table in ("received_rows", "rejects", "repairs", "findings"):
        con.execute(
            f'DELETE FROM "{table}" WHERE (source_id, snapshot_on, row_number) IN (FROM ({_rows_of()}))',
            {"id": incident_id},
        )
    gone = con.execute(
        f"SELECT count(*) FROM received WHERE content IS NOT NULL AND (source_id, snapshot_on) IN "
        f"(SELECT (source_id, snapshot_on) FROM ({_rows_of()}))",
        {"id": incident_id},
    ).fetchone()
    for source_id, snapshot_on in files:
        con.execute(
            "UPDATE received SET content = NULL WHERE source_id = ? AND snapshot_on = ?", [source_id, snapshot_on]
        )
    for layer in LAYERS.values():
        if layer.of_incidents:
            con.execute(f'DELETE FROM "{layer.name}" WHERE incident_id = $id', {"id": incident_id})
    con.execute("DELETE FROM incidents WHERE id = $id", {"id": incident_id})
    recount(con)
    return int(gone[0]) if gone else 0


def recount(con: Connection) -> None:
    """Bring the account of the sources up to what is there."""
    counts = " UNION ALL ".join(
        f"SELECT '{name}' AS layer, source_id, snapshot_on, count(*) AS kept FROM {name} GROUP BY ALL"
        for name in LAYERS
    )
    con.execute(f"""
        UPDATE sources SET rows_kept = coalesce((
            SELECT kept FROM ({counts}) k
            WHERE (k.layer, k.source_id, k.snapshot_on) = (sources.layer, sources.source_id, sources.snapshot_on)
        ), 0)
    """)
    con.execute("UPDATE sources SET rows_read = rows_kept + rows_rejected")
    making.mark_current(con)


def summary(con: Connection) -> pd.DataFrame:
    """Count what is in the vault: `source_id`, `snapshot_on`, `layer`, `visibility`, `rows`, `has_file`."""
    parts = " UNION ALL ".join(
        f"SELECT source_id, snapshot_on, '{layer.name}' AS layer, "
        f"{'visibility' if 'visibility' in layer.names else 'NULL'} AS visibility, count(*) AS rows "
        f"FROM {layer.name} GROUP BY ALL"
        for layer in LAYERS.values()
    )
    return con.execute(f"""
        SELECT p.*, coalesce(r.content IS NOT NULL, false) AS has_file
        FROM ({parts}) p LEFT JOIN received r USING (source_id, snapshot_on) ORDER BY ALL
    """).df()


def incidents(con: Connection) -> pd.DataFrame:
    """List the incidents in the vault: `id`, `visibility`, `occurred_on`, `region`, `place_text`, by id."""
    return con.execute("SELECT id, visibility, occurred_on, region, place_text FROM incidents ORDER BY id").df()


def _rows_of() -> str:
    """Give the received rows that tell of an incident, its acts and victims, as SQL."""
    own = ["SELECT source_id, snapshot_on, row_number FROM incidents WHERE id = $id"]
    own += [
        f"SELECT source_id, snapshot_on, row_number FROM {layer.name} WHERE incident_id = $id"
        for layer in LAYERS.values()
        if layer.of_incidents
    ]
    return " UNION ".join(own)
