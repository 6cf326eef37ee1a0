"""The packed tree finds the pairs of boxes that an STR tree finds."""

import numpy as np
import pytest
import shapely

from lindero.geo.geometry.projection import make_boxes
from lindero.geo.kernels import numba_jit
from tests.needed import missing

if not numba_jit.HAS_NUMBA:
    missing("numba is not here")

from lindero.geo.kernels.box_tree import FAN, BoxTree


def draw_boxes(rng, count, size):
    low = rng.integers(0, 1_000, (count, 2)) * 10.0  # on a grid, so that many boxes only touch
    return np.hstack((low, low + 10 * rng.integers(0, size, (count, 2))))


@pytest.mark.parametrize("count", [0, 1, 2, FAN, FAN + 1, FAN**2, 1_000])
def test_pairs_are_those_of_an_str_tree(count):
    rng = np.random.default_rng(count)
    boxes, sought = draw_boxes(rng, count, 60), draw_boxes(rng, 300, 200)

    at_sought, at_boxes = BoxTree.from_boxes(boxes).query(sought)

    expected = shapely.STRtree(make_boxes(boxes)).query(make_boxes(sought))
    assert sorted(zip(at_sought, at_boxes, strict=True)) == sorted(zip(*expected, strict=True))
    assert (np.diff(at_sought) >= 0).all()


def test_boxes_with_one_centre_are_all_found():
    boxes = np.array([[-size, -size, size, size] for size in range(1, 100)], dtype=float)

    _at_sought, at_boxes = BoxTree.from_boxes(boxes).query(np.array([[50.0, 0.0, 60.0, 1.0]]))

    assert sorted(at_boxes) == list(range(49, 99))
