"""Tables of a manifest whose entries each name one file of the workspace: backgrounds, rivers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from lindero import on_demand
from lindero.layers.workspace.links import hold_inside
from lindero.layers.workspace.manifest_file import MANIFEST, changed_manifest, sha256

if TYPE_CHECKING:
    import tomlkit
else:
    tomlkit = on_demand("tomlkit")


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


def append(document: tomlkit.TOMLDocument, table: str, values: Mapping[str, object]) -> None:
    """Add an entry to a table of a manifest."""
    entry = tomlkit.table()
    entry.update(values)
    document.setdefault(table, tomlkit.aot()).append(entry)


def take_out(folder: Path, table: str, entry: Entry) -> None:
    """Take an entry out of a table, with its file."""
    with changed_manifest(folder) as document:
        every = document[table]
        for at in reversed(range(len(every))):
            if every[at].get("id") == entry.id:
                del every[at]
        folder.joinpath(entry.file).unlink(missing_ok=True)


def is_whole(folder: Path, entry: Entry) -> bool:
    """Tell whether the file is there, as it was added."""
    path = folder / entry.file
    return path.is_file() and sha256(path) == entry.sha256
