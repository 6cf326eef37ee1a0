"""
Tables of a manifest as people change them: incidents that are one, sources taken out with their files.

Of those whose entries each name one file of the workspace, backgrounds and rivers, also as they are read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

import tomlkit

from lindero.layers.disk import builds
from lindero.layers.errors import N_, AnswerError, WorkspaceError
from lindero.layers.workspace.links import hold_inside
from lindero.layers.workspace.manifest_file import (
    MANIFEST,
    SourceEntry,
    Workspace,
    changed_manifest,
    load,
    parts,
    sha256,
)
from lindero.layers.workspace.manifest_text import append_entry, values_of


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


# Tables whose entries each name one file.


class Entry(Protocol):
    """What the manifest says of a file that is kept beside it."""

    @property
    def id(self) -> str:
        """Its id in its table."""

    @property
    def sha256(self) -> str:
        """The hash of the file as it was added."""

    @property
    def file(self) -> str:
        """Where it is kept, from the workspace's folder."""


Kept = TypeVar("Kept", bound=Entry)


def entries(folder: Path, table: str, read: Callable[[object, Path], Kept]) -> tuple[Kept, ...]:
    """
    Give the entries of a table, in the order in which they were added, each as `read` understands it.

    Raises
    ------
    WorkspaceError
        If one is not understood, or leads out of the workspace.
    """
    path = folder / MANIFEST
    raw = tomlkit.parse(path.read_text(encoding="utf-8")).unwrap().get(table, [])
    found = tuple(read(one, path) for one in raw) if isinstance(raw, list) else ()
    hold_inside(folder, [entry.file for entry in found])
    return found


def ids(document: tomlkit.TOMLDocument, table: str) -> set[str]:
    """Give the ids that a table of a manifest has taken."""
    return {str(one.get("id")) for one in document.get(table, []) if isinstance(one, Mapping)}


def take_out(folder: Path, table: str, entry: Entry) -> None:
    """Remove an entry from a table, then its file."""
    with changed_manifest(folder) as document:
        _delete(document, table, lambda one: one.get("id") == entry.id)
    folder.joinpath(entry.file).unlink(missing_ok=True)


def _delete(document: tomlkit.TOMLDocument, table: str, is_gone: Callable[[Mapping[str, Any]], bool]) -> None:
    """Delete entries of a table; an emptied table goes too, for tomlkit would write it as an inline array."""
    entries = document.get(table, [])
    for index in reversed(range(len(entries))):
        if is_gone(entries[index]):
            del entries[index]
    if table in document and not entries:
        del document[table]


def is_whole(folder: Path, entry: Entry) -> bool:
    """Tell whether the file is there, as it was added."""
    path = folder / entry.file
    return path.is_file() and sha256(path) == entry.sha256
