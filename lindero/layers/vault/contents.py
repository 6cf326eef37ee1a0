"""The contents of an open vault: received files, records and withdrawals; and the deletion of records."""

import os
import stat
from pathlib import Path

import pandas as pd

from lindero.layers.consent.tombstones import BloomFilter, Register, Registers
from lindero.layers.database import map_database, map_writer
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import LAYERS

_GROUP_AND_OTHERS = 0o077


def store_received_file(
    con: Connection, source: pd.DataFrame, *, entry: str, content: bytes, rows: pd.DataFrame
) -> None:
    """Store a file as received, and its rows.

    `source`: the source's own row, as in `sources`. `rows`: `row_number` and `fields` (JSON) of every row as it was
    read.
    """
    source_row = source.iloc[0]
    con.execute(
        "INSERT INTO received VALUES (?, ?, ?, ?, ?, ?)",
        [
            source_row["source_id"],
            source_row["snapshot_on"],
            source_row["file_name"],
            source_row["sha256"],
            entry,
            content,
        ],
    )
    keys = {"source_id": source_row["source_id"], "snapshot_on": source_row["snapshot_on"]}
    map_writer.write_table(con, "received_rows", rows.assign(**keys))


def read_registers(con: Connection) -> Registers:
    """Read the registers of withdrawn records.

    `con`: A connection to an open vault, from `open_vault` or `change_vault`.
    """
    if "registers" not in map_database.list_tables(con):
        return ()
    rows = con.execute("SELECT name, salt, hashes, secret FROM registers ORDER BY name").fetchall()
    return tuple(Register(name, salt, BloomFilter(bytes(hashes)), secret) for name, salt, hashes, secret in rows)


def store_registers(con: Connection, new_registers: Registers) -> None:
    """Replace the stored registers of withdrawn records. Old withdrawal hashes (format 1) are deleted.

    `con`: A connection to a vault that is being changed, from `change_vault`.
    """
    con.execute("DELETE FROM registers")
    con.execute("DELETE FROM tombstones")  # of format 1; their content is in the registers
    for register in new_registers:
        store_register(con, register)


def store_register(con: Connection, register: Register) -> None:
    """Store a new register."""
    row = [register.name, register.salt, register.secret, register.hashes.content]
    con.execute("INSERT INTO registers (name, salt, secret, hashes) VALUES (?, ?, ?, ?)", row)


def read_old_tombstones(con: Connection) -> frozenset[str]:
    """Read the withdrawal hashes of a vault of format 1, made with the salt of its workspace.

    `con`: A connection to an open vault, from `open_vault` or `change_vault`.
    """
    return frozenset(row[0] for row in con.execute("SELECT hash FROM tombstones").fetchall())


def read_all_incidents(con: Connection) -> pd.DataFrame:
    """Read the identifying columns of the incidents of every snapshot, not only the current one.

    `con`: A connection to an open vault, from `open_vault` or `change_vault`. Returns: one row per incident and
    snapshot: `id`, `source_id`, `snapshot_on` (text), `row_number`, `occurred_on`, `place_text`, `region`, `title`,
    `visibility`, `fields` (JSON, as received; missing if it is not stored).
    """
    return con.execute("""
        SELECT id, source_id, snapshot_on::VARCHAR AS snapshot_on, row_number, occurred_on,
            place_text, region, title, visibility, fields
        FROM incidents LEFT JOIN received_rows USING (source_id, snapshot_on, row_number) ORDER BY ALL
    """).df()


def read_other_rows(con: Connection) -> pd.DataFrame:
    """Read the received rows that became no incident.

    `con`: A connection to an open vault, from `open_vault` or `change_vault`. Returns: `source_id`, `snapshot_on`
    (text), `row_number`, `fields` (JSON, as received). Rows of acts and victims are among them.
    """
    return con.execute("""
        SELECT source_id, snapshot_on::VARCHAR AS snapshot_on, row_number, fields FROM received_rows
        ANTI JOIN incidents USING (source_id, snapshot_on, row_number) ORDER BY ALL
    """).df()


