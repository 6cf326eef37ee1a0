"""
Checksums at the end of a file, one for each block of it: what is about to be read of a large file is looked at first.

A disk that loses a bit says nothing of it. What is made beside a map (its edges and tiles) is mapped into memory
or read in pieces; only the blocks that an answer needs are looked at, some 1 to 2 GB a second. The map itself has the
database's own. CRC-32 finds every single bit and every burst of up to 32; it is no seal against people.
"""

import os
import struct
import threading
import weakref
import zlib
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from lindero.layers.errors import N_, DamagedMapError

BLOCK = 64 * 1024  # bytes
_FOOT = struct.Struct("<8sQI")  # what it is, bytes of the file before the checksums, checksum of the checksums
_MARK = b"lindero\x01"
_AT_ONCE = 16 * 1024**2

Size = TypeVar("Size", int, npt.NDArray[np.int64])

Stamp = tuple[int, int, int, int]
"""A file as it is now: device, number there, bytes, and when it was last written to, in ns."""


def append(path: Path) -> None:
    """Append the checksums of a finished file to it."""
    size = path.stat().st_size
    with path.open("rb") as file:
        sums = np.array([zlib.crc32(file.read(BLOCK)) for _ in range(_blocks(size))], "<u4").tobytes()
    with path.open("ab") as file:
        file.write(sums + _FOOT.pack(_MARK, size, zlib.crc32(sums)))


def length(size: int) -> int:
    """Tell how many bytes the checksums of a file of so many bytes take."""
    return 4 * _blocks(size) + _FOOT.size


def crc32(path: Path) -> int:
    """Give the checksum of a whole file."""
    total = 0
    with path.open("rb", buffering=0) as file:
        while block := file.read(_AT_ONCE):
            total = zlib.crc32(block, total)
    return total


def stamp(path: Path) -> Stamp:
    """Return what tells a file from others, and from itself once it is written to."""
    state = path.stat()
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns


class Checked:
    """
    A file that ends in its checksums, to be read by many threads.

    Raises
    ------
    DamagedMapError
        If it does not: it is cut off, or they are damaged.
    """

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._file, self._lock = path.open("rb", buffering=0), threading.Lock()
        weakref.finalize(self, self._file.close)
        whole = os.fstat(self._file.fileno()).st_size
        mark, self.size, of_sums = _FOOT.unpack(self._raw(max(whole - _FOOT.size, 0), _FOOT.size).ljust(_FOOT.size))
        if mark != _MARK or whole != self.size + length(self.size):
            raise self._damaged()
        sums = self._raw(self.size, 4 * _blocks(self.size))
        if zlib.crc32(sums) != of_sums:
            raise self._damaged()
        self._sums: npt.NDArray[np.uint32] = np.frombuffer(sums, "<u4")

    def read(self, begin: int, size: int) -> bytes:
        """
        Read some bytes of the file.

        Raises
        ------
        DamagedMapError
            If they are not as they were written.
        """
        first, end = begin // BLOCK, min(begin + size, self.size)
        blocks = [self._block(number) for number in range(first, _blocks(end))]
        return b"".join(blocks)[begin - first * BLOCK : end - first * BLOCK]

    def hold(self, begins: npt.ArrayLike, ends: npt.ArrayLike) -> None:
        """
        Hold that the bytes from each begin to its end are as they were written.

        Raises
        ------
        DamagedMapError
            If they are not.
        """
        first, stop = np.asarray(begins) // BLOCK, _blocks(np.asarray(ends))
        some = np.repeat(stop - np.cumsum(stop - first), stop - first) + np.arange((stop - first).sum())
        for number in sorted(set(some.tolist())):  # numpy's `unique` loads a library for it
            self._block(number)

    def _block(self, number: int) -> bytes:
        block = self._raw(number * BLOCK, min(BLOCK, self.size - number * BLOCK))
        if zlib.crc32(block) != self._sums[number]:
            raise self._damaged()
        return block

    def _raw(self, begin: int, size: int) -> bytes:
        with self._lock:
            self._file.seek(begin)
            return self._file.read(size)

    def _damaged(self) -> DamagedMapError:
        return DamagedMapError(N_("{file}, which belongs to the map, is damaged on the disk"), file=self._name)


def is_damaged(path: Path) -> bool:
    """Tell whether any byte of a file that ends in its checksums is not as it was written."""
    try:
        checked = Checked(path)
        checked.hold([0], [checked.size])
    except DamagedMapError:
        return True
    return False


def are_there(path: Path) -> bool:
    """Return whether a file ends as one that ends in its checksums does."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - _FOOT.size, 0))
        return file.read().startswith(_MARK)


def _blocks(size: Size) -> Size:
    return -(-size // BLOCK)
