"""Files of tiles as an operator has them, small enough to be made by hand: images, and vector tiles as Protomaps names them."""

import gzip
import json
import sqlite3
import struct
import zlib
from contextlib import closing
from pathlib import Path

from pmtiles.tile import Compression, TileType, tileid_to_zxy, zxy_to_tileid
from pmtiles.writer import Writer

from lindero.app.media.files.formats.map_package import tile_range

BOUNDS = (-75.5, -10.5, -74.0, -9.5)
ORANGE = (230, 120, 20)


def png(rgb: tuple[int, int, int] = ORANGE, *, side: int = 256) -> bytes:
    """Give an image of one colour, with a darker edge by which tiles are told apart."""
    dark = bytes(value // 2 for value in rgb)
    rows = b"".join(
        b"\x00" + (dark * side if row < 2 else dark * 2 + bytes(rgb) * (side - 2))
        for row in range(min(side, 256))  # of a larger one the head alone is looked at
    )
    parts = {b"IHDR": struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0), b"IDAT": zlib.compress(rows), b"IEND": b""}
    chunks = [struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in parts.items()]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def vector_tile(name: str = "Puerto Inventado") -> bytes:
    """Give a tile of land all over, a road across it, and a place with a name; not packed."""
    square = [9, _zigzag(0), _zigzag(0), 26, *map(_zigzag, (4096, 0, 0, 4096, -4096, 0)), 15]
    road = [9, _zigzag(0), _zigzag(2048), 10, _zigzag(4096), _zigzag(0)]
    place = [9, _zigzag(2048), _zigzag(2048)]
    locality = {"kind": "locality", "name": name, "name:es": name}
    return b"".join(
        [
            _layer("earth", 3, square, {"kind": "earth"}),
            _layer("roads", 2, road, {"kind": "highway"}),
            _layer("places", 1, place, locality),
        ]
    )


def pmtiles(
    path: Path,
    tiles: dict[tuple[int, int, int], bytes] | None = None,
    *,
    kind: TileType = TileType.PNG,
    attribution: str = "© Example Imagery",
    bounds: tuple[float, float, float, float] = BOUNDS,
    layers: tuple[str, ...] = ("earth", "roads", "places"),
) -> Path:
    """Write a PMTiles file; without `tiles`, images of the tiles of zooms 6 to 10 that lie in `BOUNDS`."""
    is_vector = kind is TileType.MVT
    tiles = tiles or dict.fromkeys(inside(6, 10), gzip.compress(vector_tile(), mtime=0) if is_vector else png())
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        writer = Writer(file)
        for one in sorted(zxy_to_tileid(*at) for at in tiles):
            writer.write_tile(one, tiles[tileid_to_zxy(one)])
        west, south, east, north = (round(degrees * 1e7) for degrees in bounds)
        head = {"min_lon_e7": west, "min_lat_e7": south, "max_lon_e7": east, "max_lat_e7": north, "tile_type": kind}
        head |= {"center_zoom": 8, "center_lon_e7": west, "center_lat_e7": south}
        head["tile_compression"] = Compression.GZIP if is_vector else Compression.NONE
        told = {"name": path.stem, "attribution": attribution, "vector_layers": [{"id": name} for name in layers]}
        writer.finalize(head, told)
    return path


def mbtiles(path: Path, *, form: str = "png", tile: bytes | None = None, view: str = "") -> Path:
    """Write an MBTiles file of images of zoom 6; with `view`, its tiles are what that question gives."""
    with closing(sqlite3.connect(path)) as con, con:
        con.execute("CREATE TABLE metadata (name text, value text)")
        told = {"name": "Fotos", "format": form, "bounds": ",".join(map(str, BOUNDS)), "attribution": "© Example"}
        told["json"] = json.dumps({"vector_layers": [{"id": "earth"}]})
        con.executemany("INSERT INTO metadata VALUES (?, ?)", told.items())
        if view:
            con.execute(f"CREATE VIEW tiles AS {view}")
            return path
        con.execute("CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)")
        for z, x, y in inside(6, 6):
            con.execute("INSERT INTO tiles VALUES (?, ?, ?, ?)", (z, x, 2**z - 1 - y, png() if tile is None else tile))
    return path


def inside(first: int, last: int, *, bounds: tuple[float, float, float, float] = BOUNDS) -> list[tuple[int, int, int]]:
    """Give the tiles of some zooms that lie in a box."""
    found = []
    for zoom in range(first, last + 1):
        left, top, right, bottom = tile_range(bounds, zoom)
        found += [(zoom, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]
    return found


def _layer(name: str, geometry_type: int, geometry: list[int], properties: dict[str, str]) -> bytes:
    tags = [number for at in range(len(properties)) for number in (at, at)]
    feature = _field(2, _packed(tags)) + _number(3, geometry_type) + _field(4, _packed(geometry))
    body = _number(15, 2) + _field(1, name.encode()) + _field(2, feature)
    body += b"".join(_field(3, key.encode()) for key in properties)
    body += b"".join(_field(4, _field(1, value.encode())) for value in properties.values())
    return _field(3, body + _number(5, 4096))


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def _zigzag(value: int) -> int:
    return value << 1 ^ value >> 63


def _packed(numbers: list[int]) -> bytes:
    return b"".join(map(_varint, numbers))


def _number(tag: int, value: int) -> bytes:
    return _varint(tag << 3) + _varint(value)


def _field(tag: int, data: bytes) -> bytes:
    return _varint(tag << 3 | 2) + _varint(len(data)) + data
