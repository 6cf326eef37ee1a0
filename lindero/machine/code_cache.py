"""The cache of code that numba compiles. Its key is the content of all kernels and of the functions that they call.

A new clone compiles nothing. By default numba recompiles a function when its own file changes, but not when a function
that it calls changes, so outdated code would run after an update. Its default cache also separates copies of the
program by their paths.
"""

import shutil
from functools import cache
from hashlib import blake2b
from pathlib import Path

from numba.core.caching import UserProvidedCacheLocator

from lindero.machine import resources

RETAINED = 6
"""Versions of the compiled code: other copies of the program may be of another version."""

BESIDE = Path(__file__).parent / "__pycache__"
"""The folder of compiled code where the user has no cache that nobody else writes to."""


class CodeLocator(UserProvidedCacheLocator):
    """A locator of cached code by the content of the sources, independent of the install path."""

    @classmethod
    def get_suitable_cache_subpath(cls, py_file: str) -> str:
        """Return the folder of one source file within that of this version, and delete the oldest versions."""
        source = Path(py_file)
        version = code_folder() / f"compiled-{_hash_sources(source.parents[1])}"
        version.mkdir(parents=True, exist_ok=True)
        version.touch()  # the versions used last are kept
        for old in sorted(code_folder().glob("compiled-*"), key=_last_use, reverse=True)[RETAINED:]:
            shutil.rmtree(old, ignore_errors=True)
        return f"{version.name}/{source.stem}"


@cache
def _hash_sources(package: Path) -> str:
    """Hash the kernels of a package, and the geometry that they call."""
    sources = sorted(path for folder in ("geometry", "kernels") for path in (package / folder).glob("*.py"))
    return blake2b(b"".join(path.read_bytes() for path in sources), digest_size=8).hexdigest()


def code_folder() -> Path:
    """Return the folder of compiled code. No other user can write to it, because the cached code is executed."""
    return resources.cache_folder() or BESIDE


def _last_use(version: Path) -> float:
    try:
        return version.stat().st_mtime
    except OSError:
        return 0.0  # another process has removed it meanwhile
