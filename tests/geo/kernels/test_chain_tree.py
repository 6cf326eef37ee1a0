"""Trees are the same in whatever chunks they are laid out, and rings put together are those of all polygons."""

import numpy as np
from shapely import MultiPolygon, Point, box

from lindero.geo.geometry.rings import Rings
from lindero.geo.kernels import numba_jit
from tests.needed import missing

if not numba_jit.HAS_NUMBA:
    missing("numba is not here")

from lindero.geo.kernels import chain_tree

SHAPES = np.array(
    [
        Point(0, 0).buffer(10, 50) - Point(1, 1).buffer(3, 20),
        box(20, 0, 30, 10),
        MultiPolygon([box(40, 0, 50, 10) - box(42, 2, 44, 4) - box(46, 6, 48, 8), box(60, 0, 70, 10)]),
        Point(90, 0).buffer(9, 200),
    ],
    dtype=object,
)


def test_rings_of_several_are_put_together():
    parts = Rings.from_polygons(SHAPES[:2]), Rings.from_polygons(SHAPES[:0]), Rings.from_polygons(SHAPES[2:])
    for one, other in zip(Rings.concatenate(parts), Rings.from_polygons(SHAPES), strict=True):
        np.testing.assert_array_equal(one, other)


def test_trees_are_the_same_laid_out_one_by_one(monkeypatch):
    expected = chain_tree.build_chain_trees(Rings.from_polygons(SHAPES))
    monkeypatch.setattr(chain_tree, "_POLYGONS", 1)
    for one, other in zip(chain_tree.build_chain_trees(Rings.from_polygons(SHAPES)), expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_no_polygons_have_no_trees():
    assert len(chain_tree.build_chain_trees(Rings.from_polygons(SHAPES[:0])).skip) == 0
