"""
Tables of a manifest as people change them: incidents that are one, sources described or taken out with their files.

Of those whose entries each name one file of the workspace, backgrounds and rivers, also as they are read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import MISSING, Field, asdict, dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import tomlkit

from lindero.layers.disk import builds
from lindero.layers.disk.builds import put_in_place
from lindero.layers.disk.scratch import scratch
from lindero.layers.errors import N_, AnswerError, GoneError, SourceError, WorkspaceError
from lindero.layers.workspace.manifest_file import (
    MANIFEST,
    SourceEntry,
    Workspace,
    changed_manifest,
    check_inside,
    keep_files,
    kept_as,
    load,
    parts,
    sha256,
    slug,
)
from lindero.layers.workspace.manifest_text import append_entry, values_of
from lindero.layers.workspace.source_options import DATES


def accept(space: Workspace, incidents: tuple[str, ...], *, existing: frozenset[str]) -> Workspace:
    """
    Write down that incidents are one; the next build tells them once, under the id of the first.

    Parameters
    ----------
    incidents
        Two ids or more.
    existing
        Ids of the incidents on the map.

    Raises
    ------
    AnswerError
        If an id is not on the map, or fewer than two are given.
    WorkspaceError
        If the manifest cannot be written.
    """
    if unknown := [name for name in incidents if name not in existing]:
        raise AnswerError(N_("there is no incident {id} on the map"), id=unknown[0])
    if len(set(incidents)) != len(incidents) or len(incidents) == 1:
        raise AnswerError(N_("an incident is the same as itself: name another"))
    if incidents in space.same:
        return space
    with changed_manifest(space.folder) as document:
        append_entry(document, "same", {"incidents": list(incidents)})
    return load(space.folder)


def matching_entries(workspace: Workspace, source_id: str, *, snapshot_on: str = "") -> list[SourceEntry]:
    """
    Return the snapshots of a source, or the one of a date.

    Raises
    ------
    WorkspaceError
        If there is none of that name and date.
    """
    found = [one for one in workspace.sources if one.id == source_id and snapshot_on in {"", one.snapshot_on}]
    if not found:
        raise WorkspaceError(
            N_("there is no source {id}; there are {known}"),
            id=f"{source_id}@{snapshot_on}" if snapshot_on else source_id,
            known=", ".join(f"{one.id}@{one.snapshot_on}" for one in workspace.sources) or "–",
        )
    return found


def describe(
    workspace: Workspace,
    source_id: str,
    stated: Mapping[str, str],
    *,
    snapshot_on: str = "",
    coverage: Sequence[Path] = (),
) -> list[SourceEntry]:
    """
    Change what the manifest says of a source, or of its snapshot of a date; return the entries as they are then.

    Parameters
    ----------
    stated
        Values by their name in the manifest; an empty text takes a value out.
    coverage
        Files with the areas that `stated` names, which are kept in the workspace.

    Raises
    ------
    SourceError
        If a date is not one, or the last day covered is before the first.
    WorkspaceError
        If there is no such source, two snapshots would have the same date, or the folder cannot be written.
    """
    entries = matching_entries(workspace, source_id, snapshot_on=snapshot_on)
    _check_dates(stated, entries)
    day = stated.get("snapshot_on")
    others = {one.snapshot_on for one in workspace.sources if one.id == source_id and one not in entries}
    if day and (len(entries) > 1 or day in others):
        raise WorkspaceError(
            N_("source {id} has several snapshots, each of its own date: name one of them with --snapshot"),
            id=source_id,
        )
    keys = {(one.id, one.snapshot_on) for one in entries}
    with changed_manifest(workspace.folder) as document:
        for file in coverage:
            keep_files(parts(file), workspace.folder / kept_as(file))
        for raw in document.get("source", []):
            if (raw.get("id"), values_of(raw)["snapshot_on"]) in keys:
                for name, value in stated.items():
                    if value:
                        raw[name] = value
                    else:
                        raw.pop(name, None)
    files = {one.file for one in entries}
    return [one for one in load(workspace.folder).sources if one.id == source_id and one.file in files]


def _check_dates(stated: Mapping[str, str], entries: Sequence[SourceEntry]) -> None:
    for name in (*DATES, "snapshot_on"):
        if text := stated.get(name):
            try:
                dt.date.fromisoformat(text)
            except ValueError as error:
                raise SourceError(N_("{text} is not a date of the form YYYY-MM-DD"), text=text) from error
    for entry in entries:
        first, last = (stated.get(name, getattr(entry, name)) for name in ("covers_from", "covers_to"))
        if first and last and first > last:
            raise SourceError(
                N_("{first} is after {last}: the first day covered must come first"), first=first, last=last
            )


def remove(workspace: Workspace, source_id: str, *, snapshot_on: str = "") -> list[SourceEntry]:
    """
    Take a source out of the manifest, or one snapshot of it, and its file out of the workspace if no other names it.

    Raises
    ------
    WorkspaceError
        If there is none of that name and date, or the folder cannot be written.
    """
    gone = matching_entries(workspace, source_id, snapshot_on=snapshot_on)
    keys = {(one.id, one.snapshot_on) for one in gone}
    with changed_manifest(workspace.folder) as document:
        _delete(document, "source", lambda one: (one.get("id"), values_of(one)["snapshot_on"]) in keys)
    used = {one.file for one in load(workspace.folder).sources}
    for file in {one.file for one in gone} - used:
        for part in parts(workspace.folder / file):
            part.unlink(missing_ok=True)
    for reading in builds.readings(workspace.build_folder):
        reading.unlink()
    return gone


def _delete(document: tomlkit.TOMLDocument, table: str, is_gone: Callable[[Mapping[str, Any]], bool]) -> None:
    """Delete entries of a table; an emptied table goes too, for tomlkit would write it as an inline array."""
    entries = document.get(table, [])
    for index in reversed(range(len(entries))):
        if is_gone(entries[index]):
            del entries[index]
    if table in document and not entries:
        del document[table]


# Tables whose entries each name one file.


class FileEntry(Protocol):
    """The entry of a file that is kept beside the manifest; fields with a default may be empty."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def id(self) -> str:
        """Its id in its table."""

    @property
    def sha256(self) -> str:
        """The hash of the file as it was added."""

    @property
    def file(self) -> str:
        """Where it is kept, from the workspace's folder."""


