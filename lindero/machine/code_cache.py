"""The cache of code that numba compiles. Its key is the content of a source file and of all files that it imports.

A new clone compiles nothing. After a change, only code that the change can affect is compiled again. By default numba
recompiles a function when its own file changes, but not when a function that it calls changes, so outdated code would
run after an update. Numba's default cache also separates copies of the program by their paths.
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
    """A locator of cached code by the name and content of the source file, independent of the install path."""

    @classmethod
    def get_suitable_cache_subpath(cls, py_file: str) -> str:
        """Return the name of the cache folder of one source file, and delete the folders of its oldest versions."""
        source = Path(py_file)
        version_folder = code_folder() / f"compiled-{source.stem}-{_hash_sources(source)}"
        version_folder.mkdir(parents=True, exist_ok=True)
        version_folder.touch()  # the versions used last are kept
        for old in sorted(code_folder().glob(f"compiled-{source.stem}-*"), key=_last_use, reverse=True)[RETAINED:]:
            shutil.rmtree(old, ignore_errors=True)
        return version_folder.name


@cache
def _hash_sources(source: Path) -> str:
    sources = b"".join(path.read_bytes() for path in list_dependencies(source))
    return blake2b(sources, digest_size=8).hexdigest()


def list_dependencies(source: Path) -> list[Path]:
    """List a source file of a package, the package's files that it imports, and their imports in turn."""
    package = source.parents[1]
    sources, waiting = {source}, [source]
    while waiting:
        imports = set(_iter_imports(waiting.pop().read_text(encoding="utf-8"), package)) - sources
        sources |= imports
        waiting += imports
    return sorted(sources)


def _iter_imports(text: str, package: Path) -> Iterator[Path]:
    """Yield the files of a package that a source text imports from. The package may go by any name."""
    for origin, *names in _IMPORT_FROM.findall(text):
        parts = origin.split(".")
        for start in range(len(parts)):
            home = package.joinpath(*parts[start:])
            files = [home.with_suffix(".py"), *(home / f"{name.strip()}.py" for name in "".join(names).split(","))]
            yield from (file for file in files if file.is_file())


def code_folder() -> Path:
    """Return the folder of compiled code. No other user can write to it, because the cached code is executed."""
    return resources.cache_folder() or BESIDE


def _last_use(version: Path) -> float:
    try:
        return version.stat().st_mtime
    except OSError:
        return 0.0  # another process has removed it meanwhile
