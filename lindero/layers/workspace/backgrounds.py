"""Backgrounds of the operator's own: files of tiles that a workspace keeps, and what its manifest says of each."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from lindero.layers.errors import N_, SourceError
from lindero.layers.tiles import mbtiles
from lindero.layers.tiles.background_archive import About, Background, plain
from lindero.layers.workspace.manifest_file import sha256, slug
from lindero.layers.workspace.manifest_tables import FileTable


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
        return f"basemap/{self.id}.pmtiles"


TABLE = FileTable(
    "basemap",
    Entry,
    malformed=N_("{path}: each [[basemap]] wants {names}; lindero basemap add writes it"),
    unknown=N_("there is no background {id}; there are {known}"),
    taken=N_("there is a background {id} already; name another with --id"),
    gone=N_("the background {id} is gone, or not as it was added"),
)


@dataclass(frozen=True)
class Looked:
    """A received file of tiles as it was looked at: `path` holds its tiles as they are to be kept."""

    path: Path
    about: About
    tiles: int


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

    def copy(path: Path) -> Entry:
        shutil.copyfile(looked.path, path)
        if sha256(path) != entry.sha256:
            raise SourceError(
                N_("{name} was changed while it was being looked at: nothing was kept; add it again"),
                name=looked.path.name,
            )
        return entry

    return TABLE.add(folder, entry, copy)
