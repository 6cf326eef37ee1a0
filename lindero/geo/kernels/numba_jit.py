"""Functions compiled to machine code by numba, where there is numba; `AVAILABLE` tells."""

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
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


@cache
def _numba() -> Any:
    """Load numba without scipy's linear algebra, which none of our functions calls: to find it takes a tenth of it."""
    import numba  # half a second, for those who compile only
    from numba.np import linalg

    linalg.ensure_blas = _no_blas  # `numba.np.arraymath`, loaded at the first call, asks whether it is there
    return numba


def _no_blas() -> None:
    raise ImportError


def _compiled(function: Function, *, inline: Literal["never", "always"]) -> Function:
    numba = _numba()

    from lindero.machine import code_cache  # it needs numba

    settings: Any = numba.config
    before = settings.CACHE_DIR, settings.CACHE_LOCATOR_CLASSES
    settings.CACHE_DIR = str(code_cache.folder())
    settings.CACHE_LOCATOR_CLASSES = f"{code_cache.__name__}.{code_cache.CodeLocator.__name__}"
    try:
        return cast("Function", numba.njit(nogil=True, cache=True, error_model="numpy", inline=inline)(function))
    finally:
        settings.CACHE_DIR, settings.CACHE_LOCATOR_CLASSES = before
