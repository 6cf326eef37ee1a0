"""Decorators that compile functions with numba. `HAS_NUMBA` is False where numba is not installed."""

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import Any, Literal, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., object])

HAS_NUMBA = find_spec("numba") is not None
"""Without it (a phone, a platform without wheels) overlaps are measured by shapely: the same numbers, later."""


def jit(function: Function) -> Function:
    """Compile a function of numbers and arrays at its first call.

    The code is cached on disk and runs without the GIL.
    """
    return _compile(function, inline="never")


def jit_inline(function: Function) -> Function:
    """Compile a small function into its callers: passing a dozen arrays in a call would take longer."""
    return _compile(function, inline="always")


@cache
def load_numba() -> Any:
    """Import numba without the search for scipy's linear algebra.

    The compiled functions do not need it, and the search takes a tenth of the import time.
    """
    import numba  # takes half a second, so only compiling imports it
    from numba.np import linalg

    linalg.ensure_blas = _raise_no_blas  # `numba.np.arraymath` checks for BLAS when the first call loads it
    return numba


def _raise_no_blas() -> None:
    raise ImportError


def _compile(function: Function, *, inline: Literal["never", "always"]) -> Function:
    numba = load_numba()

    from lindero.machine import code_cache  # needs numba

    settings: Any = numba.config
    saved = settings.CACHE_DIR, settings.CACHE_LOCATOR_CLASSES
    settings.CACHE_DIR = str(code_cache.code_folder())
    settings.CACHE_LOCATOR_CLASSES = f"{code_cache.__name__}.{code_cache.CodeLocator.__name__}"
    try:
        return cast("Function", numba.njit(nogil=True, cache=True, error_model="numpy", inline=inline)(function))
    finally:
        settings.CACHE_DIR, settings.CACHE_LOCATOR_CLASSES = saved
