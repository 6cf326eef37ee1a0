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

from layers.artefact import is_locked, take_lock

MEMORY = Path("/dev/shm")  # noqa: S108  where Linux keeps files in memory alone
_PREFIX = "lindero-"
_LOCK = ".lindero-scratch"  # a folder without it is none of ours, whatever its name
_YOUNG_S = 60  # its process may be about to take the lock


@contextmanager
def scratch(within: Path | None = None) -> Generator[Path]:
    """Make an empty folder for a while, in the system's folder for such, or `within` another."""
    _clear_once()
    with (
        TemporaryDirectory(prefix=_PREFIX, dir=within) as folder,
        Path(folder, _LOCK).open("w", encoding="utf-8") as lock,
    ):
        take_lock(lock.fileno())
        yield Path(folder)


def clear_abandoned() -> None:
    """Clear away what processes of this user left that ended without doing so."""
    for parent in (Path(gettempdir()), MEMORY):
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
