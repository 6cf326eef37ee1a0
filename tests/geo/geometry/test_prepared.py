"""Prepared copies are the caller's own, and answer as the originals do."""

import numpy as np
import shapely
from numpy.testing import assert_array_equal

from lindero.geo.geometry.prepared import contains_points, prepared_copy


def test_the_original_is_left_as_it_was_and_each_object_is_copied_once():
    square, other = shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)
    shapes = np.array([square, other, None, square], dtype=object)

    copies = prepared_copy(shapes)

    assert not shapely.is_prepared(shapes).any()
    assert shapely.is_prepared(copies).tolist() == [True, True, False, True]
    assert copies[0] is copies[3]
    assert_array_equal(copies, shapes)


def test_one_geometry_and_none_at_all_are_copied_too():
    square = shapely.set_srid(shapely.box(0, 0, 1, 1), 4326)

    copy = prepared_copy(square)

    assert copy is not square
    assert (shapely.is_prepared(copy), shapely.is_prepared(square)) == (True, False)
    assert (copy, shapely.get_srid(copy)) == (square, 4326)
    assert len(prepared_copy(np.empty(0, dtype=object))) == 0


def test_points_are_told_apart_by_an_area_that_stays_as_it_was():
    square = shapely.box(0, 0, 1, 1)

    inside = contains_points(square, np.array([[0.5, 0.5], [1.5, 0.5], [0, 0]]))

    assert inside.tolist() == [True, False, False]  # its boundary does not lie in it
    assert not shapely.is_prepared(square)
