"""Temporary folders, for example for a received file that is inspected or an archive that is unpacked.

A process that is killed leaves its folder behind. The next process that needs one, or serves a map, deletes the folders
that no process holds any more.
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

from lindero.layers.disk.builds import acquire_lock, is_locked

MEMORY = Path("/dev/shm")  # noqa: S108  where Linux keeps files only in memory
_PREFIX = "lindero-"
_LOCK = ".lindero-scratch"  # a folder without this file was not created by Lindero, whatever its name
_ROOM = 20  # required free space, as a multiple of the file's size
_YOUNG_S = 60  # seconds; the process of a newer folder may be about to take the lock
FOLDER = ".spill"
_SPILL_LOCK = "lock"
_DOOR = ".lock"  # held while folders are created or deleted
_held_locks: dict[Path, IO[str]] = {}  # the locks that this process holds until it ends


@contextmanager
def temporary_folder(parent: Path | None = None) -> Generator[Path]:
    """Create an empty folder for the duration of the context. Folders that killed processes left are deleted first."""
    _clear_once() if parent is None else delete_abandoned_folders(parent)
    with (
        TemporaryDirectory(prefix=_PREFIX, dir=parent) as folder,
        Path(folder, _LOCK).open("w", encoding="utf-8") as lock,
    ):
        acquire_lock(lock.fileno())
        yield Path(folder)


def memory_folder(size: int) -> Path | None:
    """Return the folder that keeps its files in memory, if there is enough room in it.

    `size`: bytes of the file to store. 20 times as much must be free, for its unpacked content.
    """
    if not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < _ROOM * size:
        return None
    return MEMORY


def delete_abandoned_folders(*parents: Path) -> None:
    """Delete temporary folders that killed processes of this user left behind."""
    for parent in parents or (Path(gettempdir()), MEMORY):
        for folder in parent.glob(f"{_PREFIX}*"):
            if _is_abandoned(folder):
                shutil.rmtree(folder, ignore_errors=True)


_clear_once = cache(delete_abandoned_folders)


def _is_abandoned(folder: Path) -> bool:
    lock = folder / _LOCK
    try:
        statuses = [folder.lstat(), lock.lstat()]
    except OSError:
        return False
    is_own = sys.platform == "win32" or all(status.st_uid == os.getuid() for status in statuses)
    is_regular = stat.S_ISDIR(statuses[0].st_mode) and stat.S_ISREG(statuses[1].st_mode)
    return is_own and is_regular and statuses[1].st_mtime < time.time() - _YOUNG_S and not is_locked(lock)


# Spill folders for data that does not fit into memory: one per connection. The next connection deletes old ones.
#
# DuckDB deletes its files unless it is killed. Connections that shared a folder would overwrite each other's files.


def create_spill_folder(folder: Path) -> Path | None:
    """Create a folder to spill into under `folder`, after deleting those that killed processes left."""
    parent = folder / FOLDER
    try:
        parent.mkdir(mode=0o700, exist_ok=True)
        with parent.joinpath(_DOOR).open("w") as door:
            acquire_lock(door.fileno(), wait=True)
            _delete_abandoned_spills(parent)
            new_spill = parent / secrets.token_hex(8)
            new_spill.mkdir(mode=0o700)
            lock = new_spill.joinpath(_SPILL_LOCK).open("w")
            acquire_lock(lock.fileno())
            _held_locks[new_spill] = lock
    except OSError:
        return None
    return new_spill


def delete_spill_folder(spill_folder: Path) -> None:
    """Delete the spill folder of a closed connection."""
    lock = _held_locks.pop(spill_folder, None)
    if lock is not None:  # otherwise this process did not create it
        lock.close()
        shutil.rmtree(spill_folder, ignore_errors=True)


def _delete_abandoned_spills(parent: Path) -> None:
    """Delete the spill folders that no process holds any more."""
    for leftover in parent.iterdir():
        if leftover.name == _DOOR or leftover in _held_locks:
            continue
        if leftover.is_dir() and is_locked(leftover / _SPILL_LOCK):
            continue
        shutil.rmtree(leftover, ignore_errors=True) if leftover.is_dir() else leftover.unlink(missing_ok=True)
