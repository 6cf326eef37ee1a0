"""What goes into the vault: read as any file, kept encrypted, nothing left beside it."""

import datetime as dt
import io
import json
import zipfile
from pathlib import Path

from lindero.app.pipeline.add.plan import planned
from lindero.app.pipeline.rows.row_report import Ingested, fields_received
from lindero.layers.check.visibility import Gate
from lindero.layers.consent import tombstones
from lindero.layers.database import map_database, map_writer
from lindero.layers.database.definitions import OF_PERSONS
from lindero.layers.disk import builds
from lindero.layers.errors import N_, NotBuiltError, SourceError
from lindero.layers.model.schema import INCIDENTS, LAYERS
from lindero.layers.vault import contents, vault_file
from lindero.layers.vault.vault_file import Vault
from lindero.layers.workspace.manifest_file import Workspace, hold_unchanged, parts
from lindero.layers.workspace.source_options import SourceOptions


def planned_for(vault: Vault, file: str, options: SourceOptions, space: Workspace, *, today: dt.date) -> Ingested:
    """
    Read a file as the vault would, without keeping anything; every visibility passes, what was withdrawn does not.

    Raises
    ------
    SourceError
        If it cannot be read, would have to be unpacked onto the disk, or holds nothing about people.
    VaultError
        If the vault cannot be opened.
    """
    with vault_file.opened(vault) as con:
        incidents = map_database.ids(con, INCIDENTS) | _on_the_map(space)
        gate = Gate(tombstones.merged(contents.registers(con), tombstones.read(space.folder)), into_vault=True)
    taken = planned(file, options, space, today=today, incidents=incidents, gate=gate)
    if taken.entry.layer not in OF_PERSONS:
        raise SourceError(
            N_("the vault is for records of people ({layers}); {layer} goes with `lindero add`"),
            layers=", ".join(sorted(OF_PERSONS)),
            layer=taken.entry.layer,
        )
    return taken


def keep(vault: Vault, taken: Ingested, file: Path) -> None:
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
    with vault_file.changed(vault) as con:
        if any(
            (one.source_id, str(one.snapshot_on)) == (entry.id, entry.snapshot_on)
            for one in map_database.read_sources(con)
        ):
            raise SourceError(
                N_("the vault has a snapshot of {date} of source {id}; name another with --snapshot-on or --id"),
                id=entry.id,
                date=entry.snapshot_on,
            )
        for name, rows in taken.tables.items():
            map_writer.write_layer(con, LAYERS[name], rows)
        map_writer.write_table(con, "sources", taken.source.assign(fingerprint=vault_file.MARK))
        for name, rows in (("rejects", taken.rejects), ("repairs", taken.repairs), ("findings", taken.findings)):
            map_writer.write_table(con, name, rows)
        contents.keep_received(
            con,
            taken.source,
            entry=json.dumps(entry.__dict__, default=dict, ensure_ascii=False),
            content=content,
            rows=fields_received(taken.received),
        )
        map_writer.mark_current(con)
        repeated = map_writer.repeated_ids(con)
        if not repeated.empty:
            raise SourceError(N_("the vault holds {id} already: give the source other ids"), id=repeated["id"].iloc[0])


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


def _on_the_map(space: Workspace) -> frozenset[str]:
    try:
        con = map_database.connect(builds.current_map(space.build_folder))
    except NotBuiltError:
        return frozenset()
    with con:
        return map_database.ids(con, INCIDENTS)
