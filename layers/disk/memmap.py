"""
Arrays in a file that is mapped into memory: opening it reads nothing, and what is asked for is read.

One line of JSON says what the arrays are about and where each begins; the numbers follow as they are in memory, then
the checksums of all. The file is made beside a map and is worth nothing without it: what does not fit its map, or is no
such file, is made again.
"""

import json
import mmap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import numpy.typing as npt

from lindero.layers.disk import checksums
from lindero.layers.disk.checksums import Checked, Stamp

Arrays = Mapping[str, npt.NDArray[Any]]

_STEP = 64  # bytes: arrays begin where every kind of number may
_AT_ONCE = 32 * 1024**2  # bytes
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
            for piece in _pieces(array):
                file.write(piece.data)
                let_go([array])
            file.write(bytes(-array.nbytes % _STEP))
    checksums.append(path)


class Held(dict[str, npt.NDArray[Any]]):
    """Arrays of a file that are mapped into memory, by name; nobody has looked yet whether they are as written."""

    def __init__(self, arrays: Arrays, checked: Checked, begins: Mapping[str, int]) -> None:
        super().__init__(arrays)
        self._checked, self._begins = checked, begins

    @property
    def stamp(self) -> Stamp:
        """The file that they lie in, as it is now."""
        return self._checked.stamp

    def hold(self, *names: str) -> None:
        """
        Hold that some arrays are as they were written.

        Raises
        ------
        DamagedMapError
            If one is not.
        """
        begins = np.array([self._begins[name] for name in names], np.int64)
        self._checked.hold(begins, begins + np.array([self[name].nbytes for name in names], np.int64))

    def hold_rows(self, name: str, begins: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> None:
        """
        Hold that some rows of an array, from each begin to its end, are as they were written.

        Raises
        ------
        DamagedMapError
            If one is not.
        """
        at, step = self._begins[name], self[name].strides[0]
        self._checked.hold(at + begins * step, at + ends * step)


def read(path: Path, *, about: Mapping[str, object]) -> Held | None:
    """
    Map the arrays of a file into memory; nothing if there is no such file, or it is about something else.

    Raises
    ------
    DamagedMapError
        If its first line or its checksums are damaged.
    """
    try:
        with path.open("rb") as file:
            head = file.readline()
            content = json.loads(head)
            size = len(head) + content["bytes"]
            if content["about"] != about or path.stat().st_size != size + checksums.length(size):
                return None
            # private to this process, so that compiled code takes it for what it is: numbers in memory
            whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        checked = Checked(path)
        checked.hold([0], [len(head)])
        payload = np.frombuffer(whole, np.uint8)[len(head) :]
        placed = {name: _placed(payload, **where) for name, where in content["arrays"].items()}
        return Held(placed, checked, {name: len(head) + where["at"] for name, where in content["arrays"].items()})
    except (OSError, ValueError, KeyError, TypeError):
        return None


class Growing:
    """
    An array that comes piece by piece, along its first axis, and needs no memory until it is looked at.

    It lies in a file without a name in `folder`, which is gone with the array.
    """

    def __init__(self, folder: Path) -> None:
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115  closed when it is mapped
        self._length = 0
        self._none: npt.NDArray[Any] = np.empty(0)

    def __len__(self) -> int:
        """Tell how long it is by now."""
        return self._length

    def add(self, piece: npt.NDArray[Any]) -> None:
        """Add the next piece."""
        self._file.write(np.ascontiguousarray(piece).data)
        self._length += len(piece)
        self._none = piece[:0].copy()

    def mapped(self) -> npt.NDArray[Any]:
        """Map it into memory as it is now; nothing can be added any more."""
        with self._file as file:
            file.flush()
            shape = (self._length, *self._none.shape[1:])
            return np.asarray(np.memmap(file, self._none.dtype, "c", shape=shape)) if all(shape) else self._none


def let_go(arrays: Iterable[npt.NDArray[Any]]) -> None:
    """
    Take what was read of mapped arrays out of memory: whoever looks at them again reads it again.

    Nothing may have been written to them. Other arrays, and systems that cannot do so, are left alone.
    """
    maps = {id(mapped): mapped for array in arrays if (mapped := _map_of(array)) is not None}
    for mapped in maps.values():
        if hasattr(mapped, "madvise"):
            mapped.madvise(mmap.MADV_DONTNEED)


def _map_of(array: npt.NDArray[Any]) -> mmap.mmap | None:
    base: object = array
    while isinstance(base, np.ndarray | memoryview):
        base = base.base if isinstance(base, np.ndarray) else base.obj
    return base if isinstance(base, mmap.mmap) else None


def _pieces(array: npt.NDArray[Any]) -> Iterator[npt.NDArray[Any]]:
    """Give the numbers of an array as they are written, not too many at once."""
    flat = np.ascontiguousarray(array).reshape(-1)
    for begin in range(0, len(flat), _AT_ONCE // flat.itemsize):
        yield flat[begin : begin + _AT_ONCE // flat.itemsize]


def _placed(payload: npt.NDArray[np.uint8], *, kind: str, shape: list[int], at: int) -> npt.NDArray[Any]:
    if kind not in _KINDS:
        raise ValueError(kind)
    count = int(np.prod(shape)) * np.dtype(kind).itemsize
    return payload[at : at + count].view(kind).reshape(shape)
