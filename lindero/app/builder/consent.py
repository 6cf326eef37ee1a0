"""Withdrawal of consent: find a record, remove it from the vault, and keep it out of later builds and publications."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from lindero.app.builder.rows.ingest import ingest, read_source
from lindero.app.builder.rows.row_location import Land
from lindero.app.builder.rows.row_report import IngestedSource, serialize_fields
from lindero.layers.check.visibility import Gate, WithdrawalDecision
from lindero.layers.consent import tombstones, withdrawal
from lindero.layers.consent.tombstones import Registers
from lindero.layers.consent.withdrawal import LIKE, SURE, Signs
from lindero.layers.database import map_database
from lindero.layers.database.definitions import PERSON_LAYERS, PUBLIC_RECORD
from lindero.layers.database.map_database import Connection
from lindero.layers.disk import builds
from lindero.layers.errors import N_, ConsentError, PublishError, VaultError
from lindero.layers.model import identity
from lindero.layers.model.schema import INCIDENTS, LAYERS
from lindero.layers.reference import base_data
from lindero.layers.vault import contents, vault_file
from lindero.layers.vault.vault_file import Vault
from lindero.layers.workspace.manifest_file import Workspace

_VAULT, _FILES = "vault", "files"
_COLUMNS = (
    *("id", "source_id", "snapshot_on", "row_number", "occurred_on", "place_text", "region", "title", "visibility"),
    *(withdrawal.WHOLE, "where", "file"),
)
_SNAPSHOT = ["where", "source_id", "snapshot_on"]
_MAX_NAMED = 10  # records named in one sentence


@dataclass(frozen=True)
class Withdrawal:
    """The result of a withdrawal.

    `records` names the records that were removed or are kept out, as source, date and row. `files_given_up` is the
    number of received files that the vault deleted. `remaining_files` lists the files of the workspace that contain the
    record as received.
    """

    is_new: bool
    records: tuple[str, ...] = ()
    files_given_up: int = 0
    remaining_files: tuple[str, ...] = ()


@dataclass(frozen=True)
class VaultUpdate:
    """The result of synchronizing a vault with its workspace.

    `removed` is the number of records removed from the vault. `similar_ids` lists the ids of similar records that need
    a decision.
    """

    removed: int = 0
    similar_ids: tuple[str, ...] = field(default=())


def withdraw(
    space: Workspace,
    vault: Vault | None,
    incident_id: str,
    *,
    also: Iterable[str] = (),
    another: Iterable[str] = (),
) -> Withdrawal:
    """Remove an incident from the vault and record the withdrawal, which keeps the incident out from now on.

    `also` are ids of records about the same person's case. `another` are ids of similar records about another person.
    """
    withdrawn = _read_registers(space, vault)
    records = _read_records(space, vault)
    chosen = _select_records(records, [incident_id, *also])
    was_withdrawn = withdrawal.was_withdrawn(incident_id, withdrawal.build_lookup(withdrawn))
    if chosen.empty and not was_withdrawn:
        raise VaultError(N_("neither the map nor the vault contains an incident with the id {id}"), id=incident_id)
    other_people = _select_records(records, another)
    matches = _find_matches(records, chosen)
    _require_decisions(matches[~matches["id"].isin(other_people["id"])], withdrawn)
    removed = matches[matches["verdict"] == SURE]
    other_signs = [withdrawal.build_signs(row) for row in _to_dicts(other_people)]
    registers = _add_rows(withdrawn, _to_dicts(removed), other_signs, named=incident_id)
    is_new = bool((removed["where"] == _VAULT).any()) or not was_withdrawn
    if is_new:
        tombstones.write_registers(space.folder, registers)
    files_given_up = _remove_from_vault(vault, registers, removed) if vault is not None else 0
    return Withdrawal(is_new, _record_labels(removed), files_given_up, _find_remaining_files(space, removed))


def sync_withdrawals(space: Workspace, vault: Vault) -> VaultUpdate:
    """Synchronize the withdrawals of a vault and its workspace, and remove withdrawn records from the vault.

    A vault that was restored from a backup loses its withdrawn records again in this way.
    """
    workspace_registers = tombstones.read_registers(space.folder)
    with vault_file.open_vault(vault) as con:
        vault_registers, old = contents.read_registers(con), contents.read_old_tombstones(con)
        registers = tombstones.merge_registers(vault_registers, workspace_registers)
        if not any(register.secret for register in vault_registers):
            registers = tombstones.merge_registers(registers, (tombstones.create_register(secret=True),))
        if registers == vault_registers and not old:
            _update_workspace(space, registers)
            return VaultUpdate()
        registers = tombstones.insert_hashes(registers, old)
        rows = _read_vault_records(con)
    checked = rows.assign(verdict=_compute_verdicts(rows, withdrawal.build_lookup(registers)))
    removed = checked[checked["verdict"] == SURE]
    _remove_from_vault(vault, registers, removed)
    _update_workspace(space, registers)
    return VaultUpdate(len(removed), tuple(checked.loc[checked["verdict"] == LIKE, "id"]))


def mark_as_other_person(space: Workspace, vault: Vault | None, record_ids: Iterable[str]) -> None:
    """Store that records similar to a withdrawn record are about another person."""
    ids = tuple(record_ids)
    rows = _select_records(_read_records(space, vault), ids)
    if rows.empty:
        raise VaultError(
            N_("neither the map nor the vault contains an incident with the id {id}"), id=", ".join(ids) or "–"
        )
    signs = [withdrawal.build_signs(row) for row in _to_dicts(rows)]
    store_decisions(
        space, vault, tuple(WithdrawalDecision(record_signs, is_same=False, is_public=False) for record_signs in signs)
    )


def store_decisions(space: Workspace, vault: Vault | None, answers: tuple[WithdrawalDecision, ...]) -> None:
    """Store decisions about records similar to withdrawn ones, in the workspace and in its vault."""
    if not answers:
        return
    registers = _read_registers(space, vault)
    for answer in answers:
        signs = answer.signs
        clear_signs = (
            withdrawal.select_clear_signs(signs, public=answer.is_public)
            if answer.is_same
            else [withdrawal.decision_sign(signs)]
        )
        registers = tombstones.insert_signs(registers, clear_signs, signs.items() if answer.is_same else ())
    tombstones.write_registers(space.folder, registers)
    if vault is not None:
        with vault_file.change_vault(vault) as con:
            contents.store_registers(con, registers)


def check_no_withdrawn(space: Workspace) -> None:
    """Check that a workspace's map contains no withdrawn record. The map may be older than a withdrawal."""
    with map_database.connect(builds.current_map(space.build_folder)) as con:
        rows = pd.DataFrame(map_database.read_layer(con, INCIDENTS, every_snapshot=True))
    is_withdrawn = withdrawal.build_lookup(tombstones.read_registers(space.folder))
    count = int((_compute_verdicts(rows.assign(where=_FILES), is_withdrawn) == SURE).sum())
    if count:
        raise PublishError(N_("withdrawn records are still on the map ({count}); run `lindero build`"), count=count)


