"""Background maps that the operator adds: tile archives stored in the workspace, and their entries in the manifest."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from lindero.layers.errors import N_, SourceError
from lindero.layers.tiles import mbtiles
from lindero.layers.tiles.background_archive import Background, TileMetadata, extract_text
from lindero.layers.workspace.manifest_file import choose_id, file_sha256
from lindero.layers.workspace.manifest_tables import FileTable


@dataclass(frozen=True)
class BackgroundEntry:
    """A `[[basemap]]` of a manifest: a tile archive, its title and its attribution."""

    id: str
    title: str
    attribution: str
    sha256: str

    @property
    def file(self) -> str:
        """The path of the tile archive, from the workspace's folder."""
        return f"basemap/{self.id}.pmtiles"


TABLE = FileTable(
    "basemap",
    BackgroundEntry,
    malformed_message=N_("{path}: each [[basemap]] needs {names}; use lindero basemap add to write it"),
    unknown_message=N_("there is no basemap '{id}'; the workspace has {known}"),
    empty_message=N_("there is no basemap '{id}'; the workspace has no basemaps yet"),
    taken_message=N_("a basemap named {id} already exists; choose another name with --id"),
    gone_message=N_("the file of the basemap {id} is missing or has changed since it was added"),
)


@dataclass(frozen=True)
class InspectedArchive:
    """A received tile archive after inspection; `path` is the file with its tiles as they are to be stored."""

    path: Path
    about: TileMetadata
    tiles: int


def inspect_archive(received: Path, scratch_folder: Path) -> InspectedArchive:
    """Inspect a received tile archive; MBTiles are converted to PMTiles in `scratch_folder`."""
    try:
        is_database = mbtiles.is_sqlite(received)
    except OSError as error:
        raise SourceError(N_("{name} cannot be read: {why}"), name=received.name, why=error.strerror) from error
    path = received
    if is_database:
        path = scratch_folder / f"{received.stem}.pmtiles"
        mbtiles.to_pmtiles(received, path)
    background = Background(path)
    return InspectedArchive(path, background.about, background.check_tiles())


def add_background(
    folder: Path, archive: InspectedArchive, *, title: str, attribution: str, id_: str = ""
) -> BackgroundEntry:
    """Store a tile archive in a workspace and add it to the manifest.

    The stored file is the one that was inspected: the hash of the copy is checked before it gets its name.

    `archive`: the archive, from `inspect_archive`.
    """
    title, attribution = extract_text(title), extract_text(attribution)
    if not attribution:
        raise SourceError(N_("give the owner of the basemap with --attribution; every map shows it"))
    taken = {entry.id for entry in TABLE.read_entries(folder)}
    entry = BackgroundEntry(choose_id(id_ or title, taken), title, attribution, file_sha256(archive.path))

    def copy_archive(path: Path) -> BackgroundEntry:
        shutil.copyfile(archive.path, path)
        if file_sha256(path) != entry.sha256:
            raise SourceError(
                N_("{name} changed while it was being checked and was not stored; add it again"),
                name=archive.path.name,
            )
        return entry

    return TABLE.add_entry(folder, entry, copy_archive)
