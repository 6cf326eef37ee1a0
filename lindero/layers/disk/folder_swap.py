"""Replacing a folder by another in one step; a killed process leaves either the old folder or the new one.

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

from lindero.layers.disk.builds import acquire_lock, sync
from lindero.layers.errors import N_, PublishError

_BUSY = N_("another command is writing to {folder}; try again when it has finished")
_HERE, _SWAP = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux


def replacement_path(folder: Path) -> Path:
    """Return the path of the folder in which a replacement is prepared."""
    return folder.with_name(f".{folder.name}-new")


def free_backup_path(folder: Path) -> Path:
    """Return an unused path beside a folder, for its old content that must not be deleted."""
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%d-%H%M%S")
    names = (f"{folder.name}-before-{stamp}{'' if n == 1 else f'-{n}'}" for n in itertools.count(1))
    return next(path for path in map(folder.with_name, names) if not path.exists())


@contextmanager
def prepare_replacement(folder: Path) -> Generator[Path]:
    """Create an empty folder on the same disk, to be filled and passed to `replace_folder`.

    Other processes cannot replace the folder during the context. Whatever is left in the new folder at the end is
    deleted.

    Yields: the empty folder, as `replacement_path` returns it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _lock_folder(folder):
        _recover(folder)
        new = replacement_path(folder)
        new.mkdir(mode=0o700)
        try:
            yield new
        finally:
            shutil.rmtree(new, ignore_errors=True)


def recover_folder(folder: Path, *, is_kept: bool = False) -> None:
    """Delete what a killed process left beside a folder; if the folder was moved aside, restore it."""
    if folder.parent.is_dir():
        with _lock_folder(folder):
            _recover(folder, is_kept=is_kept)


def sync_tree(folder: Path) -> None:
    """Flush every file under a folder to the disk, then the folders, innermost first."""
    for parent, _folders, files in os.walk(folder, topdown=False):
        for name in files:
            sync(Path(parent, name))
        sync(Path(parent))


def replace_folder(new: Path, folder: Path) -> None:
    """Replace a folder by another in one step, where the system can swap two names."""
    if not folder.exists():
        new.rename(folder)
    elif not _swap_names(new, folder):
        old = _old_path(folder)
        folder.rename(old)
        new.rename(folder)
        old.rename(new)
    sync(folder.parent)


def _old_path(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}-old")


def _recover(folder: Path, *, is_kept: bool = False) -> None:
    if _old_path(folder).exists() and not folder.exists():
        _old_path(folder).rename(folder)
    elif _old_path(folder).exists() and is_kept:
        _old_path(folder).rename(free_backup_path(folder))
    for leftover in (_old_path(folder), replacement_path(folder)):
        if leftover.exists():
            shutil.rmtree(leftover)


def _swap_names(first: Path, second: Path) -> bool:
    """Swap two names in one step; return whether the system and the disk support it."""
    swap = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if sys.platform == "linux" else None
    return swap is not None and swap(_HERE, os.fsencode(first), _HERE, os.fsencode(second), _SWAP) == 0


@contextmanager
def _lock_folder(folder: Path) -> Generator[None]:
    path = folder.with_name(f".{folder.name}.lock")
    with path.open("w", encoding="utf-8") as lock:
        try:
            acquire_lock(lock.fileno())
        except OSError as error:
            raise PublishError(_BUSY, folder=folder) from error
        if not (path.exists() and os.path.samestat(path.stat(), os.fstat(lock.fileno()))):
            raise PublishError(_BUSY, folder=folder)
        try:
            yield
        finally:
            if sys.platform != "win32":  # Windows cannot delete an open file
                path.unlink()