def _read_registers(space: Workspace, vault: Vault | None) -> Registers:
    """Read the registers of withdrawals of the workspace and its vault, merged."""
    workspace_registers = tombstones.read_registers(space.folder)
    if vault is None:
        return workspace_registers
    with vault_file.open_vault(vault) as con:
        return tombstones.merge_registers(contents.read_registers(con), workspace_registers)


def _update_workspace(space: Workspace, registers: Registers) -> None:
    workspace_registers = tombstones.read_registers(space.folder)
    updated = tombstones.remove_secret_salts(tombstones.merge_registers(workspace_registers, registers))
    if updated != workspace_registers:
        tombstones.write_registers(space.folder, updated)


def _read_records(space: Workspace, vault: Vault | None) -> pd.DataFrame:
    """Read every incident in the received files of the workspace and in all snapshots in the vault."""
    frames = [pd.DataFrame(columns=list(_COLUMNS))]
    for entry, ingested in _iter_ingested_sources(space, INCIDENTS.name):
        normalised = serialize_fields(ingested.received).set_index("row_number")["fields"].map(withdrawal.normalise_row)
        rows = pd.DataFrame(ingested.tables[INCIDENTS.name])
        rows = rows.assign(where=_FILES, file=entry.file, snapshot_on=entry.snapshot_on)
        rows[withdrawal.WHOLE] = normalised.reindex(rows.index)
        frames.append(rows.reindex(columns=list(_COLUMNS)))
    if vault is not None:
        with vault_file.open_vault(vault) as con:
            frames.append(_read_vault_records(con))
    nonempty = [frame.astype(object) for frame in frames if len(frame)]
    return pd.concat(nonempty, ignore_index=True) if nonempty else frames[0]


def _read_vault_records(con: Connection) -> pd.DataFrame:
    rows = contents.read_all_incidents(con)
    normalised = rows["fields"].map(lambda fields: withdrawal.normalise_row(fields) if isinstance(fields, str) else "")
    rows = rows.assign(where=_VAULT, file=None)
    rows[withdrawal.WHOLE] = normalised
    return rows[list(_COLUMNS)]


def _iter_ingested_sources(space: Workspace, *layers: str) -> Iterable[tuple[Any, IngestedSource]]:
    land = Land(base_data.load_countries(), space.country)
    for entry in space.sources:
        if entry.layer in layers:
            received = read_source(entry, space.folder / entry.file)
            yield entry, ingest(entry, received, land, gate=Gate(into_vault=True))