def delete_row(con: Connection, source_id: str, snapshot_on: str, row_number: int) -> None:
    """Delete a received row that became no incident, and the file that contains it.

    `con`: A connection to a vault that is being changed, from `change_vault`. `source_id`, `snapshot_on`, `row_number`:
    the row, as `read_other_rows` returns it. `snapshot_on` is a date in ISO 8601.
    """
    con.execute(
        "DELETE FROM received_rows WHERE (source_id, snapshot_on, row_number) = (?, ?::DATE, ?)",
        [source_id, snapshot_on, row_number],
    )
    con.execute(
        "UPDATE received SET content = NULL WHERE (source_id, snapshot_on) = (?, ?::DATE)", [source_id, snapshot_on]
    )


def count_files(con: Connection) -> int:
    """Count the received files that are stored completely.

    `con`: A connection to an open vault, from `open_vault` or `change_vault`.
    """
    row = con.execute("SELECT count(content) FROM received").fetchone()
    return int(row[0]) if row else 0


def delete_incident(con: Connection, incident_id: str) -> None:
    """Delete an incident from every snapshot, with its related rows and the received files that contain any of it.

    The row counts of the sources are updated. With an unknown id no row is deleted.

    `con`: A connection to a vault that is being changed, from `change_vault`. `incident_id`: the `id` of the incident.
    """
    parameters = {"id": incident_id}
    con.execute(
        f"UPDATE received SET content = NULL WHERE (source_id, snapshot_on) IN "
        f"(SELECT (source_id, snapshot_on) FROM ({_incident_rows_sql()}))",
        parameters,
    )
    for table in ("received_rows", "rejects", "repairs", "findings"):
        con.execute(
            f'DELETE FROM "{table}" WHERE (source_id, snapshot_on, row_number) IN (FROM ({_incident_rows_sql()}))',
            parameters,
        )
    for layer in LAYERS.values():
        if layer.has_incident_id:
            con.execute(f'DELETE FROM "{layer.name}" WHERE incident_id = $id', parameters)
    con.execute("DELETE FROM incidents WHERE id = $id", parameters)
    update_counts(con)


def update_counts(con: Connection) -> None:
    """Update the row counts of the sources to the rows that exist."""
    con.execute(f"""
        UPDATE sources SET rows_kept = coalesce((
            SELECT kept FROM ({map_writer.KEPT_SQL}) k
            WHERE (k.layer, k.source_id, k.snapshot_on) = (sources.layer, sources.source_id, sources.snapshot_on)
        ), 0)
    """)
    con.execute("UPDATE sources SET rows_read = rows_kept + rows_rejected")
    map_writer.mark_current(con)


def count_by_snapshot(con: Connection) -> pd.DataFrame:
    """Count the rows in the vault by snapshot, layer and visibility.

    `con`: A connection to an open vault, from `open_vault` or `change_vault`. Returns: `source_id`, `snapshot_on`,
    `layer`, `visibility` (missing for layers without it), `rows` (a count), `has_file` (whether the received file is
    stored).
    """
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


def read_incidents(con: Connection) -> pd.DataFrame:
    """Read the incidents in the vault by id.

    `con`: A connection to an open vault, from `open_vault` or `change_vault`. Returns: one row per incident and
    snapshot: `id`, `visibility`, `occurred_on`, `region`, `place_text`.
    """
    return con.execute("SELECT id, visibility, occurred_on, region, place_text FROM incidents ORDER BY id").df()


def _incident_rows_sql() -> str:
    """Return SQL of the received rows of an incident and of its acts, victims and other related rows."""
    queries = ["SELECT source_id, snapshot_on, row_number FROM incidents WHERE id = $id"]
    queries += [
        f"SELECT source_id, snapshot_on, row_number FROM {layer.name} WHERE incident_id = $id"
        for layer in LAYERS.values()
        if layer.has_incident_id
    ]
    return " UNION ".join(queries)


# The files of the vault that other users of this machine may read or change.


def find_exposed_files(folder: Path) -> list[Path]:
    """List the vault's folder and database files that other users can read or change."""
    if os.name == "nt":
        return []
    paths = [folder, *sorted(path for path in folder.iterdir() if path.suffix == ".duckdb")]
    return [path for path in paths if stat.S_IMODE(path.lstat().st_mode) & _GROUP_AND_OTHERS]
