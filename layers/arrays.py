"""
Arrays in a file that is mapped into memory: opening it reads nothing, and what is asked for is read.

One line of JSON says what the arrays are about and where each begins; the numbers follow as they are in memory. The
file is made beside a map and is worth nothing without it: what does not fit its map, or is no such file, is made again.
"""

import json
import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Arrays = Mapping[str, npt.NDArray[Any]]

_STEP = 64  # bytes: arrays begin where every kind of number may
_KINDS = frozenset({"float64", "int64", "int32", "bool", "uint8"})


def write(path: Path, arrays: Arrays, *, about: Mapping[str, object]) -> None:
    """Write arrays, and what they are about, to a new file."""
    placed, at = {}, 0
    for name, array in arrays.items():
        placed[name] = {"kind": array.dtype.name, "shape": array.shape, "at": at}
        at += -(-array.nbytes // _STEP) * _STEP
    head = json.dumps({"about": about, "arrays": placed, "bytes": at}).encode()
    path.unlink(missing_ok=True)  # who has mapped the old file into memory keeps it
    with path.open("wb") as file:
        file.write(head + b" " * (-(len(head) + 1) % _STEP) + b"\n")
        for array in arrays.values():
            file.write(np.ascontiguousarray(array).tobytes())
            file.write(bytes(-array.nbytes % _STEP))


def read(path: Path, *, about: Mapping[str, object]) -> dict[str, npt.NDArray[Any]] | None:
    """Map the arrays of a file into memory; nothing if there is no such file, or it is about something else."""
    try:
        with path.open("rb") as file:
            head = file.readline()
            told = json.loads(head)
            if told["about"] != about or path.stat().st_size != len(head) + told["bytes"]:
                return None
            # private to this process, so that compiled code takes it for what it is: numbers in memory
            whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        held = np.frombuffer(whole, np.uint8)[len(head) :]
        return {name: _placed(held, **where) for name, where in told["arrays"].items()}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _placed(held: npt.NDArray[np.uint8], *, kind: str, shape: list[int], at: int) -> npt.NDArray[Any]:
    if kind not in _KINDS:
        raise ValueError(kind)
    count = int(np.prod(shape)) * np.dtype(kind).itemsize
    return held[at : at + count].view(kind).reshape(shape)
