"""The files of a Shapefile: checks that all are present and complete, and the attribute table."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lindero.layers.errors import N_, DamagedError, SourceError
from lindero.layers.read.formats.encodings import MIXED, detect_dbf_encoding, parse_cpg

_REQUIRED_SUFFIXES = (".dbf", ".shx")
_SIDECAR_SUFFIXES = (*_REQUIRED_SUFFIXES, ".prj", ".cpg")
_HEADER_BYTES, _INDEX_BYTES = 100, 8
_LENGTH_OFFSET = 24  # offset of the file length, which counts words of two bytes
_DBF_HEADER_BYTES, _FIELD_BYTES, _END_OF_FIELDS = 32, 32, 0x0D
_CODE_PAGES = {  # by the "language driver" in byte 29
    **dict.fromkeys((0x01, 0x0D), "cp437"),
    **dict.fromkeys((0x02, 0x0E, 0x10, 0x12, 0x14, 0x18, 0x37), "cp850"),
    **dict.fromkeys((0x03, 0x57, 0x58, 0x59), "cp1252"),
}
_DELETED, _OVERFLOW = 0x2A, b"*"


def find_parts(path: Path, siblings: Iterable[Path]) -> dict[str, Path]:
    """Find the parts of the Shapefile at `path` (.shp) among the files `siblings`.

    They are returned by lower-case suffix, whatever the case of the file names.
    """
    shape_parts = {".shp": path}
    for file in sorted(siblings):
        if file.stem.lower() == path.stem.lower() and file.suffix.lower() in _SIDECAR_SUFFIXES:
            if file.is_symlink() and file.resolve().parent != path.resolve().parent:
                raise SourceError(
                    N_(
                        "{name} is a link to a file elsewhere; links are not followed. Put the file itself in its place"
                    ),
                    name=file.name,
                )
            shape_parts.setdefault(file.suffix.lower(), file)
    if missing := sorted({*_REQUIRED_SUFFIXES} - shape_parts.keys()):
        raise SourceError(
            N_(
                "{name} came without {missing}: a Shapefile consists of several files. Put them in one "
                "folder, or ask for a .zip with all of them. If only the .shx is lost, open the .shp in "
                "QGIS and save it as GeoPackage"
            ),
            name=path.name,
            missing=", ".join(f"{path.stem}{suffix}" for suffix in missing),
        )
    return shape_parts


def check_lengths(shape_parts: dict[str, Path], rows: int) -> None:
    """Check that geometry and index are complete, and that there are as many shapes as `rows` in the table."""
    for suffix in (".shp", ".shx"):
        file = shape_parts[suffix]
        with file.open("rb") as opened:
            head = opened.read(_HEADER_BYTES)
        if len(head) < _HEADER_BYTES or file.stat().st_size < 2 * struct.unpack_from(">I", head, _LENGTH_OFFSET)[0]:
            raise DamagedError(N_("{name} is truncated: it is shorter than its header states"), name=file.name)
    shapes = (shape_parts[".shx"].stat().st_size - _HEADER_BYTES) // _INDEX_BYTES
    if shapes != rows:
        raise SourceError(
            N_(
                "{name} has {shapes} shapes, but its table has {rows} rows: its parts come from different "
                "files; ask the sender for a .zip with all of them"
            ),
            name=shape_parts[".shp"].name,
            shapes=shapes,
            rows=rows,
        )


# The table of a Shapefile (dBASE): whether it is complete, its encoding, and cells that cannot be read.


@dataclass(frozen=True)
class Attributes:
    """Facts about a dBASE table.

    They are the row count, the encoding, the stated encoding, and the cells that overflowed (row, column, received
    text).
    """

    rows: int
    encoding: str
    claimed: str | None
    overflowed: list[tuple[int, str, str]]


def read_attributes(path: Path, name: str, *, cpg: str | None) -> Attributes:
    """Read facts about the dBASE table at `path`; `cpg` is the content of the .cpg file beside it."""
    raw = path.read_bytes()
    if len(raw) < _DBF_HEADER_BYTES:
        raise DamagedError(N_("{name} is truncated: it is shorter than its header states"), name=name)
    rows, header, width = struct.unpack_from("<IHH", raw, 4)
    if header < _DBF_HEADER_BYTES or width < 1 or len(raw) < header + rows * width:
        raise DamagedError(N_("{name} is truncated: it is shorter than its header states"), name=name)
    fields = _read_fields(raw, header, width, name)
    records = np.frombuffer(raw, dtype=np.uint8, count=rows * width, offset=header).reshape(rows, width)
    if (records[:, 0] == _DELETED).any():
        raise SourceError(
            N_("{name} contains rows that are marked as deleted ({count}); save it again in the program that made it"),
            name=name,
            count=int((records[:, 0] == _DELETED).sum()),
        )
    texts = {cell for kind, _, start, end in fields if kind in "CM" for cell in _distinct_cells(records, start, end)}
    texts |= {label for _, label, _, _ in fields}
    stated = parse_cpg(cpg) if cpg is not None else _CODE_PAGES.get(raw[29])
    encoding = detect_dbf_encoding(texts, stated)
    overflowed = [
        (
            int(row) + 1,
            label.decode("utf-8" if encoding == MIXED else encoding, errors="replace"),
            records[row, start:end].tobytes().decode("ascii", errors="replace"),
        )
        for kind, label, start, end in fields
        if kind in "NF"
        for row in np.flatnonzero((records[:, start:end] == _OVERFLOW[0]).any(axis=1))
    ]
    return Attributes(rows, encoding, stated, overflowed)


def _read_fields(raw: bytes, header: int, width: int, name: str) -> list[tuple[str, bytes, int, int]]:
    """Return type, name, start and end byte of each field within a record."""
    fields, offset, field_start = [], _DBF_HEADER_BYTES, 1
    while offset + _FIELD_BYTES <= header and raw[offset] != _END_OF_FIELDS:
        label, kind, size = raw[offset : offset + 11].split(b"\x00")[0], chr(raw[offset + 11]), raw[offset + 16]
        if kind == "C":
            size += 256 * raw[offset + 17]
        fields.append((kind, label, field_start, field_start + size))
        field_start, offset = field_start + size, offset + _FIELD_BYTES
    if field_start > width:
        raise DamagedError(N_("{name} is damaged: its fields are wider than its rows"), name=name)
    return fields


def _distinct_cells(records: npt.NDArray[np.uint8], start: int, end: int) -> list[bytes]:
    """Return the distinct cells of a column that contain bytes beyond ASCII."""
    column = records[:, start:end]
    non_ascii = np.ascontiguousarray(column[(column > 0x7F).any(axis=1)])  # noqa: PLR2004  beyond ASCII
    return [cell.rstrip(b" \x00") for cell in {row.tobytes() for row in non_ascii}]
