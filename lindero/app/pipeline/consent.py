"""Consent withdrawn: where a record stands, how it is taken out of everything, and what keeps it out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from lindero.app.pipeline.rows.ingest import ingest, read_for
from lindero.app.pipeline.rows.row_location import Land
from lindero.app.pipeline.rows.row_report import Ingested, fields_received
from lindero.layers.check.visibility import Answer, Gate
from lindero.layers.consent import tombstones, withdrawal
from lindero.layers.consent.tombstones import Registers
from lindero.layers.consent.withdrawal import LIKE, SURE, Signs
from lindero.layers.database import map_database
from lindero.layers.database.definitions import OF_PERSONS, PUBLIC_RECORD
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
_NAMED = 10  # records in one sentence


@dataclass(frozen=True)
class Withdrawal:
    """
    What became of a withdrawal.

    `records` names what was taken out or is kept out (source, day, row), `files_given_up` how many received files the
    vault gave up, `still` the files of the workspace that hold it as they were received.
    """

    is_new: bool
    records: tuple[str, ...] = ()
    files_given_up: int = 0
    still: tuple[str, ...] = ()


@dataclass(frozen=True)
class Update:
    """What a vault learnt of its workspace when it was opened: how many records left it, ids of those to ask about."""

    removed: int = 0
    like: tuple[str, ...] = field(default=())


def withdraw(
    space: Workspace,
    vault: Vault | None,
    incident_id: str,
    *,
    also: Iterable[str] = (),
    another: Iterable[str] = (),
) -> Withdrawal:
    """
    Take an incident out of the vault, and keep it out of everything from here on.

    `also` are ids of records that are the same person's case, `another` of those that are like it and another's.

    Raises
    ------
    VaultError
        If neither a file of the workspace nor the vault holds such an incident, and none was withdrawn by that id.
    ConsentError
        If records are like it, and nobody said whether they are the same.
    """
    of_withdrawn = _registers(space, vault)
    records = _records(space, vault)
    chosen = _named(records, [incident_id, *also])
    was_withdrawn = withdrawal.was_withdrawn(incident_id, withdrawal.of_registers(of_withdrawn))
    if chosen.empty and not was_withdrawn:
        raise VaultError(N_("neither the map nor the vault holds an incident {id}"), id=incident_id)
    others = _named(records, another)
    found = _met(records, chosen)
    _hold_asked(found[~found["id"].isin(others["id"])], of_withdrawn)
    gone = found[found["verdict"] == SURE]
    of_others = [withdrawal.signs(row) for row in _rows(others)]
    registers = _with_rows(of_withdrawn, _rows(gone), of_others, named=incident_id)
    is_new = bool((gone["where"] == _VAULT).any()) or not was_withdrawn
    if is_new:
        tombstones.write(space.folder, registers)
    files_given_up = _taken_out(vault, registers, gone) if vault is not None else 0
    return Withdrawal(is_new, _written(gone), files_given_up, _still(space, gone))


def up_to_date(space: Workspace, vault: Vault) -> Update:
    """
    Let a vault and its workspace learn from each other what was withdrawn; one put back from a copy forgets it anew.

    Raises
    ------
    VaultError
        If the vault cannot be read, or holds withdrawn records and cannot be written.
    """
    beside = tombstones.read(space.folder)
    with vault_file.opened(vault) as con:
        own, old = contents.registers(con), contents.old_tombstones(con)
        registers = tombstones.merged(own, beside)
        if not any(register.secret for register in own):
            registers = tombstones.merged(registers, (tombstones.new(secret=True),))
        if registers == own and not old:
            _tell_workspace(space, registers)
            return Update()
        registers = tombstones.with_hashes(registers, old)
        rows = _vault_records(con)
    found = rows.assign(verdict=_verdicts(rows, withdrawal.of_registers(registers)))
    gone = found[found["verdict"] == SURE]
    _taken_out(vault, registers, gone)
    _tell_workspace(space, registers)
    return Update(len(gone), tuple(found.loc[found["verdict"] == LIKE, "id"]))


def keep_anothers(space: Workspace, vault: Vault | None, names: Iterable[str]) -> None:
    """
    Keep in mind that records that are like a withdrawn one are another's.

    Raises
    ------
    VaultError
        If none are named, or there is no such record.
    """
    wanted = tuple(names)
    rows = _named(_records(space, vault), wanted)
    if rows.empty:
        raise VaultError(N_("neither the map nor the vault holds an incident {id}"), id=", ".join(wanted) or "–")
    signs = [withdrawal.signs(row) for row in _rows(rows)]
    remember(space, vault, tuple(Answer(one, is_same=False, is_public=False) for one in signs))


def remember(space: Workspace, vault: Vault | None, answers: tuple[Answer, ...]) -> None:
    """Keep what was said of records that are like withdrawn ones, in the workspace and in its vault."""
    if not answers:
        return
    registers = _registers(space, vault)
    for answer in answers:
        signs = answer.signs
        clear = withdrawal.in_clear(signs, public=answer.is_public) if answer.is_same else [withdrawal.another(signs)]
        registers = tombstones.with_signs(registers, clear, signs.items() if answer.is_same else ())
    tombstones.write(space.folder, registers)
    if vault is not None:
        with vault_file.changed(vault) as con:
            contents.keep_registers(con, registers)


def hold_withdrawn(space: Workspace) -> None:
    """
    Hold that a workspace's map, which may be older than a withdrawal, has no withdrawn record on it.

    Raises
    ------
    PublishError
        If it has.
    NotBuiltError
        If there is no map.
    """
    with map_database.connect(builds.current_map(space.build_folder)) as con:
        rows = pd.DataFrame(map_database.read_layer(con, INCIDENTS, every_snapshot=True))
    is_withdrawn = withdrawal.of_registers(tombstones.read(space.folder))
    count = int((_verdicts(rows.assign(where=_FILES), is_withdrawn) == SURE).sum())
    if count:
        raise PublishError(N_("the map still holds {count} withdrawn records: run `lindero build`"), count=count)


def _registers(space: Workspace, vault: Vault | None) -> Registers:
    """Give what the workspace and its vault know to be withdrawn."""
    beside = tombstones.read(space.folder)
    if vault is None:
        return beside
    with vault_file.opened(vault) as con:
        return tombstones.merged(contents.registers(con), beside)


def _tell_workspace(space: Workspace, registers: Registers) -> None:
    beside = tombstones.read(space.folder)
    told = tombstones.without_secrets(tombstones.merged(beside, registers))
    if told != beside:
        tombstones.write(space.folder, told)


def _records(space: Workspace, vault: Vault | None) -> pd.DataFrame:
    """Read every incident of every received file of the workspace and of every snapshot in the vault."""
    frames = [pd.DataFrame(columns=list(_COLUMNS))]
    for entry, taken in _ingested(space, INCIDENTS.name):
        whole = fields_received(taken.received).set_index("row_number")["fields"].map(withdrawal.whole)
        rows = pd.DataFrame(taken.tables[INCIDENTS.name])
        rows = rows.assign(where=_FILES, file=entry.file, snapshot_on=entry.snapshot_on)
        rows[withdrawal.WHOLE] = whole.reindex(rows.index)
        frames.append(rows.reindex(columns=list(_COLUMNS)))
    if vault is not None:
        with vault_file.opened(vault) as con:
            frames.append(_vault_records(con))
    filled = [frame.astype(object) for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else frames[0]


def _vault_records(con: Connection) -> pd.DataFrame:
    rows = contents.every_incident(con)
    whole = rows["fields"].map(lambda told: withdrawal.whole(told) if isinstance(told, str) else "")
    rows = rows.assign(where=_VAULT, file=None)
    rows[withdrawal.WHOLE] = whole
    return rows[list(_COLUMNS)]


def _ingested(space: Workspace, *layers: str) -> Iterable[tuple[Any, Ingested]]:
    land = Land(base_data.countries(), space.country)
    for entry in space.sources:
        if entry.layer in layers:
            received = read_for(entry, space.folder / entry.file)
            yield entry, ingest(entry, received, land, gate=Gate(into_vault=True))


def _named(records: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """Find records by id, also by one of the old form, or by SOURCE/DATE/ROW where a build held the row back."""
    wanted = set(names)
    by_row = records["source_id"] + "/" + records["snapshot_on"].astype(str) + "/" + records["row_number"].astype(str)
    steady = {identity.steady(name) for name in wanted}
    return records[records["id"].isin(wanted) | records["id"].map(identity.steady).isin(steady) | by_row.isin(wanted)]


def _met(records: pd.DataFrame, chosen: pd.DataFrame) -> pd.DataFrame:
    """Give the records that are or may be the chosen ones, with the `verdict`; what is surely one tells of more."""
    verdict = pd.Series("", index=records.index, dtype=object)
    verdict[chosen.index] = SURE
    while True:
        sure = verdict == SURE
        signs = {sign for row in _rows(records[sure]) for sign in withdrawal.signs(row).items()}
        found = _verdicts(records, lambda kind, text: (kind, text) in signs)  # noqa: B023  asked before the next round
        verdict = found.mask(sure, SURE)
        if (verdict == SURE).equals(sure):
            return records[verdict != ""].assign(verdict=verdict[verdict != ""])


def _verdicts(records: pd.DataFrame, is_withdrawn: withdrawal.IsWithdrawn) -> pd.Series:
    parts = [withdrawal.verdicts(rows, is_withdrawn) for _, rows in records.groupby(_SNAPSHOT, sort=False)]
    return pd.concat(parts).reindex(records.index) if parts else pd.Series(dtype=object)


def _hold_asked(found: pd.DataFrame, registers: Registers) -> None:
    said = withdrawal.of_registers(registers)
    like = found[found["verdict"] == LIKE]
    open_ = like[[not said(*withdrawal.another(withdrawal.signs(row))) for row in _rows(like)]] if len(like) else like
    if len(open_):
        raise ConsentError(
            N_(
                "these records are like it, and may be another's: {ids}. "
                "Say of each --also ID (it is withdrawn, too) or --another ID (it stays)"
            ),
            ids=", ".join(dict.fromkeys(open_["id"].head(_NAMED))) + (" …" if len(open_) > _NAMED else ""),
        )


def _with_rows(registers: Registers, rows: list[dict[str, object]], of_others: list[Signs], *, named: str) -> Registers:
    for row in rows:
        signs = withdrawal.shared(withdrawal.signs(row), of_others)
        clear = withdrawal.in_clear(signs, public=row["visibility"] == PUBLIC_RECORD)
        registers = tombstones.with_signs(registers, clear, signs.items())
    name = (withdrawal.NAME, identity.steady(named))
    return tombstones.with_signs(registers, [name, *map(withdrawal.another, of_others)], ())


def _taken_out(vault: Vault, registers: Registers, gone: pd.DataFrame) -> int:
    """Take records out of the vault, with every received row that tells of them; returns how many files it gave up."""
    ids = dict.fromkeys(gone.loc[gone["where"] == _VAULT, "id"])
    told = [
        identity.attributes_of(row)[1:] for _, row in gone.iterrows() if withdrawal.tells(row["title"])
    ]  # where and what
    with vault_file.changed(vault) as con:
        contents.keep_registers(con, tombstones.merged(contents.registers(con), registers))
        before = contents.files(con)
        for incident_id in ids:
            contents.forget(con, incident_id)
        for row in _rows(contents.other_rows(con)) if told else []:
            text = identity.plain(row["fields"])
            if any(where in text and what in text for where, what in told):
                contents.forget_row(con, str(row["source_id"]), str(row["snapshot_on"]), int(str(row["row_number"])))
        return before - contents.files(con)


def _written(gone: pd.DataFrame) -> tuple[str, ...]:
    """Name records by source, day and row, those of the vault apart."""
    rows = gone.sort_values([*_SNAPSHOT, "row_number"])
    return tuple(f"{row['source_id']}/{row['snapshot_on']}/{row['row_number']} ({row['where']})" for row in _rows(rows))


def _still(space: Workspace, gone: pd.DataFrame) -> tuple[str, ...]:
    """Name the files of the workspace that hold the record, or what belongs to it, as they were received."""
    files = [str(file) for file in gone.loc[gone["where"] == _FILES, "file"]]
    others = sorted(OF_PERSONS - {INCIDENTS.name})
    for entry, taken in _ingested(space, *(name for name in others if LAYERS[name].of_incidents)):
        if pd.DataFrame(taken.tables[entry.layer])["incident_id"].isin(gone["id"]).any():
            files.append(entry.file)
    titles = [str(title) for title in gone["title"] if withdrawal.tells(title)]
    listed = {entry.file for entry in space.sources}
    for path in sorted(space.folder.joinpath("files").rglob("*")):  # what no manifest names any more, as plain text
        name = path.relative_to(space.folder).as_posix()
        if path.is_file() and name not in listed and any(title.encode() in path.read_bytes() for title in titles):
            files.append(name)
    return tuple(dict.fromkeys(files))


def _rows(frame: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
