"""
Where what does not fit into memory is spilled: a folder for each connection, cleared away by the next that opens.

DuckDB clears up after itself unless it is killed. Connections that shared a folder would write each other's files.
"""

import secrets
import shutil
from pathlib import Path
from typing import IO

from lindero.layers.disk.builds import is_locked, take_lock

FOLDER = ".spill"
_LOCK = "lock"
_DOOR = ".lock"  # held for as long as folders are made or cleared away
_held: dict[Path, IO[str]] = {}  # the locks that this process holds, until it ends


def new_folder(folder: Path) -> Path | None:
    """
    Make a folder to spill into under `folder`, having cleared away those that killed processes left.

    Returns
    -------
    Path or None
        None where nothing can be written: then nothing is spilled.
    """
    spilled = folder / FOLDER
    try:
        spilled.mkdir(mode=0o700, exist_ok=True)
        with spilled.joinpath(_DOOR).open("w") as door:
            take_lock(door.fileno(), wait=True)
            _clear(spilled)
            own = spilled / secrets.token_hex(8)
            own.mkdir(mode=0o700)
            lock = own.joinpath(_LOCK).open("w")
            take_lock(lock.fileno())
            _held[own] = lock
    except OSError:
        return None
    return own


def give_back(own: Path) -> None:
    """Clear away a folder whose connection is closed."""
    lock = _held.pop(own, None)
    if lock is not None:  # else it is none of ours
        lock.close()
        shutil.rmtree(own, ignore_errors=True)


def _clear(spilled: Path) -> None:
    """Clear away what no process holds any more."""
    for left in spilled.iterdir():
        if left.name == _DOOR or left in _held:
            continue
        if left.is_dir() and is_locked(left / _LOCK):
            continue
        shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)
