"""
A background that an operator has as a file: tiles in PMTiles, made by others and taken at no word of theirs.

Directories, the account of itself and each tile are unpacked only so far as they may go; what a tile is, its first
bytes say. A file that is cut off, or points beyond its own end or round in a circle, is refused when it is looked at.
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

from lindero.layers.errors import N_, DamagedError, SourceError, printable
from lindero.layers.reference.base_data import Bounds
from lindero.layers.tiles.tile_content import E7, MOST_PACKED, RASTER, hold_sound, unpack

LAST_ZOOM = 22
DRAWN = frozenset({"earth", "water", "roads", "landuse", "landcover", "boundaries", "buildings", "places"})
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
_SAMPLED = 256  # tiles that are looked at when a file is added; the others when they are asked for
_KEPT_DIRECTORIES = 32
_ENDLESS = re.compile(rb"[\x80-\xff]{10}")  # no number of 64 bits is so long


@dataclass(frozen=True)
class About:
    """What a file of tiles says of itself; `bounds` are west, south, east and north in degrees."""

    form: str
    first_zoom: int
    last_zoom: int
    bounds: Bounds
    title: str
    attribution: str

    @property
    def is_raster(self) -> bool:
        """Whether its tiles are images."""
        return self.form in RASTER


class Background:
    """
    A PMTiles file from elsewhere, to be read by many threads.

    Raises
    ------
    DamagedError
        If it is none, or cut off.
    SourceError
        If its tiles are of a kind that is not shown.
    """

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._file, self._lock = path.open("rb", buffering=0), threading.Lock()
        weakref.finalize(self, self._file.close)
        self._size = path.stat().st_size
        self._header = self._read_header()
        self._directory = lru_cache(_KEPT_DIRECTORIES)(self._read_directory)
        self.about = self._about()
        self.is_packed = self._header["tile_compression"] is Compression.GZIP

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """
        Give a tile as it is kept; None if nothing is there.

        Raises
        ------
        DamagedError
            If it is no tile of the file's own kind, or too large.
        """
        wanted = zxy_to_tileid(z, x, y)
        offset, length = self._header["root_offset"], self._header["root_length"]
        for _ in range(_DEPTH):
            found = find_tile(self._directory(offset, length), wanted)
            if found is None:
                return None
            if found.run_length:
                return self._sound(found)
            offset, length = self._header["leaf_directory_offset"] + found.offset, found.length
        raise self._damaged(N_("its directories lead round in a circle"))

    def look(self) -> int:
        """
        Look through all that the file names, and at tiles spread over it; gives how many tiles it has.

        Raises
        ------
        DamagedError
            If it points where nothing is, or a tile is not what it should be.
        SourceError
            If it holds no tile.
        """
        tiles, step, spread = 0, 1, list[Entry]()
        for at, entry in enumerate(self._entries()):
            if entry.offset + entry.length > self._header["tile_data_length"] or not entry.length:
                raise self._damaged(N_("a tile lies beyond its end"))
            zoom = tileid_to_zxy(entry.tile_id)[0]
            if not self.about.first_zoom <= zoom <= self.about.last_zoom:
                raise self._damaged(N_("a tile is of a zoom that it does not name"))
            tiles += entry.run_length
            if at % step == 0:
                spread.append(entry)
            if len(spread) > _SAMPLED:
                spread, step = spread[::2], 2 * step
        if not tiles:
            raise SourceError(N_("{name} holds no tile"), name=self._name)
        for entry in spread:
            self._sound(entry)
        return tiles

    def _entries(self) -> Iterator[Entry]:
        """Give the entries of tiles, directory by directory, each of which is read once."""
        root = (self._header["root_offset"], self._header["root_length"])
        left, seen, count = [root], {root}, 0
        while left:
            directory = self._read_directory(*left.pop())
            count += len(directory)
            if count > self._size:
                raise self._damaged(N_("it names more tiles than it has bytes"))
            for entry in directory:
                if entry.run_length:
                    yield entry
                    continue
                leaf = (self._header["leaf_directory_offset"] + entry.offset, entry.length)
                if leaf in seen or len(seen) > _MOST_DIRECTORIES:
                    raise self._damaged(N_("its directories lead round in a circle"))
                seen.add(leaf)
                left.append(leaf)

    def _sound(self, entry: Entry) -> bytes:
        if entry.length > MOST_PACKED:
            raise self._damaged(N_("a tile is too large"))
        data = self._bytes(self._header["tile_data_offset"] + entry.offset, entry.length)
        hold_sound(data, self.about.form, is_packed=self.is_packed)
        return data

    def _read_header(self) -> HeaderDict:
        head = self._bytes(0, min(_HEAD, self._size))
        if not head.startswith(_MAGIC):
            raise DamagedError(N_("{name} is no PMTiles file (version 3), whatever its name says"), name=self._name)
        try:
            header = deserialize_header(head.ljust(_HEAD))
        except ValueError as error:
            raise self._damaged(str(error)) from error
        for part in ("root", "metadata", "leaf_directory", "tile_data"):
            end = header[f"{part}_offset"] + header[f"{part}_length"]  # type: ignore[literal-required]
            if end > self._size:
                raise DamagedError(
                    N_("{name} is cut off: it should have at least {wanted} bytes, and has {size}"),
                    name=self._name,
                    wanted=end,
                    size=self._size,
                )
        if header["internal_compression"] not in _PACKINGS or header["tile_compression"] not in _PACKINGS:
            raise SourceError(N_("{name} is packed in a way that is not read: gzip is"), name=self._name)
        if header["tile_type"] not in _FORMS:
            raise SourceError(
                N_("{name} holds tiles of a kind that is not shown: MVT, PNG, JPEG and WebP are"), name=self._name
            )
        return header

    def _about(self) -> About:
        header, metadata = self._header, self._metadata()
        form = _FORMS[header["tile_type"]]
        first, last = header["min_zoom"], header["max_zoom"]
        edges = [header[name] / E7 for name in ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7")]
        west, south, east, north = edges
        if not first <= last <= LAST_ZOOM:
            raise self._damaged(N_("its zooms are none"))
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004  degrees
            raise self._damaged(N_("its bounds are none"))
        named = metadata.get("vector_layers")
        layers = {str(one.get("id")) for one in named if isinstance(one, dict)} if isinstance(named, list) else set()
        if form == "mvt" and not layers & DRAWN:
            raise SourceError(
                N_("{name} holds vector tiles that Lindero cannot draw ({found}): it draws Protomaps' ({known})"),
                name=self._name,
                found=", ".join(sorted(layers)) or "–",
                known=", ".join(sorted(DRAWN)),
            )
        bounds = (west, south, east, north)
        return About(form, first, last, bounds, plain(metadata.get("name")), plain(metadata.get("attribution")))

    def _metadata(self) -> dict[str, object]:
        offset, length = self._header["metadata_offset"], self._header["metadata_length"]
        try:
            metadata = json.loads(self._inside(offset, length, _MOST_METADATA) or b"{}")
        except (ValueError, RecursionError) as error:
            raise self._damaged(N_("what it says of itself cannot be read")) from error
        return metadata if isinstance(metadata, dict) else {}

    def _read_directory(self, offset: int, length: int) -> list[Entry]:
        data = self._inside(offset, length, _MOST_DIRECTORY)
        if _ENDLESS.search(data):
            raise self._damaged(N_("a directory of it cannot be read"))
        if _first_number(data) > self._size:  # whatever tiles are, each that is named takes a byte
            raise self._damaged(N_("it names more tiles than it has bytes"))
        try:
            return list(deserialize_directory(gzip.compress(data, compresslevel=0)))
        except EOFError as error:
            raise self._damaged(N_("a directory of it cannot be read")) from error

    def _inside(self, offset: int, length: int, most: int) -> bytes:
        """Read what the file tells of itself, unpacked."""
        if length > most or offset + length > self._size:
            raise self._damaged(N_("a directory lies beyond its end"))
        data = self._bytes(offset, length)
        if self._header["internal_compression"] is Compression.NONE or not data:
            return data
        return unpack(data, most=most)

    def _bytes(self, offset: int, length: int) -> bytes:
        with self._lock:
            self._file.seek(offset)
            data = self._file.read(length)
        if len(data) != length:
            raise self._damaged(N_("it is cut off"))
        return data

    def _damaged(self, what: str) -> DamagedError:
        return DamagedError(N_("{name} cannot be used as a background: {what}"), name=self._name, what=what)


def _first_number(data: bytes) -> int:
    """Return how many entries a directory says that it has (LEB128)."""
    number = 0
    for at, byte in enumerate(data[:10]):
        number |= (byte & 0x7F) << 7 * at
        if byte < 0x80:  # noqa: PLR2004  the last byte of a number
            break
    return number


class _Text(HTMLParser):
    """Gathers what is to be read of a piece of HTML, and nothing of scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Know where what is not to be read begins."""
        del attrs
        self._unread += tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        """Know where it ends."""
        self._unread -= tag in {"script", "style"} and self._unread > 0

    def handle_data(self, data: str) -> None:
        """Keep what is to be read."""
        if not self._unread:
            self.parts.append(data)


def plain(value: object) -> str:
    """Give what somebody wrote as HTML as plain text of one line: no tag of it, and no script."""
    reader = _Text()
    reader.feed(str(value or "")[: 10 * MOST_TEXT])
    reader.close()
    text = " ".join("".join(reader.parts).split()).replace("<", "").replace(">", "")
    return str(printable(text))[:MOST_TEXT]
