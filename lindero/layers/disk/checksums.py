"""Checksums at the end of a file, one for each block, so that a part of a large file can be verified before it is read.

A disk does not report a lost bit. The tiles beside a map are read in parts; only the blocks that an answer needs are
verified, at 1 to 2 GB a second. The map itself has the checksums of its database.
CRC-32 detects every single bit error and every burst of up to 32 bits; it does not protect against deliberate changes.
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
_FOOT = struct.Struct("<8sQI")  # mark, bytes of the file before the checksums, checksum of the checksums
_MARK = b"lindero\x01"
_CHUNK_BYTES = 16 * 1024**2

Size = TypeVar("Size", int, npt.NDArray[np.int64])


def append_checksums(path: Path) -> None:
    """Append checksums to a finished file."""
    size = path.stat().st_size
    with path.open("rb") as file:
        sums = np.array([zlib.crc32(file.read(BLOCK)) for _ in range(_block_count(size))], "<u4").tobytes()
    with path.open("ab") as file:
        file.write(sums + _FOOT.pack(_MARK, size, zlib.crc32(sums)))


def checksums_size(size: int) -> int:
    """Return the size in bytes of the checksums of a file of `size` bytes."""
    return 4 * _block_count(size) + _FOOT.size


def crc32(path: Path) -> int:
    """Compute the checksum of a whole file.

    Returns: CRC-32, 0 to `2**32 - 1`; 0 for an empty file.
    """
    total = 0
    with path.open("rb", buffering=0) as file:
        while block := file.read(_CHUNK_BYTES):
            total = zlib.crc32(block, total)
    return total


class CheckedFile:
    """A file that ends in its checksums, for reading by many threads."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._file, self._lock = path.open("rb", buffering=0), threading.Lock()
        weakref.finalize(self, self._file.close)
        whole = os.fstat(self._file.fileno()).st_size
        mark, self.size, of_sums = _FOOT.unpack(
            self._read_raw(max(whole - _FOOT.size, 0), _FOOT.size).ljust(_FOOT.size)
        )
        if mark != _MARK or whole != self.size + checksums_size(self.size):
            raise self._damaged_error()
        sums = self._read_raw(self.size, 4 * _block_count(self.size))
        if zlib.crc32(sums) != of_sums:
            raise self._damaged_error()
        self._sums: npt.NDArray[np.uint32] = np.frombuffer(sums, "<u4")

    def read(self, begin: int, size: int) -> bytes:
        """Read some bytes of the file."""
        first, end = begin // BLOCK, min(begin + size, self.size)
        blocks = [self._read_block(number) for number in range(first, _block_count(end))]
        return b"".join(blocks)[begin - first * BLOCK : end - first * BLOCK]

    def verify_ranges(self, begins: npt.ArrayLike, ends: npt.ArrayLike) -> None:
        """Verify the bytes from each begin to its end."""
        first, stop = np.asarray(begins) // BLOCK, _block_count(np.asarray(ends))
        block_numbers = np.repeat(stop - np.cumsum(stop - first), stop - first) + np.arange((stop - first).sum())
        for number in sorted(set(block_numbers.tolist())):  # numpy's `unique` would load another library
            self._read_block(number)

    def _read_block(self, number: int) -> bytes:
        block = self._read_raw(number * BLOCK, min(BLOCK, self.size - number * BLOCK))
        if zlib.crc32(block) != self._sums[number]:
            raise self._damaged_error()
        return block

    def _read_raw(self, begin: int, size: int) -> bytes:
        with self._lock:
            self._file.seek(begin)
            return self._file.read(size)

    def _damaged_error(self) -> DamagedMapError:
        return DamagedMapError(N_("the map's file {file} is damaged on the disk"), file=self._name)


def is_damaged(path: Path) -> bool:
    """Return whether any byte of a file with checksums has changed."""
    try:
        checked = CheckedFile(path)
        checked.verify_ranges([0], [checked.size])
    except DamagedMapError:
        return True
    return False


def _block_count(size: Size) -> Size:
    return -(-size // BLOCK)
