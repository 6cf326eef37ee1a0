"""Background maps that the operator adds: tile archives stored in the workspace, and their entries in the manifest."""

import gzip
import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pmtiles.tile import Compression, TileType, tileid_to_zxy, zxy_to_tileid
from pmtiles.writer import Writer

from lindero.layers.errors import N_, DamagedError, SourceError
from lindero.layers.tiles.background_archive import LAST_ZOOM, Background, TileMetadata, extract_text
from lindero.layers.tiles.tile_content import MOST_PACKED, header_bounds
from lindero.layers.workspace.manifest_file import choose_id, file_sha256
from lindero.layers.workspace.manifest_tables import FileTable

MAGIC = b"SQLite format 3\x00"
_TYPES = {
    "pbf": TileType.MVT,
    "png": TileType.PNG,
    "jpg": TileType.JPEG,
    "jpeg": TileType.JPEG,
    "webp": TileType.WEBP,
}
_TILES = "tiles"
_DEDUPLICATED = "(SELECT zoom_level, tile_column, tile_row, tile_data FROM map JOIN images USING (tile_id))"
_SECONDS = 1_800  # time limit for a whole file
_STEPS = 100_000  # SQLite instructions between two checks of the time limit
_MOST_TEXT = 4 * 1024**2
_WORLD = (-180.0, -85.0511, 180.0, 85.0511)
_GZIP = b"\x1f\x8b"


def is_sqlite(path: Path) -> bool:
    """Return whether a file is a SQLite database, by its first bytes."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def to_pmtiles(source: Path, target: Path, *, seconds: float = _SECONDS) -> None:
    """Write the tiles of an MBTiles file as PMTiles."""
    end = time.monotonic() + seconds
    try:
        with closing(sqlite3.connect(f"file:{quote(str(source.resolve()))}?mode=ro&immutable=1", uri=True)) as con:
            con.execute("PRAGMA trusted_schema = OFF")
            con.execute("PRAGMA cell_size_check = ON")
            con.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_TEXT + MOST_PACKED)
            con.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            con.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
            _write_pmtiles(con, target, source.name)
    except sqlite3.Error as error:
        raise DamagedError(N_("{name} cannot be read as MBTiles: {why}"), name=source.name, why=error) from error


def _write_pmtiles(con: sqlite3.Connection, target: Path, name: str) -> None:
    tiles_table = _tiles_table(con, name)
    metadata = {str(key): str(value) for key, value in con.execute("SELECT name, value FROM metadata LIMIT 1000")}
    kind = _TYPES.get(metadata.get("format", ""))
    if kind is None:
        raise SourceError(
            N_("{name} contains tiles of a type that Lindero does not show; it shows MVT, PNG, JPEG and WebP"),
            name=name,
        )
    is_vector = kind is TileType.MVT
    ids = sorted(_tile_ids(con, tiles_table, name))
    if not ids:
        raise SourceError(N_("{name} has no tiles"), name=name)
    with target.open("wb") as file, target.with_suffix(".tiles").open("w+b") as tiles:
        writer = Writer(file)
        writer.tile_f.close()
        writer.tile_f = tiles  # beside the target, where there is space, and not in the system's temporary folder
        for tile_id in ids:
            data = _read_tile(con, tiles_table, tile_id, name)
            writer.write_tile(tile_id, gzip.compress(data, mtime=0) if is_vector and data[:2] != _GZIP else data)
        writer.finalize(
            {
                "tile_type": kind,
                "tile_compression": Compression.GZIP if is_vector else Compression.NONE,
                "min_zoom": tileid_to_zxy(ids[0])[0],
                "max_zoom": tileid_to_zxy(ids[-1])[0],
                "center_zoom": tileid_to_zxy(ids[0])[0],
                **header_bounds(_parse_bounds(metadata)),
            },
            _build_metadata(metadata),
        )


def _tiles_table(con: sqlite3.Connection, name: str) -> str:
    """Return the source of the tiles in SQL: the table, or the join by which programs avoid storing a tile twice."""
    schema = con.execute("SELECT lower(name), type, sql LIKE 'create virtual%' FROM sqlite_master").fetchall()
    tables = {table for table, kind, is_virtual in schema if kind == "table" and not is_virtual}
    if {"metadata", _TILES} <= tables:
        return _TILES
    if {"metadata", "map", "images"} <= tables and _is_unique(con, "images", "tile_id"):
        return _DEDUPLICATED
    names = {table for table, _kind, _is_virtual in schema}
    if "metadata" not in names or not (_TILES in names or {"map", "images"} <= names):
        raise SourceError(N_("{name} is a database, but not MBTiles. Save the map as MBTiles or PMTiles"), name=name)
    raise SourceError(
        N_("the tiles of {name} come from a query or from code, not from a table. Save them as PMTiles"), name=name
    )


def _is_unique(con: sqlite3.Connection, table: str, column: str) -> bool:
    total, distinct = con.execute(f"SELECT count(*), count(DISTINCT {column}) FROM {table}").fetchone()
    return bool(total == distinct)


def _tile_ids(con: sqlite3.Connection, tiles_table: str, name: str) -> Iterator[int]:
    """Yield the PMTiles ids of the tiles. MBTiles counts rows from the south."""
    for z, x, row in con.execute(f"SELECT DISTINCT zoom_level, tile_column, tile_row FROM {tiles_table}"):
        has_integers = all(isinstance(value, int) for value in (z, x, row))
        if not (has_integers and 0 <= z <= LAST_ZOOM and 0 <= x < 2**z and 0 <= row < 2**z):
            raise DamagedError(N_("{name} lists a tile at an impossible position"), name=name)
        yield zxy_to_tileid(z, x, 2**z - 1 - row)


def _read_tile(con: sqlite3.Connection, tiles_table: str, tile_id: int, name: str) -> bytes:
    z, x, y = tileid_to_zxy(tile_id)
    query = f"SELECT tile_data FROM {tiles_table} WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"
    record = con.execute(query, (z, x, 2**z - 1 - y)).fetchone()
    if record is None or not isinstance(record[0], bytes) or not 0 < len(record[0]) <= MOST_PACKED:
        raise DamagedError(N_("{name} has a tile that is empty or too large"), name=name)
    return record[0]


def _parse_bounds(metadata: dict[str, str]) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in metadata.get("bounds", "").split(","))
    except ValueError:
        return _WORLD
    is_valid = -180 <= west < east <= 180 and -90 <= south < north <= 90  # noqa: PLR2004  degrees
    return (west, south, east, north) if is_valid else _WORLD


def _build_metadata(metadata: dict[str, str]) -> dict[str, object]:
    """Build the PMTiles metadata, with the vector layers from the `json` text of the MBTiles metadata."""
    try:
        inner = json.loads(metadata.get("json") or "{}")
    except (ValueError, RecursionError):
        inner = {}
    layers = inner.get("vector_layers", []) if isinstance(inner, dict) else []
    return {"name": metadata.get("name", ""), "attribution": metadata.get("attribution", ""), "vector_layers": layers}


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
        is_database = is_sqlite(received)
    except OSError as error:
        raise SourceError(N_("{name} cannot be read: {why}"), name=received.name, why=error.strerror) from error
    path = received
    if is_database:
        path = scratch_folder / f"{received.stem}.pmtiles"
        to_pmtiles(received, path)
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
