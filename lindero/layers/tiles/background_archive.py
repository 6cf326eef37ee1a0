"""Reading of a PMTiles background map that an operator supplies. The file was made by others and is not trusted.

Directories, metadata and tiles are decompressed only up to limits, and the type of a tile is read from its first bytes.
A file that is cut off, or has entries beyond its end or directories in a cycle, is refused by `check_tiles`.
"""

import gzip
import json
import re
import threading
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

from pmtiles.tile import (
    Compression,
    Entry,
    HeaderDict,
    TileType,
    deserialize_directory,
    deserialize_header,
    find_tile,
    tileid_to_zxy,
    zxy_to_tileid,
)

from lindero.layers.errors import N_, DamagedError, SourceError, make_printable
from lindero.layers.reference.base_data import Bounds
from lindero.layers.tiles.tile_content import E7, MOST_PACKED, RASTER, check_tile, unpack

LAST_ZOOM = 22
DRAWN_LAYERS = frozenset({"earth", "water", "roads", "landuse", "landcover", "boundaries", "buildings", "places"})
"""Layers of Protomaps' basemap, by whose names vector tiles are drawn."""
MOST_TEXT = 300  # characters of an attribution or a title
_HEAD = 127
_MAGIC = b"PMTiles\x03"
_FORMS = {TileType.MVT: "mvt", TileType.PNG: "png", TileType.JPEG: "jpeg", TileType.WEBP: "webp"}
_PACKINGS = (Compression.NONE, Compression.GZIP)
_MOST_DIRECTORY = 8 * 1024**2
_MOST_METADATA = 4 * 1024**2
_MOST_DIRECTORIES = 100_000
_DEPTH = 4
_SAMPLE_TILES = 256  # tiles that are checked when a file is added; the others are checked when requested
_KEPT_DIRECTORIES = 32
_OVERLONG_NUMBER = re.compile(rb"[\x80-\xff]{10}")  # longer than any number of 64 bits


@dataclass(frozen=True)
class TileMetadata:
    """The metadata of a tile file; `bounds` are west, south, east and north in degrees."""

    form: str
    first_zoom: int
    last_zoom: int
    bounds: Bounds
    title: str
    attribution: str

    @property
    def is_raster(self) -> bool:
        """Whether the tiles are images."""
        return self.form in RASTER


