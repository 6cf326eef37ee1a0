"""What lies in an opened vault: files as received, records, tombstones; and how a record leaves it."""

import os
import stat
from pathlib import Path

import pandas as pd

from lindero.layers.consent.tombstones import Bloom, Register, Registers
from lindero.layers.database import map_database, map_writer
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import LAYERS

_OF_OTHERS = 0o077


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


def registers(con: Connection) -> Registers:
    """Read what was withdrawn; none of a vault of an earlier version."""
    if "registers" not in map_database.tables(con):
        return ()
    rows = con.execute("SELECT name, salt, hashes, secret FROM registers ORDER BY name").fetchall()
    return tuple(Register(name, salt, Bloom(bytes(hashes)), secret) for name, salt, hashes, secret in rows)


def keep_registers(con: Connection, withdrawn: Registers) -> None:
    """Write down what was withdrawn, in place of what stood there."""
    con.execute("DELETE FROM registers")
    con.execute("DELETE FROM tombstones")  # of format 1: they are in the registers
    for register in withdrawn:
        keep_register(con, register)


def keep_register(con: Connection, register: Register) -> None:
    """Begin a register."""
    row = [register.name, register.salt, register.secret, register.hashes.content]
    con.execute("INSERT INTO registers (name, salt, secret, hashes) VALUES (?, ?, ?, ?)", row)


def old_tombstones(con: Connection) -> frozenset[str]:
    """Hashes of what was withdrawn from a vault of format 1, made with the salt of its workspace."""
    return frozenset(row[0] for row in con.execute("SELECT hash FROM tombstones").fetchall())


def every_incident(con: Connection) -> pd.DataFrame:
    """Read what tells one incident from another, of every snapshot, and `fields` (JSON, as received)."""
    return con.execute("""
        SELECT id, source_id, snapshot_on::VARCHAR AS snapshot_on, row_number, occurred_on,
            place_text, region, title, visibility, fields
        FROM incidents LEFT JOIN received_rows USING (source_id, snapshot_on, row_number) ORDER BY ALL
    """).df()


def other_rows(con: Connection) -> pd.DataFrame:
    """Read the received rows that no incident was made of: `source_id`, `snapshot_on`, `row_number`, `fields`."""
    return con.execute("""
        SELECT source_id, snapshot_on::VARCHAR AS snapshot_on, row_number, fields FROM received_rows
        ANTI JOIN incidents USING (source_id, snapshot_on, row_number) ORDER BY ALL
    """).df()


def forget_row(con: Connection, source_id: str, snapshot_on: str, row_number: int) -> None:
    """Take a received row out that no incident was made of, and the file that holds it."""
    con.execute(
        "DELETE FROM received_rows WHERE (source_id, snapshot_on, row_number) = (?, ?::DATE, ?)",
        [source_id, snapshot_on, row_number],
    )
    con.execute(
        "UPDATE received SET content = NULL WHERE (source_id, snapshot_on) = (?, ?::DATE)", [source_id, snapshot_on]
    )


def files(con: Connection) -> int:
    """Count the received files that are kept whole."""
    row = con.execute("SELECT count(content) FROM received").fetchone()
    return int(row[0]) if row else 0


def forget(con: Connection, incident_id: str) -> None:
    """Take an incident out, in every snapshot, with all that belongs to it, and the received files that hold any."""
    parameters = {"id": incident_id}
    con.execute(
        f"UPDATE received SET content = NULL WHERE (source_id, snapshot_on) IN "
        f"(SELECT (source_id, snapshot_on) FROM ({_rows_of()}))",
        parameters,
    )
    for table in ("received_rows", "rejects", "repairs", "findings"):
        con.execute(
            f'DELETE FROM "{table}" WHERE (source_id, snapshot_on, row_number) IN (FROM ({_rows_of()}))', parameters
        )
    for layer in LAYERS.values():
        if layer.of_incidents:
            con.execute(f'DELETE FROM "{layer.name}" WHERE incident_id = $id', parameters)
    con.execute("DELETE FROM incidents WHERE id = $id", parameters)
    recount(con)


def recount(con: Connection) -> None:
    """Bring the account of the sources up to what is there."""
    con.execute(f"""
        UPDATE sources SET rows_kept = coalesce((
            SELECT kept FROM ({map_writer.KEPT_SQL}) k
            WHERE (k.layer, k.source_id, k.snapshot_on) = (sources.layer, sources.source_id, sources.snapshot_on)
        ), 0)
    """)
    con.execute("UPDATE sources SET rows_read = rows_kept + rows_rejected")
    map_writer.mark_current(con)


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


# Who else on this machine may read or change the vault's files.


def open_to_others(folder: Path) -> list[Path]:
    """Name the vault's folder and files that other users may read or change; Windows is not asked."""
    if os.name == "nt":
        return []
    paths = [folder, *sorted(path for path in folder.iterdir() if path.suffix == ".duckdb")]
    return [path for path in paths if stat.S_IMODE(path.lstat().st_mode) & _OF_OTHERS]
