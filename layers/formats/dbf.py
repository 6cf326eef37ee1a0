"""The table of a Shapefile (dBASE): whether it is whole, which letters it is in, what in it cannot be read."""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lindero.layers.errors import N_, DamagedError, SourceError
from lindero.layers.formats.encodings import claimed_by, fitting

_HEADER_BYTES, _FIELD_BYTES, _END_OF_FIELDS = 32, 32, 0x0D
_CODE_PAGES = {  # the "language driver" in byte 29
    **dict.fromkeys((0x01, 0x0D), "cp437"),
    **dict.fromkeys((0x02, 0x0E, 0x10, 0x12, 0x14, 0x18, 0x37), "cp850"),
    **dict.fromkeys((0x03, 0x57, 0x58, 0x59), "cp1252"),
}
_DELETED, _OVERFLOW = 0x2A, b"*"


@dataclass(frozen=True)
class Attributes:
    """How many rows, the encoding and what is claimed of it, and cells (row, column, as received) that overflowed."""

    rows: int
    encoding: str
    claimed: str | None
    overflowed: list[tuple[int, str, str]]


def examined(path: Path, name: str, *, cpg: str | None) -> Attributes:
    """
    Look through the table at `path`; `cpg` is what stands in the .cpg file beside it.

    Raises
    ------
    SourceError
        If it is cut off, or its header makes no sense.
    """
    raw = path.read_bytes()
    if len(raw) < _HEADER_BYTES:
        raise DamagedError(N_("{name} is cut off: it says that it is longer"), name=name)
    rows, header, width = struct.unpack_from("<IHH", raw, 4)
    if header < _HEADER_BYTES or width < 1 or len(raw) < header + rows * width:
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
    fields, at, place = [], _HEADER_BYTES, 1
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
