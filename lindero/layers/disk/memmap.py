"""Arrays that are written piece by piece to unnamed temporary files, and take no memory until they are read."""

import mmap
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import numpy.typing as npt

Arrays = Mapping[str, npt.NDArray[Any]]


class GrowingArray:
    """An array that is appended piece by piece along its first axis, and takes no memory until it is read.

    It is stored in an unnamed file in `folder`, which is deleted with the array.
    """

    def __init__(self, folder: Path) -> None:
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115  closed when it is mapped
        self._length = 0
        self._none: npt.NDArray[Any] = np.empty(0)

    def __len__(self) -> int:
        """Return the current length."""
        return self._length

    def append(self, piece: npt.NDArray[Any]) -> None:
        """Append a piece."""
        self._file.write(np.ascontiguousarray(piece).data)
        self._length += len(piece)
        self._none = piece[:0].copy()

    def to_memmap(self) -> npt.NDArray[Any]:
        """Map the array into memory as it is now. Nothing can be appended afterwards."""
        with self._file as file:
            file.flush()
            shape = (self._length, *self._none.shape[1:])
            return np.asarray(np.memmap(file, self._none.dtype, "c", shape=shape)) if all(shape) else self._none


def release_memory(arrays: Iterable[npt.NDArray[Any]]) -> None:
    """Release the memory of mapped arrays; their data is read from the disk again when needed.

    Nothing happens on systems without `madvise`.
    """
    maps = {id(mapped): mapped for array in arrays if (mapped := _find_mmap(array)) is not None}
    for mapped in maps.values():
        if hasattr(mapped, "madvise"):
            mapped.madvise(mmap.MADV_DONTNEED)


def _find_mmap(array: npt.NDArray[Any]) -> mmap.mmap | None:
    base: object = array
    while isinstance(base, np.ndarray | memoryview):
        base = base.base if isinstance(base, np.ndarray) else base.obj
    return base if isinstance(base, mmap.mmap) else None
