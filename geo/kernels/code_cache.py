"""
Where compiled code is cached: among the user's caches, by the content of the sources. A new clone compiles nothing.

Left to itself, numba compiles a function anew when its own file changes, not when a function that it calls does: after
an update, old code would be run on. It also tells copies of the program apart by their paths.
"""

import os
import shutil
from functools import cache
from hashlib import blake2b
from pathlib import Path

from numba.core.caching import UserProvidedCacheLocator
from platformdirs import user_cache_path

RETAINED = 6
"""Versions of the compiled code: other copies of the program may be of another version."""


class CodeLocator(UserProvidedCacheLocator):
    """Find the code of a function by its file's name, wherever the program lies."""

    @classmethod
    def get_suitable_cache_subpath(cls, py_file: str) -> str:
        """Name the folder of one source file."""
        return Path(py_file).stem


@cache
def folder() -> Path:
    """Name the folder of the code compiled from these very sources; that of the oldest versions is removed."""
    sources = sorted(Path(__file__).parents[1].rglob("*.py"))
    content = blake2b(b"".join(path.read_bytes() for path in sources), digest_size=8).hexdigest()
    home = _private_home()
    own = home / f"compiled-{content}"
    own.mkdir(exist_ok=True)
    own.touch()  # those used last are retained
    for old in sorted(home.glob("compiled-*"), key=_used_at, reverse=True)[RETAINED:]:
        shutil.rmtree(old, ignore_errors=True)
    return own


def _private_home() -> Path:
    """Name a folder that nobody else writes to, for what is cached is run; without one, that beside the sources."""
    home = user_cache_path("lindero", appauthor=False)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return _beside()
    return home if _is_private(home) and os.access(home, os.W_OK) else _beside()


def _is_private(home: Path) -> bool:
    state = home.stat()
    return not hasattr(os, "getuid") or (state.st_uid == os.getuid() and not state.st_mode & 0o022)


def _beside() -> Path:
    beside = Path(__file__).parents[1] / "__pycache__"
    beside.mkdir(exist_ok=True)
    return beside


def _used_at(version: Path) -> float:
    try:
        return version.stat().st_mtime
    except OSError:
        return 0.0  # another process has removed it meanwhile
