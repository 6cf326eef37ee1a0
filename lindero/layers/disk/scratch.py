"""
Folders for what is needed for a moment only: a received file that is being looked at, what an archive holds.

A process that is killed outright leaves its folder behind. Whoever needs one next, or serves a map, clears away those
that nobody holds any more.
"""

import os
import secrets
import shutil
import stat
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import IO

from lindero.layers.disk.builds import is_locked, take_lock

MEMORY = Path("/dev/shm")  # noqa: S108  where Linux keeps files in memory alone
_PREFIX = "lindero-"
_LOCK = ".lindero-scratch"  # a folder without it is none of ours, whatever its name
_ROOM = 20  # times a file's size
_YOUNG_S = 60  # its process may be about to take the lock
FOLDER = ".spill"
_SPILL_LOCK = "lock"
_DOOR = ".lock"  # held for as long as folders are made or cleared away
_held: dict[Path, IO[str]] = {}  # the locks that this process holds, until it ends


@contextmanager
def scratch(within: Path | None = None) -> Generator[Path]:
    """Make an empty folder for a while, in the system's folder for such, or `within` another."""
    _clear_once() if within is None else clear_abandoned(within)
    with (
        TemporaryDirectory(prefix=_PREFIX, dir=within) as folder,
        Path(folder, _LOCK).open("w", encoding="utf-8") as lock,
    ):
        take_lock(lock.fileno())
        yield Path(folder)


def in_memory(size: int) -> Path | None:
    """Give the folder whose files lie in memory, if it has the room for a file and what may be unpacked of it."""
    if not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < _ROOM * size:
        return None
    return MEMORY


def clear_abandoned(*parents: Path) -> None:
    """Clear away what processes of this user left, here or where all do, that ended without doing so."""
    for parent in parents or (Path(gettempdir()), MEMORY):
        for folder in parent.glob(f"{_PREFIX}*"):
            if _is_abandoned(folder):
                shutil.rmtree(folder, ignore_errors=True)


_clear_once = cache(clear_abandoned)


def _is_abandoned(folder: Path) -> bool:
    lock = folder / _LOCK
    try:
        found = [folder.lstat(), lock.lstat()]
    except OSError:
        return False
    own = sys.platform == "win32" or all(one.st_uid == os.getuid() for one in found)
    plain = stat.S_ISDIR(found[0].st_mode) and stat.S_ISREG(found[1].st_mode)
    return own and plain and found[1].st_mtime < time.time() - _YOUNG_S and not is_locked(lock)


# Where what does not fit into memory is spilled: a folder for each connection, cleared away by the next that opens.
#
# DuckDB clears up after itself unless it is killed. Connections that shared a folder would write each other's files.


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
            lock = own.joinpath(_SPILL_LOCK).open("w")
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
        if left.is_dir() and is_locked(left / _SPILL_LOCK):
            continue
        shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)
