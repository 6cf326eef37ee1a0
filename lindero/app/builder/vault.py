"""Adding files to the vault: they are read like any other file and stored encrypted, with no copy elsewhere."""

import datetime as dt
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

from lindero.app.builder.add.plan import plan_source
from lindero.app.builder.rows.row_report import IngestedSource, serialize_fields
from lindero.layers.check.visibility import Gate
from lindero.layers.consent import tombstones
from lindero.layers.database import map_database, map_writer
from lindero.layers.database.definitions import PERSON_LAYERS
from lindero.layers.disk import builds
from lindero.layers.errors import N_, NotBuiltError, SourceError
from lindero.layers.model.schema import INCIDENTS, LAYERS
from lindero.layers.vault import contents, vault_file
from lindero.layers.vault.vault_file import Vault
from lindero.layers.workspace.manifest_file import Workspace, check_file_checksum, choose_id, list_parts
from lindero.layers.workspace.source_options import SourceOptions


def plan_for_vault(
    vault: Vault, file: str, options: SourceOptions, space: Workspace, *, today: dt.date
) -> IngestedSource:
    """Read a file as it would be added to the vault, without storing anything.

    Records of every visibility are accepted; withdrawn records are not.
    """
    with vault_file.open_vault(vault) as con:
        incidents = map_database.read_ids(con, INCIDENTS) | _read_map_incidents(space)
        source_ids = {stored.source_id for stored in map_database.read_sources(con)}
        gate = Gate(
            tombstones.merge_registers(contents.read_registers(con), tombstones.read_registers(space.folder)),
            into_vault=True,
        )
    options = replace(options, id=options.id or choose_id(Path(file).stem, source_ids))
    ingested = plan_source(file, options, space, today=today, incidents=incidents, gate=gate)
    if ingested.entry.layer not in PERSON_LAYERS:
        raise SourceError(
            N_("the vault only stores records about people ({layers}); add {layer} with `lindero add`"),
            layers=", ".join(sorted(PERSON_LAYERS)),
            layer=ingested.entry.layer,
        )
    return ingested


def store_in_vault(vault: Vault, ingested: IngestedSource, file: Path) -> None:
    """Store planned rows in the vault, together with the received file."""
    entry, content = ingested.entry, _read_content(file)
    check_file_checksum(file, entry)  # the file that was shown must be the file that is stored
    with vault_file.change_vault(vault) as con:
        if any(
            (stored.source_id, str(stored.snapshot_on)) == (entry.id, entry.snapshot_on)
            for stored in map_database.read_sources(con)
        ):
            raise SourceError(
                N_(
                    "the vault already has a snapshot of source {id} dated {date}; give another date with "
                    "--snapshot-on or another name with --id"
                ),
                id=entry.id,
                date=entry.snapshot_on,
            )
        for name, rows in ingested.tables.items():
            map_writer.write_layer(con, LAYERS[name], rows)
        map_writer.write_table(con, "sources", ingested.source.assign(fingerprint=vault_file.MARK))
        for name, rows in (
            ("rejects", ingested.rejects),
            ("repairs", ingested.repairs),
            ("findings", ingested.findings),
        ):
            map_writer.write_table(con, name, rows)
        contents.store_received_file(
            con,
            ingested.source,
            entry=json.dumps(entry.__dict__, default=dict, ensure_ascii=False),
            content=content,
            rows=serialize_fields(ingested.received),
        )
        map_writer.mark_current(con)
        repeated = map_writer.find_repeated_ids(con)
        if not repeated.empty:
            raise SourceError(
                N_("the vault already contains {id}; change the ids of the source"), id=repeated["id"].iloc[0]
            )


def _read_content(file: Path) -> bytes:
    """Return a received file as bytes. The files of a Shapefile are packed into a ZIP archive in memory."""
    files = list_parts(file)
    if len(files) == 1:
        return file.read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in files:
            archive.writestr(part.name, part.read_bytes())
    return packed.getvalue()


def _read_map_incidents(space: Workspace) -> frozenset[str]:
    try:
        con = map_database.connect(builds.current_map(space.build_folder))
    except NotBuiltError:
        return frozenset()
    with con:
        return map_database.read_ids(con, INCIDENTS)