class Background:
    """A PMTiles file from elsewhere, readable by many threads."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._file, self._lock = path.open("rb", buffering=0), threading.Lock()
        weakref.finalize(self, self._file.close)
        self._size = path.stat().st_size
        self._header = self._read_header()
        self._directory = lru_cache(_KEPT_DIRECTORIES)(self._read_directory)
        self.about = self._build_metadata()
        self.is_packed = self._header["tile_compression"] is Compression.GZIP

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """Return a tile as it is stored; None if there is no such tile."""
        tile_id = zxy_to_tileid(z, x, y)
        offset, length = self._header["root_offset"], self._header["root_length"]
        for _ in range(_DEPTH):
            entry = find_tile(self._directory(offset, length), tile_id)
            if entry is None:
                return None
            if entry.run_length:
                return self._read_entry(entry)
            offset, length = self._header["leaf_directory_offset"] + entry.offset, entry.length
        raise self._damaged_error(N_("its directories form a cycle"))

    def check_tiles(self) -> int:
        """Check all entries of the file and a sample of its tiles; return the number of tiles."""
        tiles, step, sample = 0, 1, list[Entry]()
        for entry_index, entry in enumerate(self._iter_entries()):
            if entry.offset + entry.length > self._header["tile_data_length"] or not entry.length:
                raise self._damaged_error(N_("a tile is beyond the end of the file"))
            zoom = tileid_to_zxy(entry.tile_id)[0]
            if not self.about.first_zoom <= zoom <= self.about.last_zoom:
                raise self._damaged_error(N_("a tile has a zoom level that the file does not declare"))
            tiles += entry.run_length
            if entry_index % step == 0:
                sample.append(entry)
            if len(sample) > _SAMPLE_TILES:
                sample, step = sample[::2], 2 * step
        if not tiles:
            raise SourceError(N_("{name} has no tiles"), name=self._name)
        for entry in sample:
            self._read_entry(entry)
        return tiles

    def _iter_entries(self) -> Iterator[Entry]:
        """Yield the tile entries, directory by directory; each directory is read once."""
        root = (self._header["root_offset"], self._header["root_length"])
        pending, visited, count = [root], {root}, 0
        while pending:
            directory = self._read_directory(*pending.pop())
            count += len(directory)
            if count > self._size:
                raise self._damaged_error(N_("it lists more tiles than it has bytes"))
            for entry in directory:
                if entry.run_length:
                    yield entry
                    continue
                leaf = (self._header["leaf_directory_offset"] + entry.offset, entry.length)
                if leaf in visited or len(visited) > _MOST_DIRECTORIES:
                    raise self._damaged_error(N_("its directories form a cycle"))
                visited.add(leaf)
                pending.append(leaf)

    def _read_entry(self, entry: Entry) -> bytes:
        if entry.length > MOST_PACKED:
            raise self._damaged_error(N_("a tile is too large"))
        data = self._read_bytes(self._header["tile_data_offset"] + entry.offset, entry.length)
        check_tile(data, self.about.form, is_packed=self.is_packed)
        return data

    def _read_header(self) -> HeaderDict:
        head = self._read_bytes(0, min(_HEAD, self._size))
        if not head.startswith(_MAGIC):
            raise DamagedError(N_("{name} is not a PMTiles file (version 3)"), name=self._name)
        try:
            header = deserialize_header(head.ljust(_HEAD))
        except ValueError as error:
            raise self._damaged_error(str(error)) from error
        for part in ("root", "metadata", "leaf_directory", "tile_data"):
            end = header[f"{part}_offset"] + header[f"{part}_length"]  # type: ignore[literal-required]
            if end > self._size:
                raise DamagedError(
                    N_("{name} is truncated: it should have at least {wanted} bytes, but has {size}"),
                    name=self._name,
                    wanted=end,
                    size=self._size,
                )
        if header["internal_compression"] not in _PACKINGS or header["tile_compression"] not in _PACKINGS:
            raise SourceError(
                N_("{name} uses a compression that Lindero does not read; save it with gzip"), name=self._name
            )
        if header["tile_type"] not in _FORMS:
            raise SourceError(
                N_("{name} contains tiles of a type that Lindero does not show; it shows MVT, PNG, JPEG and WebP"),
                name=self._name,
            )
        return header

    def _build_metadata(self) -> TileMetadata:
        header, metadata = self._header, self._read_metadata()
        form = _FORMS[header["tile_type"]]
        first, last = header["min_zoom"], header["max_zoom"]
        edges = [header[name] / E7 for name in ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7")]
        west, south, east, north = edges
        if not first <= last <= LAST_ZOOM:
            raise self._damaged_error(N_("its zoom levels are not valid"))
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004  degrees
            raise self._damaged_error(N_("its bounds are not valid"))
        vector_layers = metadata.get("vector_layers")
        layers = (
            {str(vector_layer.get("id")) for vector_layer in vector_layers if isinstance(vector_layer, dict)}
            if isinstance(vector_layers, list)
            else set()
        )
        if form == "mvt" and not layers & DRAWN_LAYERS:
            raise SourceError(
                N_(
                    "{name} contains vector tiles that Lindero cannot draw ({found}); it draws those of "
                    "Protomaps ({known})"
                ),
                name=self._name,
                found=", ".join(sorted(layers)) or "–",
                known=", ".join(sorted(DRAWN_LAYERS)),
            )
        bounds = (west, south, east, north)
        return TileMetadata(
            form, first, last, bounds, extract_text(metadata.get("name")), extract_text(metadata.get("attribution"))
        )

    def _read_metadata(self) -> dict[str, object]:
        offset, length = self._header["metadata_offset"], self._header["metadata_length"]
        try:
            metadata = json.loads(self._read_section(offset, length, _MOST_METADATA) or b"{}")
        except (ValueError, RecursionError) as error:
            raise self._damaged_error(N_("its metadata cannot be read")) from error
        return metadata if isinstance(metadata, dict) else {}

    def _read_directory(self, offset: int, length: int) -> list[Entry]:
        data = self._read_section(offset, length, _MOST_DIRECTORY)
        if _OVERLONG_NUMBER.search(data):
            raise self._damaged_error(N_("one of its directories cannot be read"))
        if _entry_count(data) > self._size:  # every tile that a directory names takes at least one byte
            raise self._damaged_error(N_("it lists more tiles than it has bytes"))
        try:
            return list(deserialize_directory(gzip.compress(data, compresslevel=0)))
        except EOFError as error:
            raise self._damaged_error(N_("one of its directories cannot be read")) from error

    def _read_section(self, offset: int, length: int, max_bytes: int) -> bytes:
        """Read a directory or the metadata, decompressed up to `max_bytes` bytes."""
        if length > max_bytes or offset + length > self._size:
            raise self._damaged_error(N_("a directory is beyond the end of the file"))
        data = self._read_bytes(offset, length)
        if self._header["internal_compression"] is Compression.NONE or not data:
            return data
        return unpack(data, max_bytes=max_bytes)

    def _read_bytes(self, offset: int, length: int) -> bytes:
        with self._lock:
            self._file.seek(offset)
            data = self._file.read(length)
        if len(data) != length:
            raise self._damaged_error(N_("it is truncated"))
        return data

    def _damaged_error(self, fault: str) -> DamagedError:
        return DamagedError(N_("{name} cannot be used as a basemap: {what}"), name=self._name, what=fault)


def _entry_count(data: bytes) -> int:
    """Return the number of entries that a directory states (LEB128)."""
    number = 0
    for position, byte in enumerate(data[:10]):
        number |= (byte & 0x7F) << 7 * position
        if byte < 0x80:  # noqa: PLR2004  the last byte of a number
            break
    return number


class _TextExtractor(HTMLParser):
    """An HTML parser that collects the visible text, without scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Count the start of a script or style."""
        del attrs
        self._unread += tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        """Count the end of a script or style."""
        self._unread -= tag in {"script", "style"} and self._unread > 0

    def handle_data(self, data: str) -> None:
        """Add visible text."""
        if not self._unread:
            self.parts.append(data)


def extract_text(value: object) -> str:
    """Convert HTML to one line of plain text, without tags and scripts, of at most `MOST_TEXT` characters."""
    reader = _TextExtractor()
    reader.feed(str(value or "")[: 10 * MOST_TEXT])
    reader.close()
    text = " ".join("".join(reader.parts).split()).replace("<", "").replace(">", "")
    return str(make_printable(text))[:MOST_TEXT]
