"""A cache of the rings of buffered features, in an unnamed temporary file."""

import errno
import os
import threading
import weakref
from tempfile import TemporaryFile
from typing import IO, NamedTuple

import numpy as np

from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.geometry.rings import Flags, Rings
from lindero.machine.resources import machine

_CACHE_SHARE = 16  # the cache's file may take this part of the memory


class BufferCache:
    """A cache of the rings of buffered features of a layer, by direction and position, in an unnamed temporary file.

    It takes no memory until a feature is read. Without room in the temporary folder, nothing more is cached. The file
    is at most a 16th of the memory, because the temporary folder may be in memory.
    """

    def __init__(self, features: int) -> None:
        self._features, self._lock = features, threading.Lock()
        self._file: IO[bytes] | None = None
        self._is_cached = {direction: np.zeros(features, dtype=bool) for direction in (-1, 1)}
        self._places = {direction: np.zeros((features, len(_Places._fields)), np.int64) for direction in (-1, 1)}

    def get(self, positions: Ints, direction: int) -> tuple[Flags, Rings]:
        """Return which features at some positions are cached, and the rings of these; none if nothing is left."""
        with self._lock:
            is_cached = self._is_cached[direction][positions]
            places = self._places[direction][positions[is_cached]]
            if self._file is None or not places.any():  # an empty file cannot be mapped
                numbers = np.empty(0)
            else:
                numbers = np.asarray(np.memmap(self._file, np.float64, mode="r"))
        return is_cached, _Places(*places.T).read(numbers)

    def store(self, positions: Ints, direction: int, rings: Rings) -> None:
        """Store the rings of buffered features, in their order, as long as there is room."""
        if not len(positions):
            return
        sizes = np.diff(rings.ring_start)
        numbers = np.concatenate([np.where(rings.is_hole, -sizes, sizes), rings.x, rings.y])
        with self._lock:
            try:
                offset = self._append(numbers)
            except OSError:
                return
            self._places[direction][positions] = np.column_stack(_Places.from_rings(rings, offset))
            self._is_cached[direction][positions] = True

    def _append(self, numbers: Floats) -> int:
        """Write numbers to the end of the file, and return their offset. Raise an OSError if there is no room."""
        if self._file is None:
            self._file = TemporaryFile(buffering=0)  # noqa: SIM115  closed, and so deleted, with the cache
            weakref.finalize(self, self._file.close)
        size, left = self._file.seek(0, os.SEEK_END), numbers.view(np.uint8).data
        offset = -(-size // numbers.itemsize)  # a record that found no room may end in part of a number
        end = offset * numbers.itemsize
        if end + numbers.nbytes > machine().memory_bytes // _CACHE_SHARE:
            raise OSError(errno.ENOSPC, "the cache is full")
        self._file.seek(end)
        while left:
            left = left[self._file.write(left) :]
        return offset

    def select(self, positions: Ints) -> "BufferCache":
        """Return the cache of the features at some positions. What it stores is stored here."""
        return _BufferCachePart(self, positions)

    def __reduce__(self) -> "tuple[type[BufferCache], tuple[int]]":
        """Return an empty cache: its content is not pickled."""
        return BufferCache, (self._features,)


class _BufferCachePart(BufferCache):
    def __init__(self, whole: BufferCache, positions: Ints) -> None:
        super().__init__(len(positions))
        self._whole, self._positions = whole, positions

    def get(self, positions: Ints, direction: int) -> tuple[Flags, Rings]:
        return self._whole.get(self._positions[positions], direction)

    def store(self, positions: Ints, direction: int, rings: Rings) -> None:
        self._whole.store(self._positions[positions], direction, rings)


class _Places(NamedTuple):
    """The places of the numbers of some features: vertices of each ring (negative for a hole), x and y."""

    sizes: Ints
    x: Ints
    y: Ints
    ring_counts: Ints
    vertex_counts: Ints

    @classmethod
    def from_rings(cls, rings: Rings, offset: int) -> "_Places":
        """Return the places of rings that are written together: all sizes, then all x, then all y."""
        vertex_start = rings.ring_start[rings.first_ring]
        x = offset + len(rings.is_hole) + vertex_start[:-1]
        return cls(
            offset + rings.first_ring[:-1], x, x + len(rings.x), np.diff(rings.first_ring), np.diff(vertex_start)
        )

    def read(self, numbers: Floats) -> Rings:
        """Read the rings of the features."""
        sizes = _read_ranges(numbers, self.sizes, self.ring_counts).astype(np.int64)
        x, y = (_read_ranges(numbers, begin, self.vertex_counts) for begin in (self.x, self.y))
        return Rings.from_sizes(x, y, np.abs(sizes), self.ring_counts, sizes < 0)


def _read_ranges(numbers: Floats, begin: Ints, counts: Ints) -> Floats:
    """Read ranges of numbers, one after the other. A range that follows the one before is read together with it."""
    end = begin + counts
    cuts = np.flatnonzero(begin[1:] != end[:-1])
    firsts, lasts = np.append(begin[:1], begin[cuts + 1]), np.append(end[cuts], end[-1:])
    ranges = [numbers[first:last] for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)]
    return np.concatenate(ranges or [np.empty(0)])
