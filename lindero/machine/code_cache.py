"""
Where compiled code is cached: among the user's caches, by the content of its source and of all that this imports.

A new clone compiles nothing, and a change compiles anew what can have changed by it. Left to itself, numba compiles a
function anew when its own file changes, not when a function that it calls does: after an update, old code would be run
on. It also tells copies of the program apart by their paths.
"""

import re
import shutil
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from pathlib import Path

from numba.core.caching import UserProvidedCacheLocator

from lindero.machine import resources

RETAINED = 6
"""Versions of what was compiled of each source: other copies of the program may be of another version."""

BESIDE = Path(__file__).parent / "__pycache__"
"""The folder of compiled code where the user has no cache that nobody else writes to."""

_IMPORT_FROM = re.compile(r"^ *from ([\w.]+) import (?:\(([\w,\s]+)\)|([\w, ]+))", re.MULTILINE)


class CodeLocator(UserProvidedCacheLocator):
    """Find the code of a function by its file's name and content, wherever the program lies."""

    @classmethod
    def get_suitable_cache_subpath(cls, py_file: str) -> str:
        """Name the folder of one source file; that of its oldest versions is removed."""
        source = Path(py_file)
        own = folder() / f"compiled-{source.stem}-{_content(source)}"
        own.mkdir(parents=True, exist_ok=True)
        own.touch()  # those used last are retained
        for old in sorted(folder().glob(f"compiled-{source.stem}-*"), key=_used_at, reverse=True)[RETAINED:]:
            shutil.rmtree(old, ignore_errors=True)
        return own.name


@cache
def _content(source: Path) -> str:
    sources = b"".join(path.read_bytes() for path in imported_by(source))
    return blake2b(sources, digest_size=8).hexdigest()


def imported_by(source: Path) -> list[Path]:
    """List a source in a folder of a package, the files of the package that it imports, and what those import."""
    package = source.parents[1]
    found, waiting = {source}, [source]
    while waiting:
        new = set(_imported(waiting.pop().read_text(encoding="utf-8"), package)) - found
        found |= new
        waiting += new
    return sorted(found)


def _imported(text: str, package: Path) -> Iterator[Path]:
    """Yield the files of a package that a source imports from, under whatever name the package goes by."""
    for origin, *names in _IMPORT_FROM.findall(text):
        parts = origin.split(".")
        for start in range(len(parts)):
            home = package.joinpath(*parts[start:])
            files = [home.with_suffix(".py"), *(home / f"{name.strip()}.py" for name in "".join(names).split(","))]
            yield from (file for file in files if file.is_file())


def folder() -> Path:
    """Return the folder of compiled code: one that nobody else writes to, for what is cached is run."""
    return resources.cache_folder() or BESIDE


def _used_at(version: Path) -> float:
    try:
        return version.stat().st_mtime
    except OSError:
        return 0.0  # another process has removed it meanwhile
