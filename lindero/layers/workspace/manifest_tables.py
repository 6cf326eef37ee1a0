"""Changes to the tables of a manifest: marking incidents as the same, and describing or removing sources.

Tables whose entries each name one file of the workspace (backgrounds and rivers) are also read here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import MISSING, Field, asdict, dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import tomlkit

from lindero.layers.disk import builds
from lindero.layers.disk.builds import replace_file
from lindero.layers.disk.scratch import temporary_folder
from lindero.layers.errors import N_, AnswerError, EntryError, GoneError, SourceError, UnreadableManifestError
from lindero.layers.workspace.manifest_file import (
    MANIFEST,
    SourceEntry,
    Workspace,
    check_inside,
    edit_manifest,
    file_sha256,
    list_parts,
    load_workspace,
    storage_path,
    store_files,
    to_slug,
)
from lindero.layers.workspace.manifest_text import append_entry, source_values
from lindero.layers.workspace.source_options import DATES


def mark_same_incidents(workspace: Workspace, incidents: tuple[str, ...], *, existing: frozenset[str]) -> Workspace:
    """Record that incidents are the same; the next build reports them once, under the first id."""
    if unknown := [name for name in incidents if name not in existing]:
        raise AnswerError(N_("there is no incident {id} on the map"), id=unknown[0])
    if len(set(incidents)) < max(len(incidents), 2):
        raise AnswerError(N_("both ids are of the same incident; give two different ones"))
    if incidents in workspace.same:
        return workspace
    with edit_manifest(workspace.folder) as document:
        append_entry(document, "same", {"incidents": list(incidents)})
    return load_workspace(workspace.folder)


def find_entries(workspace: Workspace, source_id: str, *, snapshot_on: str = "") -> list[SourceEntry]:
    """Return the snapshots of a source, or the one of a date.

    `snapshot_on`: the date of one snapshot (ISO 8601); empty for all snapshots.
    """
    entries = [entry for entry in workspace.sources if entry.id == source_id and snapshot_on in {"", entry.snapshot_on}]
    if not entries:
        raise EntryError(
            N_("there is no source '{id}'; the workspace has {known}")
            if workspace.sources
            else N_("there is no source '{id}'; the workspace has no sources yet"),
            id=f"{source_id}@{snapshot_on}" if snapshot_on else source_id,
            known=", ".join(f"{entry.id}@{entry.snapshot_on}" for entry in workspace.sources),
        )
    return entries


def update_source(
    workspace: Workspace,
    source_id: str,
    stated: Mapping[str, str],
    *,
    snapshot_on: str = "",
    coverage: Sequence[Path] = (),
) -> list[SourceEntry]:
    """Update the description of a source in the manifest, or of its snapshot of a date; return the new entries.

    `coverage`: files with the areas named in `stated`, to be stored in the workspace.
    """
    entries = find_entries(workspace, source_id, snapshot_on=snapshot_on)
    _check_dates(stated, entries)
    keys = {(entry.id, entry.snapshot_on) for entry in entries}
    with edit_manifest(workspace.folder) as document:
        listed = [raw for raw in document.get("source", []) if raw.get("id") == source_id]
        changed = [raw for raw in listed if (source_id, source_values(raw)["snapshot_on"]) in keys]
        for raw in changed:
            for name, value in stated.items():
                if value:
                    raw[name] = value
                else:
                    raw.pop(name, None)
        new_dates = [source_values(raw)["snapshot_on"] for raw in changed]
        _check_distinct(source_id, new_dates, [source_values(raw)["snapshot_on"] for raw in listed])
        for file in coverage:
            store_files(list_parts(file), workspace.folder / storage_path(file))
    updated = load_workspace(workspace.folder).sources
    return [entry for entry in updated if entry.id == source_id and entry.snapshot_on in new_dates]


def _check_distinct(source_id: str, changed: Sequence[object], all_dates: Sequence[object]) -> None:
    """Check that no two snapshots of a source have the same date after a change. Raise EntryError if they do."""
    if len(set(all_dates)) == len(all_dates):
        return
    if len(changed) > 1:
        raise EntryError(
            N_("source {id} has several snapshots with different dates; choose one with --snapshot"), id=source_id
        )
    raise EntryError(
        N_("source {id} already has a snapshot dated {date}; choose another date"), id=source_id, date=changed[0]
    )


def _check_dates(stated: Mapping[str, str], entries: Sequence[SourceEntry]) -> None:
    for name in (*DATES, "snapshot_on"):
        if text := stated.get(name):
            try:
                dt.date.fromisoformat(text)
            except ValueError as error:
                raise SourceError(N_("'{text}' is not a date in the form YYYY-MM-DD"), text=text) from error
    for entry in entries:
        first, last = (stated.get(name, getattr(entry, name)) for name in ("covers_from", "covers_to"))
        if first and last and first > last:
            raise SourceError(
                N_("the first date covered ({first}) is after the last one ({last})"), first=first, last=last
            )


def remove_source(workspace: Workspace, source_id: str, *, snapshot_on: str = "") -> list[SourceEntry]:
    """Remove a source, or one snapshot of it, from the manifest.

    Its file is deleted, too, unless another entry uses it. Stored readings of all sources are deleted; a build makes
    them again.

    `snapshot_on`: the date of one snapshot (ISO 8601); empty for all snapshots.
    """
    removed = find_entries(workspace, source_id, snapshot_on=snapshot_on)
    keys = {(entry.id, entry.snapshot_on) for entry in removed}
    with edit_manifest(workspace.folder) as document:
        _delete_entries(
            document, "source", lambda entry: (entry.get("id"), source_values(entry)["snapshot_on"]) in keys
        )
    used = {entry.file for entry in load_workspace(workspace.folder).sources}
    for file in {entry.file for entry in removed} - used:
        for part in list_parts(workspace.folder / file):
            part.unlink(missing_ok=True)
    for reading in builds.list_readings(workspace.build_folder):
        reading.unlink()
    return removed


def _delete_entries(document: tomlkit.TOMLDocument, table: str, is_gone: Callable[[Mapping[str, Any]], bool]) -> None:
    """Delete entries of a table.

    An emptied table is deleted, too, because tomlkit would write it as an inline array.
    """
    entries = document.get(table, [])
    for index in reversed(range(len(entries))):
        if is_gone(entries[index]):
            del entries[index]
    if table in document and not entries:
        del document[table]


# Tables with entries that each name one file.


class FileEntry(Protocol):
    """An entry for a file that is stored beside the manifest. Fields with a default may be empty."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def id(self) -> str:
        """The id of the entry in its table."""

    @property
    def sha256(self) -> str:
        """The hash of the file as it was added."""

    @property
    def file(self) -> str:
        """The path of the file, from the workspace's folder."""


