"""Where the program caches what it can make again: among the user's caches, in a folder that nobody else writes to."""

import os
from functools import cache
from pathlib import Path

from platformdirs import user_cache_path


@cache
def folder() -> Path | None:
    """Name that folder, made if need be; None where there is none that is the user's alone and can be written to."""
    home = user_cache_path("lindero", appauthor=False)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return home if _is_private(home) and os.access(home, os.W_OK) else None


def _is_private(home: Path) -> bool:
    state = home.stat()
    return not hasattr(os, "getuid") or (state.st_uid == os.getuid() and not state.st_mode & 0o022)
