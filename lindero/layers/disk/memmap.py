"""Arrays that come piece by piece and need no memory until they are looked at: they are in files without a name."""

import mmap
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import numpy.typing as npt

Arrays = Mapping[str, npt.NDArray[Any]]


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