Entry = TypeVar("Entry", bound=FileEntry)


@dataclass(frozen=True)
class FileTable(Generic[Entry]):
    """A table of a manifest with one file of the workspace per entry.

    The fields that end in `_message` are the templates of its error messages. `empty_message` is for an unknown id in a
    table without entries.
    """

    name: str
    kind: type[Entry]
    malformed_message: str
    unknown_message: str
    empty_message: str
    taken_message: str
    gone_message: str

    def read_entries(self, folder: Path) -> tuple[Entry, ...]:
        """Read the entries, in the order in which they were added."""
        path = folder / MANIFEST
        raw = tomlkit.parse(path.read_text(encoding="utf-8")).unwrap().get(self.name, [])
        parsed = tuple(self._parse_entry(table, path) for table in raw) if isinstance(raw, list) else ()
        check_inside(folder, [entry.file for entry in parsed])
        return parsed

    def find_entry(self, folder: Path, id_: str) -> Entry:
        """Return the entry with an id. Raise WorkspaceError if there is none."""
        entries = {entry.id: entry for entry in self.read_entries(folder)}
        if id_ not in entries:
            message = self.unknown_message if entries else self.empty_message
            raise EntryError(message, id=id_, known=", ".join(entries))
        return entries[id_]

    def add_entry(
        self, folder: Path, entry: Entry, write: Callable[[Path], Entry], *, reserved: Collection[str] = ()
    ) -> Entry:
        """Store a file and add it to the manifest.

        `write` writes the file to a path and returns its entry. `reserved` are ids that are not allowed.
        """
        target = folder / entry.file
        with edit_manifest(folder) as document:
            taken = {str(table.get("id")) for table in document.get(self.name, []) if isinstance(table, Mapping)}
            if entry.id in taken | {*reserved}:
                raise EntryError(self.taken_message, id=entry.id)
            target.parent.mkdir(exist_ok=True)
            check_inside(folder, [target.parent.name])
            with temporary_folder(target.parent) as temporary:
                stored = write(temporary / target.name)
                self._parse_entry(asdict(stored), folder / MANIFEST)  # an invalid one would make the table unreadable
                replace_file(temporary / target.name, target)
            append_entry(document, self.name, asdict(stored))
        return stored

    def remove_entry(self, folder: Path, id_: str) -> Entry:
        """Remove an entry, then its file. Raise WorkspaceError if there is no entry with that id."""
        entry = self.find_entry(folder, id_)
        with edit_manifest(folder) as document:
            _delete_entries(document, self.name, lambda table: table.get("id") == id_)
        folder.joinpath(entry.file).unlink(missing_ok=True)
        return entry

    def check_file(self, folder: Path, entry: Entry) -> None:
        """Check that the file of an entry exists, unchanged since it was added. Raise GoneError if not."""
        path = folder / entry.file
        if not path.is_file() or file_sha256(path) != entry.sha256:
            raise GoneError(self.gone_message, id=entry.id)

    def _parse_entry(self, raw: object, path: Path) -> Entry:
        options, values = fields(self.kind), raw if isinstance(raw, Mapping) else {}
        is_valid = all(_is_value(option, values.get(option.name, option.default)) for option in options)
        if not is_valid or to_slug(values["id"]) != values["id"]:
            names = ", ".join(option.name for option in options)
            raise UnreadableManifestError(self.malformed_message, path=path, names=names)
        return self.kind(**{option.name: values[option.name] for option in options if option.name in values})


def _is_value(option: Field[Any], value: object) -> bool:
    """Return whether a value fits an option: text, or a number above 0 if the option is a number.

    A text may be empty only if the option has a default.
    """
    if option.type in {"float", float}:
        return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    return isinstance(value, str) and (bool(value) or option.default is not MISSING)
