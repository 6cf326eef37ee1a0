"""
A folder that takes another's place in one step: its files are on the disk first, and a kill leaves one or the other.

Beside a folder `NAME` stand, while its replacement is made, `.NAME-new`, `.NAME-old` (only where the system cannot swap
two names) and `.NAME.lock`; what a killed process left of them is cleared away by the next that replaces the folder.
"""

import ctypes
import datetime as dt
import itertools
import os
import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from lindero.layers.disk.builds import sync, take_lock
from lindero.layers.errors import N_, PublishError

_BUSY = N_("another command is writing {folder}: try again when it is done")
_HERE, _SWAP = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux


def beside(folder: Path) -> Path:
    """Give the folder in which the replacement of another is made."""
    return folder.with_name(f".{folder.name}-new")


def kept_beside(folder: Path) -> Path:
    """Give a name that is free beside a folder, for what was there before and is not to be deleted."""
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%d-%H%M%S")
    names = (f"{folder.name}-before-{stamp}{'' if n == 1 else f'-{n}'}" for n in itertools.count(1))
    return next(path for path in map(folder.with_name, names) if not path.exists())


@contextmanager
def replacement(folder: Path) -> Generator[Path]:
    """
    Give an empty folder on the same disk, to be filled and `put_in_place`; what is left of it at the end is deleted.

    Raises
    ------
    PublishError
        If another process is replacing the folder.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        _recovered(folder)
        new = beside(folder)
        new.mkdir(mode=0o700)
        try:
            yield new
        finally:
            shutil.rmtree(new, ignore_errors=True)


def clear(folder: Path, *, is_kept: bool = False) -> None:
    """
    Clear away what a killed process left beside a folder; if it was moved aside, it is put back.

    With `is_kept`, what was moved aside where another took its place gets a name that is seen, and is not deleted.
    """
    if folder.parent.is_dir():
        with _alone(folder):
            _recovered(folder, is_kept=is_kept)


def sync_all(folder: Path) -> None:
    """Bring every file under a folder to the disk, and then the folders that name them, the innermost first."""
    for parent, _folders, files in os.walk(folder, topdown=False):
        for name in files:
            sync(Path(parent, name))
        sync(Path(parent))


def put_in_place(new: Path, folder: Path) -> None:
    """Let `new` take the place of `folder`, which need not be there; afterwards `new` is what was there, or gone."""
    if not folder.exists():
        new.rename(folder)
    elif not _swapped(new, folder):
        old = _aside(folder)
        folder.rename(old)
        new.rename(folder)
        old.rename(new)
    sync(folder.parent)


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}-old")


def _recovered(folder: Path, *, is_kept: bool = False) -> None:
    if _aside(folder).exists() and not folder.exists():
        _aside(folder).rename(folder)
    elif _aside(folder).exists() and is_kept:
        _aside(folder).rename(kept_beside(folder))
    for left in (_aside(folder), beside(folder)):
        if left.exists():
            shutil.rmtree(left)


def _swapped(one: Path, other: Path) -> bool:
    """Swap two names in one step; tells whether the system and the disk can."""
    swap = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if sys.platform == "linux" else None
    return swap is not None and swap(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _SWAP) == 0


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    path = folder.with_name(f".{folder.name}.lock")
    with path.open("w", encoding="utf-8") as lock:
        try:
            take_lock(lock.fileno())
        except OSError as error:
            raise PublishError(_BUSY, folder=folder) from error
        if not (path.exists() and os.path.samestat(path.stat(), os.fstat(lock.fileno()))):
            raise PublishError(_BUSY, folder=folder)
        try:
            yield
        finally:
            if sys.platform != "win32":  # Windows deletes no open file
                path.unlink()
