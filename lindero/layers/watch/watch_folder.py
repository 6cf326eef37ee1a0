"""The private folder `watch/` of a workspace. It is never part of a map, a publication or a log."""

import os
from pathlib import Path

from lindero.layers.disk.builds import replace_file

WATCH_FOLDER = "watch"
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600


def private_folder(workspace: Path, *parts: str) -> Path:
    """
    Return a folder below `watch/` of a workspace. It is created for its owner only if it does not exist.

    Parameters
    ----------
    workspace
        The folder of the workspace.
    parts
        The names of the folders below `watch/`.

    Returns
    -------
    Path
        The folder.

    Examples
    --------
    >>> private_folder(folder, "aside").relative_to(folder).as_posix()
    'watch/aside'
    """
    path = workspace / WATCH_FOLDER
    path.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
    for part in parts:
        path = path / part
        path.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
    return path


def write_private(path: Path, text: str) -> None:
    """
    Replace a file's text atomically. Only its owner can read the file.

    Parameters
    ----------
    path
        The file, in an existing folder.
    text
        The new text.

    Examples
    --------
    >>> write_private(folder / "checks.json", "{}")
    >>> (folder / "checks.json").read_text(encoding="utf-8")
    '{}'
    """
    new = path.with_name(f".{path.name}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    replace_file(new, path)
