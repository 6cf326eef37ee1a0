"""Backgrounds of the operator's own: files of tiles that a workspace keeps, and what its manifest says of each."""

import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from lindero.layers.disk.builds import put_in_place
from lindero.layers.disk.scratch import scratch
from lindero.layers.errors import N_, GoneError, SourceError, WorkspaceError
from lindero.layers.tiles import mbtiles
from lindero.layers.tiles.background_archive import About, Background, plain
from lindero.layers.workspace import manifest_tables
from lindero.layers.workspace.links import hold_inside
from lindero.layers.workspace.manifest_file import changed_manifest, sha256, slug
from lindero.layers.workspace.manifest_text import append_entry

FOLDER = "basemap"
TABLE = "basemap"


@dataclass(frozen=True)
class Entry:
    """One `[[basemap]]` of a manifest: a file of tiles, what it is called, and whose it is."""

    id: str
    title: str
    attribution: str
    sha256: str

    @property
    def file(self) -> str:
        """Where it is kept, from the workspace's folder."""
        return f"{FOLDER}/{self.id}.pmtiles"


@dataclass(frozen=True)
class Looked:
    """A received file of tiles as it was looked at: `path` holds its tiles as they are to be kept."""

    path: Path
    about: About
    tiles: int


def listed(folder: Path) -> tuple[Entry, ...]:
    """
    Give the backgrounds of a workspace, in the order in which they were added.

    Raises
    ------
    WorkspaceError
        If one is not understood, or leads out of the workspace.
    """
    return manifest_tables.entries(folder, TABLE, _entry)


def entry_of(folder: Path, id_: str) -> Entry:
    """
    Give the background of an id.

    Raises
    ------
    WorkspaceError
        If there is none.
    """
    entries = listed(folder)
    for entry in entries:
        if entry.id == id_:
            return entry
    names = ", ".join(entry.id for entry in entries) or "–"
    raise WorkspaceError(N_("there is no background {id}; there are {known}"), id=id_, known=names)


def looked_at(received: Path, scratch_folder: Path) -> Looked:
    """
    Look through a received file of tiles; what is MBTiles is written as PMTiles into `scratch_folder`.

    Raises
    ------
    DamagedError
        If it is neither, cut off, or holds what is no tile.
    SourceError
        If it is not there, or its tiles are of a kind that is not shown.
    """
    try:
        is_database = mbtiles.is_one(received)
    except OSError as error:
        raise SourceError(N_("{name} cannot be read: {why}"), name=received.name, why=error.strerror) from error
    path = received
    if is_database:
        path = scratch_folder / f"{received.stem}.pmtiles"
        mbtiles.to_pmtiles(received, path)
    background = Background(path)
    return Looked(path, background.about, background.look())


def add(folder: Path, looked: Looked, *, title: str, attribution: str, id_: str = "") -> Entry:
    """
    Keep a file of tiles in a workspace, and name it in the manifest.

    What was looked at is what is kept: the copy is looked through before it gets its name.

    Raises
    ------
    SourceError
        If nobody is named whose it is.
    WorkspaceError
        If the workspace has one of that id, or cannot be written.
    """
    title, attribution = plain(title), plain(attribution)
    if not attribution:
        raise SourceError(N_("whose the background is has to be said, for every map shows it: --attribution"))
    entry = Entry(slug(id_ or title), title, attribution, sha256(looked.path))
    target = folder / entry.file
    with changed_manifest(folder) as document:
        if entry.id in manifest_tables.ids(document, TABLE):
            raise WorkspaceError(N_("there is a background {id} already; name another with --id"), id=entry.id)
        target.parent.mkdir(exist_ok=True)
        hold_inside(folder, [FOLDER])
        with scratch(target.parent) as coming:
            shutil.copyfile(looked.path, coming / target.name)
            if sha256(coming / target.name) != entry.sha256:
                raise SourceError(
                    N_("{name} was changed while it was being looked at: nothing was kept; add it again"),
                    name=looked.path.name,
                )
            put_in_place(coming / target.name, target)
        append_entry(document, TABLE, asdict(entry))
    return entry


def remove(folder: Path, id_: str) -> Entry:
    """
    Take a background out of a workspace, with its file.

    Raises
    ------
    WorkspaceError
        If there is none of that id.
    """
    gone = entry_of(folder, id_)
    manifest_tables.take_out(folder, TABLE, gone)
    return gone


def hold_whole(folder: Path, entry: Entry) -> None:
    """
    Hold that the file of a background is there, as it was added.

    Raises
    ------
    GoneError
        If it is not.
    """
    if not manifest_tables.is_whole(folder, entry):
        raise GoneError(N_("the background {id} is gone, or not as it was added"), id=entry.id)


def _entry(raw: object, path: Path) -> Entry:
    names = Entry.__dataclass_fields__
    values = raw if isinstance(raw, Mapping) else {}
    is_one = all(isinstance(values.get(name), str) and values[name] for name in names)
    if not is_one or slug(values["id"]) != values["id"]:
        raise WorkspaceError(
            N_("{path}: each [[basemap]] wants {names}; lindero basemap add writes it"),
            path=path,
            names=", ".join(names),
        )
    return Entry(**{name: values[name] for name in names})
