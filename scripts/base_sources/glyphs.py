"""Glyphs for renderers of vector maps: signed distance fields, 256 characters per file, in Mapbox's format.

`python -m scripts.base_sources.glyphs FONT.ttf OUTPUT.zip` writes the archive for styled map packages.
"""

import gzip
import sys
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import distance_transform_edt

SIZE, BUFFER, RADIUS, CUTOFF = 24, 3, 8, 0.25  # the values that every renderer expects
FINER = 8  # factor by which a letter is enlarged to measure its distances
ASCENDER = 26  # height from which the top of a letter is counted, as in the fonts that renderers are made for
RANGES = (0, 256, 512, 768, 7680, 8192)  # Latin with its accents, combining marks, Greek, punctuation
LENGTH = 2  # wire type of bytes in protobuf


def write_glyphs(font: Path, output: Path, *, name: str = "DejaVu Sans") -> None:
    """Write the glyphs of a font, one file per range. The same font gives the same bytes."""
    loaded_font = ImageFont.truetype(str(font), SIZE * FINER)
    missing = bytes(loaded_font.getmask("\uffff"))
    with zipfile.ZipFile(output, "w") as archive:
        for first in RANGES:
            range_name = f"{first}-{first + 255}"
            glyphs = [
                _encode_glyph(loaded_font, code)
                for code in range(first, first + 256)
                if _has_glyph(loaded_font, code, missing)
            ]
            stack = (
                _encode_bytes(1, name.encode())
                + _encode_bytes(2, range_name.encode())
                + b"".join(_encode_bytes(3, glyph) for glyph in glyphs)
            )
            compressed = gzip.compress(_encode_bytes(1, stack), compresslevel=9, mtime=0)
            archive.writestr(zipfile.ZipInfo(f"{range_name}.pbf.gz"), compressed)


def _has_glyph(font: ImageFont.FreeTypeFont, code: int, missing: bytes) -> bool:
    character = chr(code)
    return character.isprintable() and bytes(font.getmask(character)) != missing


def _encode_glyph(font: ImageFont.FreeTypeFont, code: int) -> bytes:
    """Encode one glyph: its metrics, and the distance of each of its pixels from its outline."""
    character = chr(code)
    left, top, right, bottom = font.getbbox(character, anchor="ls")
    west, north = int(np.floor(left / FINER)), int(np.floor(top / FINER))
    width, height = int(np.ceil(right / FINER)) - west, int(np.ceil(bottom / FINER)) - north
    advance = round(font.getlength(character) / FINER)
    encoded = _encode_number(1, code)
    if width <= 0 or height <= 0 or character.isspace():
        return (
            encoded
            + _encode_number(3, 0)
            + _encode_number(4, 0)
            + _encode_number(5, 0)
            + _encode_number(6, 0)
            + _encode_number(7, advance)
        )
    bitmap = _render_distances(font, character, (west, north, width, height))
    offset = _encode_number(5, _zigzag_encode(west)) + _encode_number(6, _zigzag_encode(-north - ASCENDER))
    return (
        encoded
        + _encode_bytes(2, bitmap)
        + _encode_number(3, width)
        + _encode_number(4, height)
        + offset
        + _encode_number(7, advance)
    )


def _render_distances(font: ImageFont.FreeTypeFont, character: str, box: tuple[int, int, int, int]) -> bytes:
    west, north, width, height = box
    full_width, full_height = width + 2 * BUFFER, height + 2 * BUFFER
    image = Image.new("L", (full_width * FINER, full_height * FINER))
    origin = ((BUFFER - west) * FINER, (BUFFER - north) * FINER)
    ImageDraw.Draw(image).text(origin, character, fill=255, font=font, anchor="ls")
    inside: npt.NDArray[np.bool_] = np.asarray(image) > 127  # noqa: PLR2004  half covered
    distance = (distance_transform_edt(~inside) - distance_transform_edt(inside)) / FINER
    cells = distance.reshape(full_height, FINER, full_width, FINER).mean(axis=(1, 3))
    return bytes(np.clip(np.rint(255 - 255 * (cells / RADIUS + CUTOFF)), 0, 255).astype(np.uint8).tobytes())


def _encode_bytes(number: int, data: bytes) -> bytes:
    return _encode_varint(number << 3 | LENGTH) + _encode_varint(len(data)) + data


def _encode_number(number: int, value: int) -> bytes:
    return _encode_varint(number << 3) + _encode_varint(value)


def _zigzag_encode(value: int) -> int:
    return 2 * value if value >= 0 else -2 * value - 1


def _encode_varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 127:  # noqa: PLR2004  seven bits a byte
        encoded.append(value & 127 | 128)
        value >>= 7
    return bytes([*encoded, value])


if __name__ == "__main__":
    write_glyphs(Path(sys.argv[1]), Path(sys.argv[2]))
