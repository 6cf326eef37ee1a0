"""The parts of a map that is too large to load at once: each a script that hands over data and does nothing else.

A page from a USB stick cannot fetch files, but can load scripts next to it, so scripts work everywhere.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.layers.errors import N_, PublishError

Row = dict[str, Any]

LEAF_BYTES = 120_000  # of the JSON of neighbouring rows
BLOCK_BYTES = 60_000  # of the JSON of a block of a list
_EXTENTS = (
    0.05,
    0.2,
    1.0,
)  # degrees: small shapes are not stored with large ones, which many places would have to load
_LEVEL, _MEMORY_LEVEL = 9, 1
_PER_DEGREE = 10_000
_SCRIPT = re.compile(r'linderoPart\("([a-z_]+-\d+)",(\d+),"([A-Za-z0-9+/=]*)"\);\n')


@dataclass(frozen=True, slots=True)
class Packed:
    """A value of a row as deflated JSON: the outlines and texts of a whole map need too much memory otherwise."""

    size: int  # of the JSON in bytes
    data: bytes

    @classmethod
    def from_value(cls, value: Any) -> Self:
        """Pack a value."""
        text = json.dumps(value, ensure_ascii=False, default=str)
        return cls(len(text), zlib.compress(text.encode(), _MEMORY_LEVEL))

    def unpack(self) -> Any:
        """Return the value."""
        return json.loads(zlib.decompress(self.data))


@dataclass
class MapRows:
    """The rows of a map with geometry: their `kinds`, bounding boxes and rows, in the same order.

    `nowhere` has the rows without geometry, with their kind. Outlines and texts are packed.
    """

    kinds: list[str] = field(default_factory=list)
    boxes: list[tuple[float, ...]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    nowhere: list[tuple[str, Row]] = field(default_factory=list)

    def add(self, kind: str, shapes: Iterable[BaseGeometry | None], rows: Iterable[Row]) -> None:
        """Add rows of a kind."""
        geometries = np.array(list(shapes), dtype=object)
        has_place = ~(shapely.is_missing(geometries) | shapely.is_empty(geometries))
        for is_placed, box, row in zip(has_place.tolist(), shapely.bounds(geometries).tolist(), rows, strict=True):
            if not is_placed or not row.get("g", True):
                self.nowhere.append((kind, row))
                continue
            self.kinds.append(kind)
            self.boxes.append(tuple(box))
            self.rows.append(row | {"g": Packed.from_value(row["g"])} if "g" in row else row)

    def iter_all(self) -> Iterator[tuple[str, Row]]:
        """Yield all rows with their kind; those without geometry are the last."""
        yield from zip(self.kinds, self.rows, strict=True)
        yield from self.nowhere


def row_size(row: Row) -> int:
    """Return the size of a row, which may have packed values, as JSON."""
    rest = {name: 0 if isinstance(value, Packed) else value for name, value in row.items()}
    added = sum(value.size - len("0") for value in row.values() if isinstance(value, Packed))
    return len(json.dumps(rest, ensure_ascii=False, default=str)) + added


def unpack_row(row: Row) -> Row:
    """Return a row with its packed values as they were."""
    return {name: value.unpack() if isinstance(value, Packed) else value for name, value in row.items()}


def encode_json(data: Any) -> tuple[int, str]:
    """Return the size of a value as JSON in bytes, and the JSON deflated in base64."""
    return deflate(json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=str).encode())


def decode_json(text: str) -> Any:
    """Decode the text of `encode_json`."""
    return json.loads(inflate(text))


def deflate(data: bytes) -> tuple[int, str]:
    """Return the size of the data, and the data deflated in base64, as the client inflates it."""
    return len(data), base64.b64encode(zlib.compress(data, _LEVEL, wbits=-zlib.MAX_WBITS)).decode()


def inflate(text: str) -> bytes:
    """Decode the text of `deflate`."""
    try:
        return zlib.decompress(base64.b64decode(text, validate=True), wbits=-zlib.MAX_WBITS)
    except (binascii.Error, zlib.error) as error:
        raise ValueError(text[:20]) from error


def encode_part(name: str, data: Any) -> str:
    """Return the script of a part. `name` is its kind and number."""
    size, text = encode_json(data)
    return f'linderoPart("{name}",{size},"{text}");\n'


def decode_part(script_text: str, name: str) -> Any:
    """Decode the script of a part."""
    match = _SCRIPT.fullmatch(script_text)
    if not match or match[1] != name:
        raise PublishError(N_("{file} is not part of a pocket map"), file=name)
    return decode_json(match[3])


def assign_leaves(boxes: npt.NDArray[np.float64], sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Assign features that are near each other to leaves of about `LEAF_BYTES`; small and large ones are kept apart.

    Each class of extent is cut into strips by longitude and each strip by latitude (Leutenegger et al. 1997, *STR: a
    simple and efficient algorithm for R-tree packing*).

    `sizes`: size of each feature in bytes. Returns: the number of each feature's leaf, from 0.
    """
    extent = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    leaf = np.zeros(len(boxes), dtype=np.int64)
    first = 0
    for kind in range(len(_EXTENTS) + 1):
        members = np.flatnonzero(np.digitize(extent, _EXTENTS) == kind)
        count = -(-int(sizes[members].sum()) // LEAF_BYTES)
        members = members[np.argsort(middle[members, 0], kind="stable")]
        for strip in _split_by_size(members, sizes, LEAF_BYTES * max(int(np.sqrt(count)), 1)):
            column = strip[np.argsort(middle[strip, 1], kind="stable")]
            for leaf_members in _split_by_size(column, sizes, LEAF_BYTES):
                leaf[leaf_members] = first
                first += 1
    return leaf


def group_by_leaf(leaf: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
    """Return the numbers of the rows of each leaf."""
    by_leaf = np.argsort(leaf, kind="stable")
    return np.split(by_leaf, np.flatnonzero(np.diff(leaf[by_leaf])) + 1) if len(leaf) else []


def _split_by_size(
    items: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64], max_bytes: int
) -> Iterator[npt.NDArray[np.int64]]:
    """Yield runs of items in their order, each of at most `max_bytes` bytes (or a single larger item)."""
    begin, run_bytes = 0, 0
    for index, size in enumerate(sizes[items].tolist()):
        if index > begin and run_bytes + size > max_bytes:
            yield items[begin:index]
            begin, run_bytes = index, 0
        run_bytes += size
    if len(items):
        yield items[begin:]


def split_into_blocks(entries: Iterable[tuple[str, dict[str, Any]]]) -> tuple[list[str], list[list[Any]]]:
    """Sort entries by key and split them into blocks of about `BLOCK_BYTES`."""
    ordered = sorted(entries, key=lambda entry: entry[0])
    sizes = np.array([len(json.dumps(entry, ensure_ascii=False, default=str)) for entry in ordered], dtype=np.int64)
    entry_blocks = [
        [list(ordered[index]) for index in positions]
        for positions in _split_by_size(np.arange(len(ordered)), sizes, BLOCK_BYTES)
    ]
    return [str(block[0][0]) for block in entry_blocks], entry_blocks


def bounding_box(boxes: npt.NDArray[np.float64]) -> list[float]:
    """Return the bounding box of boxes, rounded outwards by some metres."""
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    return [
        float(side) for side in (*np.floor(low * _PER_DEGREE) / _PER_DEGREE, *np.ceil(high * _PER_DEGREE) / _PER_DEGREE)
    ]
