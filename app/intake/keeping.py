"""What goes into the vault, and what is taken out of it: read as any file, kept encrypted, nothing left beside it."""

import datetime as dt
import io
import json
import zipfile
from pathlib import Path

import pandas as pd
import shapely

from app.intake.account import Ingested
from app.intake.adding import Wishes, planned
from layers import artefact, making, store, tombstones, vault, vaulted
from layers.definitions import OF_PERSONS
from layers.errors import N_, NotBuiltError, SourceError, VaultError
from layers.gate import Gate
from layers.schema import INCIDENTS, LAYERS
from layers.store import Connection
from layers.tombstones import Tombstones
from layers.vault import Vault
from layers.workspace import Workspace, hold_unchanged, parts


def planned_for(held: Vault, file: str, wishes: Wishes, space: Workspace, *, today: dt.date) -> Ingested:
    """
    Read a file as the vault would, without keeping anything; every visibility passes, what was withdrawn does not.

    Raises
    ------
    SourceError
        If it cannot be read, would have to be unpacked onto the disk, or holds nothing about people.
    VaultError
        If the vault cannot be opened.
    """
    with vault.opened(held) as con:
        known = store.ids(con, INCIDENTS) | _on_the_map(space)
        gate = Gate((tombstones.read(space.folder), _tombstones(con, space)), into_vault=True)
    taken = planned(file, wishes, space, today=today, incidents=known, gate=gate)
    if taken.entry.layer not in OF_PERSONS:
        raise SourceError(
            N_("the vault is for records of people ({layers}); {layer} goes with `lindero add`"),
            layers=", ".join(sorted(OF_PERSONS)),
            layer=taken.entry.layer,
        )
    return taken


def keep(held: Vault, taken: Ingested, file: Path) -> None:
    """
    Put what was planned into the vault, with the file as it was received.

    Raises
    ------
    SourceError
        If the file was changed since it was planned, if the vault has this snapshot of the source already, or an
        incident of the same id.
    VaultError
        If the vault cannot be opened.
    """
    entry, content = taken.entry, _content(file)
    hold_unchanged(file, entry)  # what was shown is what is kept
    with vault.changed(held) as con:
        if any(
            (one.source_id, str(one.snapshot_on)) == (entry.id, entry.snapshot_on) for one in store.read_sources(con)
        ):
            raise SourceError(
                N_("the vault has a snapshot of {date} of source {id}; name another with --snapshot-on or --id"),
                id=entry.id,
                date=entry.snapshot_on,
            )
        for name, rows in taken.tables.items():
            making.write_layer(con, LAYERS[name], rows)
        making.write_table(con, "sources", taken.source.assign(fingerprint=vault.MARK))
        for name, rows in (("rejects", taken.rejects), ("repairs", taken.repairs), ("findings", taken.findings)):
            making.write_table(con, name, rows)
        vaulted.keep_received(
            con,
            taken.source,
            entry=json.dumps(entry.__dict__, default=dict, ensure_ascii=False),
            content=content,
            rows=received_rows(taken),
        )
        making.mark_current(con)
        repeated = making.repeated_ids(con)
        if not repeated.empty:
            raise SourceError(N_("the vault holds {id} already: give the source other ids"), id=repeated["id"].iloc[0])


def received_rows(taken: Ingested) -> pd.DataFrame:
    """Give every field of every row as it was read: `row_number`, `fields` (JSON)."""
    received = taken.received
    kept = {number: row.dropna().to_dict() for number, row in received.rows.iterrows()}
    if received.geometry is not None:
        for number, shape in received.geometry.items():
            if shape is not None:
                kept[number]["geometry"] = shapely.to_wkt(shape, rounding_precision=-1)
    unread = dict(zip(received.rejects["row"], received.rejects["received"], strict=True))
    told = kept | {number: {"received": text} for number, text in unread.items()}
    return pd.DataFrame(
        {
            "row_number": list(told),
            "fields": [json.dumps(row, ensure_ascii=False, default=str) for row in told.values()],
        }
    )


def withdraw(space: Workspace, held: Vault | None, incident_id: str, *, today: dt.date) -> tuple[int, list[str]]:
    """
    Take an incident out of the vault, and keep it out of everything from here on.

    Returns
    -------
    tuple
        How many received files the vault gave up for it, and the files of the workspace that still hold it.

    Raises
    ------
    VaultError
        If neither the map nor the vault holds such an incident.
    """
    on_the_map = _files_with(space, incident_id)
    files = 0
    in_vault = False
    if held is not None:
        with vault.opened(held) as con:
            in_vault = incident_id in store.ids(con, INCIDENTS)
    if not in_vault and not on_the_map and incident_id not in _on_the_map(space):
        raise VaultError(N_("neither the map nor the vault holds an incident {id}"), id=incident_id)
    tombstones.add(space.folder, incident_id, today)
    if held is not None and in_vault:
        with vault.changed(held) as con:
            row = store.read_layer(con, INCIDENTS, where={"id": incident_id}, every_snapshot=True).iloc[0]
            tombs = _tombstones(con, space)
            hashes = [tombs.of_id(incident_id), tombs.of_content(row)]
            vaulted.keep_tombstone(con, [one for one in hashes if one is not None], today)
            files = vaulted.forget(con, incident_id)
    return files, on_the_map


def _content(file: Path) -> bytes:
    """Give a received file as bytes; the files of a Shapefile as an archive, made in memory."""
    files = parts(file)
    if len(files) == 1:
        return file.read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in files:
            archive.writestr(part.name, part.read_bytes())
    return packed.getvalue()


def _tombstones(con: Connection, space: Workspace) -> Tombstones:
    return Tombstones(tombstones.salt_of(space.folder), vaulted.tombstones(con))


def _on_the_map(space: Workspace) -> frozenset[str]:
    try:
        con = store.connect(artefact.current_map(space.build_folder))
    except NotBuiltError:
        return frozenset()
    with con:
        return store.ids(con, INCIDENTS)


def _files_with(space: Workspace, incident_id: str) -> list[str]:
    """Name the received files of the workspace that an incident on the map came from."""
    try:
        con = store.connect(artefact.current_map(space.build_folder))
    except NotBuiltError:
        return []
    with con:
        rows = store.read_layer(con, INCIDENTS, where={"id": incident_id}, every_snapshot=True)
    keys = set(zip(rows["source_id"], rows["snapshot_on"].astype(str).str[:10], strict=True))
    return [entry.file for entry in space.sources if (entry.id, entry.snapshot_on) in keys]
