import os

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from lindero.geo.geometry.projection import boxes_of
from lindero.geo.kernels import numba_jit

if not numba_jit.AVAILABLE:
    pytest.fail("numba is not here") if "CI" in os.environ else pytest.skip(
        "numba is not here", allow_module_level=True
    )

from lindero.geo.kernels.rtree import FAN, BoxTree, meeting


def boxes(rng, count, spread, size):
    corner = np.round(rng.uniform(0, spread, (count, 2)))
    return np.column_stack((corner, corner + np.round(rng.uniform(0, size, (count, 2)))))


def sorted_pairs(left, right):
    return np.column_stack((left, right))[np.lexsort((right, left))]


@settings(deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    sizes=st.tuples(st.integers(0, 700), st.integers(0, 700)),
    spread=st.sampled_from([0, 20, 2_000]),
)
def test_it_finds_what_an_strtree_finds_borders_that_touch_and_boxes_without_width_too(seed, sizes, spread):
    rng = np.random.default_rng(seed)
    left, right = (boxes(rng, count, spread, 12) for count in sizes)
    at_right, at_left = shapely.STRtree(boxes_of(left)).query(boxes_of(right))

    assert np.array_equal(sorted_pairs(*meeting(BoxTree.of(left), right)), sorted_pairs(at_left, at_right))


def test_every_level_holds_the_one_below():
    tree = BoxTree.of(boxes(np.random.default_rng(1), 1_000, 300, 9))

    assert sorted(tree.position) == list(range(1_000))
    for level in range(len(tree.level) - 2):
        below, above = (tree.box[slice(*tree.level[k : k + 2])] for k in (level, level + 1))
        around = above[np.arange(len(below)) // FAN]
        assert (around[:, :2] <= below[:, :2]).all()
        assert (around[:, 2:] >= below[:, 2:]).all()
    assert tree.level[-1] - tree.level[-2] == 1
