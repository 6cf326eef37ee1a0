import os

import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from geo import compiled
from geo.plane import project, to_plane
from geo.rings import Rings

if not compiled.AVAILABLE:
    pytest.fail("numba is not here") if "CI" in os.environ else pytest.skip(
        "numba is not here", allow_module_level=True
    )

from geo.chains import chain_trees
from geo.depth_kernel import deep_places, is_inside
from geo.local import around, middles
from tests.fuzz import POOLS, pool, turned

TRUE = project(np.array([[0.0, 30.0]]))[0]  # where the plane's lengths are true


def deep(left, right, left_m, right_m=None):
    """Whether a place is found in what two polygons (kilometres) share."""
    there = [shapely.transform(side, lambda xy: xy * 1_000 + TRUE) for side in (left, right)]
    trees = [chain_trees(Rings.of(np.array([side]))) for side in there]
    at = np.array([0])
    return deep_places(*trees, at, at, np.array([float(left_m)]), np.array([float(right_m or left_m)]))[0]


def test_a_place_is_found_where_there_is_room():
    assert deep(box(0, 0, 2, 2), box(1, 1, 3, 3), 400)
    assert not deep(box(0, 0, 2, 2), box(1, 1, 3, 3), 600)


def test_each_side_keeps_its_own_distance():
    inner, outer = box(4.5, 4.5, 5.5, 5.5), box(0, 0, 10, 10)

    assert deep(inner, outer, 400, 4_000)
    assert not deep(outer, inner, 400, 4_000)


def test_no_place_is_found_in_a_hole_or_across_one():
    ring = box(0, 0, 10, 10).difference(box(2, 2, 8, 8))

    assert deep(ring, box(0, 0, 10, 10), 800)
    assert not deep(ring, box(1.9, 1.9, 8.1, 8.1), 100)


def test_it_is_found_off_the_grid():
    corner = Polygon([(0, 0), (10, 0), (0, 10)])  # the deepest place is 2.93 km from every side

    assert deep(corner, box(-10, -10, 20, 20), 2_900)
    assert not deep(corner, box(-10, -10, 20, 20), 2_950)


@pytest.mark.parametrize("name", POOLS)
def test_a_place_is_inside_exactly_if_geos_says_so(name):
    shapes = turned(pool(name, 40, 3), "as drawn")
    trees = chain_trees(Rings.of(shapes))
    rng = np.random.default_rng(4)
    for i, shape in enumerate(shapes):
        west, south, east, north = shape.bounds
        for x, y in rng.uniform((west, south), (east, north), (40, 2)):
            if shape.boundary.distance(shapely.Point(x, y)) > 1e-9:
                assert is_inside(trees, trees.root[i], x, y) == shape.covers(shapely.Point(x, y))


def test_what_is_found_holds_a_disc_on_the_ground():
    rng = np.random.default_rng(5)
    corners = rng.uniform(-60, -20, (200, 2)) * (1, 0.5)
    hulls = [shapely.MultiPoint(at + rng.normal(0, 0.02, (6, 2))).convex_hull for at in corners for _ in range(2)]
    plane = to_plane(np.array(hulls))
    trees = chain_trees(Rings.of(plane))
    left, right = np.arange(0, 400, 2), np.arange(1, 400, 2)
    metres = rng.uniform(50, 1_500, 200)
    found = deep_places(trees, trees, left, right, metres, metres)

    shared = shapely.intersection(plane[left], plane[right])
    radius = np.zeros(200)
    some = np.flatnonzero(shapely.area(shared) > 0)
    on_ground = around(shared[some], middles(shared[some]))
    radius[some] = [shapely.maximum_inscribed_circle(shape, tolerance=0.1).length for shape in on_ground]
    assert 30 < found.sum() < 170
    assert (radius[found] > metres[found] * 0.985).all()
    assert found[radius > metres * 1.3].mean() > 0.9
