"""The several files of a Shapefile: whether they are all there and whole."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lindero.layers.errors import N_, DamagedError, SourceError
from lindero.layers.read.formats.encodings import claimed_by, fitting

_NEEDED = (".dbf", ".shx")
_BESIDE = (*_NEEDED, ".prj", ".cpg")
_HEADER_BYTES, _INDEX_BYTES = 100, 8
_LENGTH_AT = 24  # of the file, in words of two bytes
_DBF_HEADER_BYTES, _FIELD_BYTES, _END_OF_FIELDS = 32, 32, 0x0D
_CODE_PAGES = {  # the "language driver" in byte 29
    **dict.fromkeys((0x01, 0x0D), "cp437"),
    **dict.fromkeys((0x02, 0x0E, 0x10, 0x12, 0x14, 0x18, 0x37), "cp850"),
    **dict.fromkeys((0x03, 0x57, 0x58, 0x59), "cp1252"),
}
_DELETED, _OVERFLOW = 0x2A, b"*"


def parts(path: Path, beside: Iterable[Path]) -> dict[str, Path]:
    """
    Find among the files `beside` the parts of the Shapefile whose .shp is at `path`.

    They are named by suffix in small letters, whatever the case of their own names.

    Raises
    ------
    SourceError
        If a part is missing that GDAL would read on without, or is a link to a file elsewhere.
    """
    found = {".shp": path}
    for file in sorted(beside):
        if file.stem.lower() == path.stem.lower() and file.suffix.lower() in _BESIDE:
            if file.is_symlink() and file.resolve().parent != path.resolve().parent:
                raise SourceError(N_("{name} is a link to a file elsewhere, which is not followed"), name=file.name)
            found.setdefault(file.suffix.lower(), file)
    if missing := sorted({*_NEEDED} - found.keys()):
        raise SourceError(
            N_(
                "{name} came without {missing}: a Shapefile is several files; put them side by side, or ask for a .zip "
                "of all of them. Where only the .shx is lost, QGIS opens the .shp and saves it as GeoPackage"
            ),
            name=path.name,
            missing=", ".join(f"{path.stem}{suffix}" for suffix in missing),
        )
    return found


def check(found: dict[str, Path], rows: int) -> None:
    """
    Hold that geometry and index are whole, and that there are as many shapes as `rows` of the table.

    Raises
    ------
    SourceError
        If one is cut off, or they are not of one another.
    """
    for suffix in (".shp", ".shx"):
        file = found[suffix]
        with file.open("rb") as opened:
            head = opened.read(_HEADER_BYTES)
        if len(head) < _HEADER_BYTES or file.stat().st_size < 2 * struct.unpack_from(">I", head, _LENGTH_AT)[0]:
            raise DamagedError(N_("{name} is cut off: it says that it is longer"), name=file.name)
    shapes = (found[".shx"].stat().st_size - _HEADER_BYTES) // _INDEX_BYTES
    if shapes != rows:
        raise SourceError(
            N_("{name} has {shapes} shapes, but its table has {rows} rows: they are not of one file"),
            name=found[".shp"].name,
            shapes=shapes,
            rows=rows,
        )


# The table of a Shapefile (dBASE): whether it is whole, which letters it is in, what in it cannot be read.


@dataclass(frozen=True)
class Attributes:
    """How many rows, the encoding and what is claimed of it, and cells (row, column, as received) that overflowed."""

    rows: int
    encoding: str
    claimed: str | None
    overflowed: list[tuple[int, str, str]]


def examine(path: Path, name: str, *, cpg: str | None) -> Attributes:
    """
    Look through the table at `path`; `cpg` is what stands in the .cpg file beside it.

    Raises
    ------
    SourceError
        If it is cut off, or its header makes no sense.
    """
    raw = path.read_bytes()
    if len(raw) < _DBF_HEADER_BYTES:
        raise DamagedError(N_("{name} is cut off: it says that it is longer"), name=name)
    rows, header, width = struct.unpack_from("<IHH", raw, 4)
    if header < _DBF_HEADER_BYTES or width < 1 or len(raw) < header + rows * width:
        raise DamagedError(N_("{name} is cut off: it says that it is longer"), name=name)
    fields = _fields(raw, header, width, name)
    records = np.frombuffer(raw, dtype=np.uint8, count=rows * width, offset=header).reshape(rows, width)
    if (records[:, 0] == _DELETED).any():
        raise SourceError(
            N_("{name} holds {count} rows that are marked as deleted; save it anew from the program that made it"),
            name=name,
            count=int((records[:, 0] == _DELETED).sum()),
        )
    texts = {cell for kind, _, start, end in fields if kind in "CM" for cell in _distinct(records, start, end)}
    texts |= {label for _, label, _, _ in fields}
    claimed = claimed_by(cpg) if cpg is not None else _CODE_PAGES.get(raw[29])
    encoding = fitting(texts, claimed)
    overflowed = [
        (
            int(row) + 1,
            label.decode(encoding, errors="replace"),
            records[row, start:end].tobytes().decode("ascii", errors="replace"),
        )
        for kind, label, start, end in fields
        if kind in "NF"
        for row in np.flatnonzero((records[:, start:end] == _OVERFLOW[0]).any(axis=1))
    ]
    return Attributes(rows, encoding, claimed, overflowed)


def _fields(raw: bytes, header: int, width: int, name: str) -> list[tuple[str, bytes, int, int]]:
    """Give type, name, first and last position of each field."""
    fields, at, place = [], _DBF_HEADER_BYTES, 1
    while at + _FIELD_BYTES <= header and raw[at] != _END_OF_FIELDS:
        label, kind, size = raw[at : at + 11].split(b"\x00")[0], chr(raw[at + 11]), raw[at + 16]
        if kind == "C":
            size += 256 * raw[at + 17]
        fields.append((kind, label, place, place + size))
        place, at = place + size, at + _FIELD_BYTES
    if place > width:
        raise DamagedError(N_("{name} is damaged: its fields do not fit its rows"), name=name)
    return fields


def _distinct(records: npt.NDArray[np.uint8], start: int, end: int) -> list[bytes]:
    """Give the cells of a column that hold more than ASCII, each once."""
    column = records[:, start:end]
    high = np.ascontiguousarray(column[(column > 0x7F).any(axis=1)])  # noqa: PLR2004  beyond ASCII
    return [cell.rstrip(b" \x00") for cell in {row.tobytes() for row in high}]