Entry = TypeVar("Entry", bound=FileEntry)


@dataclass(frozen=True)
class FileTable(Generic[Entry]):
    """
    A table of a manifest whose entries each name one file of the workspace.

    `malformed`, `unknown`, `taken` and `gone` are the templates of its errors.
    """

    name: str
    kind: type[Entry]
    malformed: str
    unknown: str
    taken: str
    gone: str

    def entries(self, folder: Path) -> tuple[Entry, ...]:
        """
        Return the entries, in the order in which they were added.

        Raises
        ------
        WorkspaceError
            If one is not understood, or leads out of the workspace.
        """
        path = folder / MANIFEST
        raw = tomlkit.parse(path.read_text(encoding="utf-8")).unwrap().get(self.name, [])
        found = tuple(self._read(one, path) for one in raw) if isinstance(raw, list) else ()
        check_inside(folder, [entry.file for entry in found])
        return found

    def find(self, folder: Path, id_: str) -> Entry:
        """Return the entry of an id. Raise WorkspaceError if there is none."""
        entries = {entry.id: entry for entry in self.entries(folder)}
        if id_ not in entries:
            raise WorkspaceError(self.unknown, id=id_, known=", ".join(entries) or "–")
        return entries[id_]

    def add(
        self, folder: Path, entry: Entry, write: Callable[[Path], Entry], *, reserved: Collection[str] = ()
    ) -> Entry:
        """
        Keep a file, and name it in the manifest.

        `write` writes it to a path, and returns the entry to be named. `reserved` are ids that it may not have.

        Raises
        ------
        WorkspaceError
            If the table has one of that id, or the workspace cannot be written.
        """
        target = folder / entry.file
        with changed_manifest(folder) as document:
            taken = {str(one.get("id")) for one in document.get(self.name, []) if isinstance(one, Mapping)}
            if entry.id in taken | {*reserved}:
                raise WorkspaceError(self.taken, id=entry.id)
            target.parent.mkdir(exist_ok=True)
            check_inside(folder, [target.parent.name])
            with scratch(target.parent) as coming:
                kept = write(coming / target.name)
                put_in_place(coming / target.name, target)
            append_entry(document, self.name, asdict(kept))
        return kept

    def remove(self, folder: Path, id_: str) -> Entry:
        """Remove an entry, then its file. Raise WorkspaceError if there is none of that id."""
        entry = self.find(folder, id_)
        with changed_manifest(folder) as document:
            _delete(document, self.name, lambda one: one.get("id") == id_)
        folder.joinpath(entry.file).unlink(missing_ok=True)
        return entry

    def check_whole(self, folder: Path, entry: Entry) -> None:
        """Check that the file of an entry is there, as it was added. Raise GoneError if it is not."""
        path = folder / entry.file
        if not path.is_file() or sha256(path) != entry.sha256:
            raise GoneError(self.gone, id=entry.id)

    def _read(self, raw: object, path: Path) -> Entry:
        options, values = fields(self.kind), raw if isinstance(raw, Mapping) else {}
        is_one = all(_is_value(one, values.get(one.name, one.default)) for one in options)
        if not is_one or slug(values["id"]) != values["id"]:
            names = ", ".join(one.name for one in options)
            raise WorkspaceError(self.malformed, path=path, names=names)
        return self.kind(**{one.name: values[one.name] for one in options if one.name in values})


def _is_value(option: Field[Any], value: object) -> bool:
    """Return whether a value is text, or a number above 0 where the option is one; empty only where it may be."""
    if option.type in {"float", float}:
        return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    return isinstance(value, str) and (bool(value) or option.default is not MISSING)
