"""
Replacing a folder by another in one step; a killed process leaves either the old folder or the new one.

While the replacement of a folder `NAME` is prepared, these exist beside it: `.NAME-new`, `.NAME-old` (only where the
system cannot swap two names) and `.NAME.lock`. The next process that replaces the folder deletes what a killed one left
behind.
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
    """Return the path of the folder in which a replacement is prepared."""
    return folder.with_name(f".{folder.name}-new")


def kept_beside(folder: Path) -> Path:
    """Return an unused path beside a folder, for its old content that must not be deleted."""
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%d-%H%M%S")
    names = (f"{folder.name}-before-{stamp}{'' if n == 1 else f'-{n}'}" for n in itertools.count(1))
    return next(path for path in map(folder.with_name, names) if not path.exists())


@contextmanager
def replacement(folder: Path) -> Generator[Path]:
    """
    Create an empty folder on the same disk, to be filled and passed to `replace_folder`.

    Whatever is left in it at the end is deleted.

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
    Delete what a killed process left beside a folder; if the folder was moved aside, restore it.

    With `is_kept`, a folder that was moved aside and then replaced is not deleted, but renamed to a visible name.
    """
    if folder.parent.is_dir():
        with _alone(folder):
            _recovered(folder, is_kept=is_kept)


def sync_all(folder: Path) -> None:
    """Flush every file under a folder to the disk, then the folders, innermost first."""
    for parent, _folders, files in os.walk(folder, topdown=False):
        for name in files:
            sync(Path(parent, name))
        sync(Path(parent))


def put_in_place(new: Path, folder: Path) -> None:
    """Replace `folder`, which need not exist, by `new`. Afterwards `new` is the old content, or does not exist."""
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
    for leftover in (_aside(folder), beside(folder)):
        if leftover.exists():
            shutil.rmtree(leftover)


def _swapped(first: Path, second: Path) -> bool:
    """Swap two names in one step; return whether the system and the disk support it."""
    swap = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if sys.platform == "linux" else None
    return swap is not None and swap(_HERE, os.fsencode(first), _HERE, os.fsencode(second), _SWAP) == 0


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
