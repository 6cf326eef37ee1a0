"""
The parts of a map that is too large to be read at once: each a script that hands over data and does nothing else.

A page from a USB stick may fetch nothing, but may load scripts that lie beside it: they serve everywhere.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from lindero.layers.errors import N_, PublishError

LEAF_BYTES = 120_000  # of the JSON of what lies together
BLOCK_BYTES = 60_000  # of a list
_EXTENTS = (
    0.05,
    0.2,
    1.0,
)  # degrees: what is small is not kept with what is large, which many places would have to load
_LEVEL = 9
_PER_DEGREE = 10_000
_SCRIPT = re.compile(r'linderoPart\("([a-z_]+-\d+)",(\d+),"([A-Za-z0-9+/=]*)"\);\n')


def pack(data: Any) -> tuple[int, str]:
    """Give the size of a value's JSON in bytes, and the JSON deflated, in base64."""
    return deflate(json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=str).encode())


def unpack(text: str) -> Any:
    """
    Read what `pack` gave.

    Raises
    ------
    ValueError
        If it is none.
    """
    return json.loads(inflate(text))


def deflate(data: bytes) -> tuple[int, str]:
    """Give the size of something, and it deflated, in base64: as the client inflates it."""
    return len(data), base64.b64encode(zlib.compress(data, _LEVEL, wbits=-zlib.MAX_WBITS)).decode()


def inflate(text: str) -> bytes:
    """
    Read what `deflate` gave.

    Raises
    ------
    ValueError
        If it is none.
    """
    try:
        return zlib.decompress(base64.b64decode(text, validate=True), wbits=-zlib.MAX_WBITS)
    except (binascii.Error, zlib.error) as error:
        raise ValueError(text[:20]) from error


def script(name: str, data: Any) -> str:
    """Write a part; `name` is its kind and number."""
    size, text = pack(data)
    return f'linderoPart("{name}",{size},"{text}");\n'


def contents_of(script_text: str, name: str) -> Any:
    """
    Read a part.

    Raises
    ------
    PublishError
        If it is a script that does anything else.
    """
    found = _SCRIPT.fullmatch(script_text)
    if not found or found[1] != name:
        raise PublishError(N_("{file} is no part of a pocket map"), file=name)
    return unpack(found[3])


def leaves(boxes: npt.NDArray[np.float64], sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """
    Put together what lies together, in leaves of about `LEAF_BYTES`: what is small apart from what is large.

    Each class of extent is cut into strips by longitude and each strip by latitude (Leutenegger et al. 1997, *STR: a
    simple and efficient algorithm for R-tree packing*).

    Parameters
    ----------
    boxes
        West, south, east, north of each thing.
    sizes
        Bytes of each.

    Returns
    -------
    ndarray
        The number of each thing's leaf, from 0.
    """
    extent = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    leaf = np.zeros(len(boxes), dtype=np.int64)
    first = 0
    for kind in range(len(_EXTENTS) + 1):
        own = np.flatnonzero(np.digitize(extent, _EXTENTS) == kind)
        count = -(-int(sizes[own].sum()) // LEAF_BYTES)
        own = own[np.argsort(middle[own, 0], kind="stable")]
        for strip in _cut(own, sizes, LEAF_BYTES * max(int(np.sqrt(count)), 1)):
            column = strip[np.argsort(middle[strip, 1], kind="stable")]
            for some in _cut(column, sizes, LEAF_BYTES):
                leaf[some] = first
                first += 1
    return leaf


def _cut(things: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64], most: int) -> Iterator[npt.NDArray[np.int64]]:
    """Cut things in their order where the next would make more than so many bytes."""
    begin, taken = 0, 0
    for at, size in enumerate(sizes[things].tolist()):
        if at > begin and taken + size > most:
            yield things[begin:at]
            begin, taken = at, 0
        taken += size
    if len(things):
        yield things[begin:]


def blocks(entries: Iterable[tuple[str, dict[str, Any]]]) -> tuple[list[str], list[list[Any]]]:
    """
    Put entries in the order of their keys, and cut them into blocks of about `BLOCK_BYTES`.

    Returns
    -------
    list
        The first key of each block.
    list
        The blocks: each a list of key and entry.
    """
    ordered = sorted(entries, key=lambda one: one[0])
    sizes = np.array([len(json.dumps(one, ensure_ascii=False, default=str)) for one in ordered], dtype=np.int64)
    cut = [[list(ordered[at]) for at in some] for some in _cut(np.arange(len(ordered)), sizes, BLOCK_BYTES)]
    return [str(block[0][0]) for block in cut], cut


def union(boxes: npt.NDArray[np.float64]) -> list[float]:
    """Give the box round boxes, to some metres more."""
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    return [
        float(one) for one in (*np.floor(low * _PER_DEGREE) / _PER_DEGREE, *np.ceil(high * _PER_DEGREE) / _PER_DEGREE)
    ]
