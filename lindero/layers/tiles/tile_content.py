"""Checks of a tile made by others: it must be an image or a vector tile, of a size that a browser can handle."""

import re
import zlib
from collections.abc import Callable
from typing import Final

from lindero.layers.errors import N_, DamagedError

MOST_PACKED: Final = 4 * 1024**2  # bytes of a tile as stored and sent
MOST_UNPACKED: Final = 16 * 1024**2  # bytes of a vector tile, which a browser unpacks completely
E7: Final = 10_000_000  # PMTiles stores degrees in units of 1e-7
MOST_PIXELS: Final = 2048  # along each side of an image
MEDIA_TYPES = {
    "mvt": "application/vnd.mapbox-vector-tile",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
}
RASTER = frozenset(MEDIA_TYPES) - {"mvt"}
_LAYER = b"\x1a"  # tag of a layer; a vector tile consists only of layers
_GZIP = 31  # zlib's number for gzip
_FRAMES = re.compile(rb"\xff+([\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf])..\x08(..)(..)", re.DOTALL)
_WEBP: dict[bytes, Callable[[bytes], tuple[int, int]]] = {
    b"VP8 ": lambda data: (_decode_little_endian(data[26:28]) & 0x3FFF, _decode_little_endian(data[28:30]) & 0x3FFF),
    b"VP8L": lambda data: (
        (_decode_little_endian(data[21:25]) & 0x3FFF) + 1,
        (_decode_little_endian(data[21:25]) >> 14 & 0x3FFF) + 1,
    ),
    b"VP8X": lambda data: (_decode_little_endian(data[24:27]) + 1, _decode_little_endian(data[27:30]) + 1),
}


def header_bounds(bounds: tuple[float, float, float, float]) -> dict[str, int]:
    """Return the bounds and their centre as fields of a PMTiles header.

    `bounds`: west, south, east and north in degrees. Returns: minimum, maximum and centre of longitude and latitude, in
    units of 1e-7 degrees.
    """
    west, south, east, north = (round(degrees * E7) for degrees in bounds)
    return {
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_lon_e7": (west + east) // 2,
        "center_lat_e7": (south + north) // 2,
    }


def unpack(data: bytes, *, max_bytes: int = MOST_UNPACKED) -> bytes:
    """Decompress gzip data up to `max_bytes` bytes.

    `max_bytes`: the maximum size of the result in bytes.
    """
    stream = zlib.decompressobj(_GZIP)
    try:
        content = stream.decompress(data, max_bytes + 1)
    except zlib.error as error:
        raise DamagedError(N_("data that should be compressed with gzip is not: {why}"), why=error) from error
    if len(content) > max_bytes:
        raise DamagedError(
            N_("{size} kB of compressed data unpack to more than {most} MB"),
            size=len(data) // 1024,
            most=max_bytes // 1024**2,
        )
    if not stream.eof:
        raise DamagedError(N_("data compressed with gzip is truncated"))
    return content


def check_tile(data: bytes, form: str, *, is_packed: bool) -> None:
    """Check that a tile is of its file's type and not too large for a browser.

    `form`: A key of `MEDIA_TYPES`.
    """
    if len(data) > MOST_PACKED:
        raise DamagedError(N_("a tile of {size} MB is too large"), size=len(data) // 1024**2)
    content = unpack(data) if is_packed else data
    if form == "mvt":
        if not content.startswith(_LAYER):
            raise DamagedError(N_("a tile that should be a vector tile is not one"))
        return
    wide, high = _image_size(content, form)
    if not (0 < wide <= MOST_PIXELS and 0 < high <= MOST_PIXELS):
        raise DamagedError(
            N_("an image of {wide} by {high} pixels is too large or too small for a tile; the maximum is {most}"),
            wide=wide,
            high=high,
            most=MOST_PIXELS,
        )


def _image_size(data: bytes, form: str) -> tuple[int, int]:
    """Return the width and height of an image from its header."""
    if form == "png" and data.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"):
        return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    if form == "jpeg" and data.startswith(b"\xff\xd8") and (frame := _FRAMES.search(data)):
        return int.from_bytes(frame[3]), int.from_bytes(frame[2])
    if form == "webp" and data[:4] == b"RIFF" and data[8:12] == b"WEBP" and data[12:16] in _WEBP:
        return _WEBP[data[12:16]](data)
    raise DamagedError(N_("a tile that should be an image ({form}) is not one"), form=form.upper())


def _decode_little_endian(data: bytes) -> int:
    return int.from_bytes(data, "little")
