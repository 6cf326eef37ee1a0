"""Rounding of the figures of a table, column by column."""

from typing import TypeVar

import numpy as np
import pandas as pd

from lindero.app.text.digits import round_value, rounding_decimals
from lindero.geo.geometry.projection import Floats

Frame = TypeVar("Frame", bound=pd.DataFrame)
_ROUNDING_DOUBT, _LARGEST_SCALED = 0.001, 1e12  # the product of a smaller number and a power of ten errs by less


def round_figures(rows: Frame) -> Frame:
    """Return rows with all floating-point columns rounded (`digits.round_value`)."""
    floats = [str(name) for name in rows if isinstance(rows[name].dtype, np.dtype) and rows[name].dtype.kind == "f"]
    return rows.assign(**{name: _round_column(name, rows[name].to_numpy(dtype=float)) for name in floats})


def _round_column(name: str, values: Floats) -> Floats:
    """Round a column as `round_value` rounds each value.

    Values that are close to the middle of two results, so that the product may be on the wrong side, are rounded one by
    one. An exact integer divided by a power of ten is the number nearest to that decimal, as in Python's `round`.
    """
    decimals = rounding_decimals(name)
    if decimals is None:
        return np.array([round_value(name, value) for value in values.tolist()])
    scaled = values * 10**decimals
    rounded: Floats = np.rint(scaled) / 10**decimals
    is_sure = (np.abs(scaled % 1 - 0.5) > _ROUNDING_DOUBT) & (np.abs(scaled) < _LARGEST_SCALED) & (rounded != 0)
    unsure = np.flatnonzero(~is_sure)
    rounded[unsure] = [round_value(name, value) for value in values[unsure].tolist()]
    return rounded
