"""
Letters as renderers of vector maps want them: signed distances, 256 characters a file, encoded as Mapbox's glyphs.

`python -m lindero.data.base_sources.glyphs FONT.ttf OUTPUT.zip` makes the archive for styled map packages.
"""

import gzip
import sys
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import distance_transform_edt

SIZE, BUFFER, RADIUS, CUTOFF = 24, 3, 8, 0.25  # as every renderer expects them
FINER = 8  # times, at which a letter is drawn for its distances to be measured
ASCENDER = 26  # from which a letter's top is counted: that of the fonts by which renderers place their lines
RANGES = (0, 256, 512, 768, 7680, 8192)  # Latin with its accents, marks to combine, Greek, punctuation
LENGTH = 2  # how protobuf names a field of bytes


def write(font: Path, output: Path, *, name: str = "DejaVu Sans") -> None:
    """Write the letters of a font, a file for each range, always the same bytes."""
    drawn = ImageFont.truetype(str(font), SIZE * FINER)
    missing = bytes(drawn.getmask("\uffff"))
    with zipfile.ZipFile(output, "w") as archive:
        for first in RANGES:
            told = f"{first}-{first + 255}"
            letters = [_glyph(drawn, code) for code in range(first, first + 256) if _has(drawn, code, missing)]
            stack = _field(1, name.encode()) + _field(2, told.encode()) + b"".join(_field(3, one) for one in letters)
            packed = gzip.compress(_field(1, stack), compresslevel=9, mtime=0)
            archive.writestr(zipfile.ZipInfo(f"{told}.pbf.gz"), packed)


def _has(font: ImageFont.FreeTypeFont, code: int, missing: bytes) -> bool:
    character = chr(code)
    return character.isprintable() and bytes(font.getmask(character)) != missing


def _glyph(font: ImageFont.FreeTypeFont, code: int) -> bytes:
    """Encode one letter: its place on the line, and how far each of its points lies from its outline."""
    character = chr(code)
    left, top, right, bottom = font.getbbox(character, anchor="ls")
    west, north = int(np.floor(left / FINER)), int(np.floor(top / FINER))
    width, height = int(np.ceil(right / FINER)) - west, int(np.ceil(bottom / FINER)) - north
    advance = round(font.getlength(character) / FINER)
    told = _number(1, code)
    if width <= 0 or height <= 0 or character.isspace():
        return told + _number(3, 0) + _number(4, 0) + _number(5, 0) + _number(6, 0) + _number(7, advance)
    shades = _distances(font, character, (west, north, width, height))
    place = _number(5, _zigzag(west)) + _number(6, _zigzag(-north - ASCENDER))
    return told + _field(2, shades) + _number(3, width) + _number(4, height) + place + _number(7, advance)


def _distances(font: ImageFont.FreeTypeFont, character: str, box: tuple[int, int, int, int]) -> bytes:
    west, north, width, height = box
    wide, tall = width + 2 * BUFFER, height + 2 * BUFFER
    image = Image.new("L", (wide * FINER, tall * FINER))
    at = ((BUFFER - west) * FINER, (BUFFER - north) * FINER)
    ImageDraw.Draw(image).text(at, character, fill=255, font=font, anchor="ls")
    inside: npt.NDArray[np.bool_] = np.asarray(image) > 127  # noqa: PLR2004  half covered
    far = (distance_transform_edt(~inside) - distance_transform_edt(inside)) / FINER
    cells = far.reshape(tall, FINER, wide, FINER).mean(axis=(1, 3))
    return bytes(np.clip(np.rint(255 - 255 * (cells / RADIUS + CUTOFF)), 0, 255).astype(np.uint8).tobytes())


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | LENGTH) + _varint(len(data)) + data


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _zigzag(value: int) -> int:
    return 2 * value if value >= 0 else -2 * value - 1


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:  # noqa: PLR2004  seven bits a byte
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
