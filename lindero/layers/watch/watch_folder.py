"""The private folder `watch/` of a workspace. It is never part of a map, a publication or a log."""

import os
import secrets
from pathlib import Path

from lindero.layers.disk.builds import replace_file, sync

WATCH_FOLDER = "watch"
_SALT = "salt"
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600


def private_folder(workspace: Path, *parts: str) -> Path:
    """Return a folder below `watch/` of a workspace. It is created for its owner only if it does not exist.

    `parts`: the names of the folders below `watch/`.
    """
    path = workspace
    for part in (WATCH_FOLDER, *parts):
        path = path / part
        if not path.is_dir():
            path.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
            sync(path.parent)
    return path


def read_salt(folder: Path) -> bytes:
    """Read the secret with which ids that leave this machine are hashed. It is created if it does not exist.

    Returns: 32 random bytes, always the same for this workspace.
    """
    path = private_folder(folder) / _SALT
    if not path.is_file():
        create_private(path, secrets.token_hex(32))
    return bytes.fromhex(path.read_text(encoding="utf-8"))


def create_private(path: Path, text: str) -> bool:
    """Create a file that only its owner can read, whole or not at all, unless it exists."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    _write_new(new, text)
    try:
        sync(new)
        os.link(new, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links, as on a USB stick
        if path.exists():
            return False
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    sync(path.parent)
    return True


def write_private(path: Path, text: str) -> None:
    """Replace a file's text atomically. Only its owner can read the file."""
    new = path.with_name(f".{path.name}.new")
    try:
        _write_new(new, text)
        replace_file(new, path)
    except OSError:  # the disk is full: an unfinished file would stay
        new.unlink(missing_ok=True)
        raise


def _write_new(new: Path, text: str) -> None:
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
