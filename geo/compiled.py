"""Functions compiled to machine code by numba, where there is numba; `AVAILABLE` tells."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., object])

AVAILABLE = find_spec("numba") is not None
"""Without it (a phone, a platform without wheels) overlaps are measured by shapely: the same numbers, later."""


def compiled(function: Function) -> Function:
    """Compile a function of numbers and arrays at its first call, keep the code on disk, and run it without the GIL."""
    import numba  # noqa: PLC0415  half a second, for those who compile only

    return cast("Function", numba.njit(nogil=True, cache=True, error_model="numpy")(function))
