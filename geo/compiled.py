"""Functions compiled to machine code by numba, where there is numba; `AVAILABLE` tells."""

import shutil
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., object])

AVAILABLE = find_spec("numba") is not None
"""Without it (a phone, a platform without wheels) overlaps are measured by shapely: the same numbers, later."""


def compiled(function: Function) -> Function:
    """Compile a function of numbers and arrays at its first call, keep the code on disk, and run it without the GIL."""
    return _compiled(function, inline="never")


def inlined(function: Function) -> Function:
    """Compile a small function into those that call it: a call would hand over some dozen arrays, and take longer."""
    return _compiled(function, inline="always")


def _compiled(function: Function, *, inline: Literal["never", "always"]) -> Function:
    import numba  # noqa: PLC0415  half a second, for those who compile only

    settings: Any = numba.config
    before, settings.CACHE_DIR = settings.CACHE_DIR, str(_kept_code())
    try:
        return cast("Function", numba.njit(nogil=True, cache=True, error_model="numpy", inline=inline)(function))
    finally:
        settings.CACHE_DIR = before


@cache
def _kept_code() -> Path:
    """
    Name the folder of the code compiled from these very sources; that of other ones is deleted.

    Left to itself, numba compiles a function anew when its own file changes, not when a function that it calls does:
    after an update, old code would be run on.
    """
    sources = sorted(Path(__file__).parent.glob("*.py"))
    told = blake2b(b"".join(path.read_bytes() for path in sources), digest_size=8).hexdigest()
    folder = Path(__file__).parent / "__pycache__" / f"compiled-{told}"
    if not folder.is_dir():
        for old in folder.parent.glob("compiled-*"):
            shutil.rmtree(old, ignore_errors=True)
    return folder