def _select_records(records: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """Return the records with the given ids.

    An id may also be in the old format. SOURCE/DATE/ROW names a record that a build withheld.
    """
    requested = set(names)
    row_labels = (
        records["source_id"] + "/" + records["snapshot_on"].astype(str) + "/" + records["row_number"].astype(str)
    )
    undated_ids = {identity.remove_date(name) for name in requested}
    return records[
        records["id"].isin(requested)
        | records["id"].map(identity.remove_date).isin(undated_ids)
        | row_labels.isin(requested)
    ]


def _find_matches(records: pd.DataFrame, chosen: pd.DataFrame) -> pd.DataFrame:
    """Return the records that match the chosen ones surely or possibly, with a `verdict`.

    The search is repeated with each sure match, until no further record is found.
    """
    verdict = pd.Series("", index=records.index, dtype=object)
    verdict[chosen.index] = SURE
    while True:
        sure = verdict == SURE
        signs = {sign for row in _to_dicts(records[sure]) for sign in withdrawal.build_signs(row).items()}
        verdicts = _compute_verdicts(records, lambda kind, text: (kind, text) in signs)  # noqa: B023  asked before the next round
        verdict = verdicts.mask(sure, SURE)
        if (verdict == SURE).equals(sure):
            return records[verdict != ""].assign(verdict=verdict[verdict != ""])


def _compute_verdicts(records: pd.DataFrame, is_withdrawn: withdrawal.IsWithdrawn) -> pd.Series:
    parts = [withdrawal.compute_verdicts(rows, is_withdrawn) for _, rows in records.groupby(_SNAPSHOT, sort=False)]
    return pd.concat(parts).reindex(records.index) if parts else pd.Series(dtype=object)


def _require_decisions(matches: pd.DataFrame, registers: Registers) -> None:
    is_decided = withdrawal.build_lookup(registers)
    like = matches[matches["verdict"] == LIKE]
    undecided = (
        like[[not is_decided(*withdrawal.decision_sign(withdrawal.build_signs(row))) for row in _to_dicts(like)]]
        if len(like)
        else like
    )
    if len(undecided):
        raise ConsentError(
            N_(
                "these records resemble it, but may be about other people: {ids}. For each one, give "
                "--also ID (withdraw it too) or --another ID (keep it)"
            ),
            ids=", ".join(dict.fromkeys(undecided["id"].head(_MAX_NAMED)))
            + (" …" if len(undecided) > _MAX_NAMED else ""),
        )


def _add_rows(
    registers: Registers, rows: list[dict[str, object]], other_signs: list[Signs], *, named: str
) -> Registers:
    for row in rows:
        signs = withdrawal.drop_shared_content(withdrawal.build_signs(row), other_signs)
        clear_signs = withdrawal.select_clear_signs(signs, public=row["visibility"] == PUBLIC_RECORD)
        registers = tombstones.insert_signs(registers, clear_signs, signs.items())
    name = (withdrawal.NAME, identity.remove_date(named))
    return tombstones.insert_signs(registers, [name, *map(withdrawal.decision_sign, other_signs)], ())


def _remove_from_vault(vault: Vault, registers: Registers, removed: pd.DataFrame) -> int:
    """Remove records from the vault, with every received row about them. Return the number of files deleted."""
    ids = dict.fromkeys(removed.loc[removed["where"] == _VAULT, "id"])
    titles_and_places = [
        identity.normalise_attributes(row)[1:]
        for _, row in removed.iterrows()
        if withdrawal.is_specific_title(row["title"])
    ]  # pairs of place and title
    with vault_file.change_vault(vault) as con:
        contents.store_registers(con, tombstones.merge_registers(contents.read_registers(con), registers))
        before = contents.count_files(con)
        for incident_id in ids:
            contents.delete_incident(con, incident_id)
        for row in _to_dicts(contents.read_other_rows(con)) if titles_and_places else []:
            text = identity.normalise_value(row["fields"])
            if any(place_text in text and title_text in text for place_text, title_text in titles_and_places):
                contents.delete_row(con, str(row["source_id"]), str(row["snapshot_on"]), int(str(row["row_number"])))
        return before - contents.count_files(con)


def _record_labels(removed: pd.DataFrame) -> tuple[str, ...]:
    """Return a label for each record: source, date, row, and whether it is in the vault or in the files."""
    rows = removed.sort_values([*_SNAPSHOT, "row_number"])
    return tuple(
        f"{row['source_id']}/{row['snapshot_on']}/{row['row_number']} ({row['where']})" for row in _to_dicts(rows)
    )


def _find_remaining_files(space: Workspace, removed: pd.DataFrame) -> tuple[str, ...]:
    """Return the files of the workspace that contain the record, or rows that belong to it, as received."""
    files = [str(file) for file in removed.loc[removed["where"] == _FILES, "file"]]
    dependent_layers = sorted(PERSON_LAYERS - {INCIDENTS.name})
    for entry, ingested in _iter_ingested_sources(
        space, *(name for name in dependent_layers if LAYERS[name].has_incident_id)
    ):
        if pd.DataFrame(ingested.tables[entry.layer])["incident_id"].isin(removed["id"]).any():
            files.append(entry.file)
    titles = [str(title) for title in removed["title"] if withdrawal.is_specific_title(title)]
    listed = {entry.file for entry in space.sources}
    for path in sorted(space.folder.joinpath("files").rglob("*")):  # unlisted files, searched as plain text
        name = path.relative_to(space.folder).as_posix()
        if path.is_file() and name not in listed and any(title.encode() in path.read_bytes() for title in titles):
            files.append(name)
    return tuple(dict.fromkeys(files))


def _to_dicts(frame: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
