"""
Folders for what is needed for a moment only: a received file that is being looked at, what an archive holds.

A process that is killed outright leaves its folder behind. Whoever needs one next, or serves a map, clears away those
that nobody holds any more.
"""

import os
import shutil
import stat
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from lindero.layers.disk.builds import is_locked, take_lock

MEMORY = Path("/dev/shm")  # noqa: S108  where Linux keeps files in memory alone
_PREFIX = "lindero-"
_LOCK = ".lindero-scratch"  # a folder without it is none of ours, whatever its name
_ROOM = 20  # times a file's size
_YOUNG_S = 60  # its process may be about to take the lock


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
