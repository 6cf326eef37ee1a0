"""Borrowed arrays are the same memory."""

from typing import NamedTuple

import numpy as np
import pytest

from lindero.geo.kernels import numba_jit
from tests.needed import missing

if not numba_jit.HAS_NUMBA:
    missing("numba is not here")

import numba

from lindero.geo.kernels.borrow import borrow


class Columns(NamedTuple):
    floats: np.ndarray
    boxes: np.ndarray


def add_up(columns, extra):
    columns, extra = borrow(columns), borrow(extra)
    extra[0] += 1
    total = 0.0
    for i in range(len(columns.floats)):
        total += columns.floats[i] + columns.boxes[i, 1] + extra[i]
    return total


def test_a_borrowed_array_is_the_same_memory():
    columns, extra = Columns(np.arange(5.0), np.ones((5, 2))), np.zeros(5, np.int64)

    assert numba.njit(add_up)(columns, extra) == pytest.approx(16)
    assert extra.tolist() == [1, 0, 0, 0, 0]
