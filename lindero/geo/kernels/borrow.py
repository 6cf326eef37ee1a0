"""Arrays without reference counts, for loops of compiled code.

Numba counts the references to an array wherever an inlined function receives it, and each count is an atomic operation.
Counting took two thirds of the time of the search for crossing edges. A borrowed array has no owner, so nothing is
counted.
"""

from collections.abc import Callable
from typing import Any, cast

from lindero.geo.kernels.numba_jit import load_numba

load_numba()  # before numba's own modules, so that scipy's linear algebra is not searched for

from numba import types  # noqa: E402
from numba.extending import intrinsic  # noqa: E402


def _declare(_context: Any, arrays: Any) -> Any:
    """Return the type of a call of `borrow`, and the function that writes its code."""

    def write_code(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        (value,) = arguments
        if isinstance(arrays, types.Array):
            return _drop_owner(context, builder, arrays, value)
        for position, array in enumerate(arrays):
            borrowed = _drop_owner(context, builder, array, builder.extract_value(value, position))
            value = builder.insert_value(value, borrowed, position)
        return value

    return arrays(arrays), write_code


def _drop_owner(context: Any, builder: Any, array: Any, value: Any) -> Any:
    model = context.data_model_manager[array]
    for field in ("meminfo", "parent"):
        position = model.get_field_position(field)
        null = value.type.elements[position](None)
        value = builder.insert_value(value, null, position)
    return value


borrow: Callable[[Any], Any] = cast("Any", intrinsic(_declare))
"""
Return the same array, or named tuple of arrays, without an owner. For compiled functions only.

A function may only borrow its own arguments, and only if it is not inlined: its caller owns them until it returns. It
must not return them.
"""
