import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from lindero.geo.geometry.projection import project, to_plane
from lindero.geo.geometry.rings import Rings
from lindero.geo.kernels import numba_jit
from tests.needed import missing

if not numba_jit.HAS_NUMBA:
    missing("numba is not here")

from lindero.geo.geometry.scale_factor import bbox_centres, to_local_metres
from lindero.geo.kernels.chain_tree import build_chain_trees
from lindero.geo.kernels.inner_distance import FOUND, NONE, OPEN, find_deep_points, is_inside
from lindero.geo.overlay.certainty import SLACK
from tests.fuzz import POOLS, pool, turned

TRUE = project(np.array([[0.0, 30.0]]))[0]  # where the plane's lengths are true


def answer(left, right, left_m, right_m=None, slack=SLACK):
    """Whether there is a place in what two polygons (kilometres) share."""
    there = [shapely.transform(side, lambda xy: xy * 1_000 + TRUE) for side in (left, right)]
    trees = [build_chain_trees(Rings.from_polygons(np.array([side]))) for side in there]
    at = np.array([0])
    wanted = np.array([float(left_m)]), np.array([float(left_m if right_m is None else right_m)])
    return find_deep_points(*trees, at, at, *wanted, slack)[0]


def test_a_place_is_found_where_there_is_room_and_none_where_there_is_not():
    assert answer(box(0, 0, 2, 2), box(1, 1, 3, 3), 490) == FOUND
    assert answer(box(0, 0, 2, 2), box(1, 1, 3, 3), 510) == NONE


def test_what_is_too_close_stays_open():
    assert answer(box(0, 0, 2, 2), box(1, 1, 3, 3), 500) == OPEN
    assert answer(box(0, 0, 2, 2), box(1, 1, 3, 3), 497, slack=1.002) == FOUND


def test_each_side_keeps_its_own_distance():
    inner, outer = box(4.5, 4.5, 5.5, 5.5), box(0, 0, 10, 10)

    assert answer(inner, outer, 400, 4_000) == FOUND
    assert answer(outer, inner, 400, 4_000) == NONE


def test_a_boundary_that_is_exact_asks_for_any_place_inside():
    assert answer(box(0, 0, 2, 2), box(1.999, 1.999, 3, 3), 0) == FOUND
    assert answer(box(0, 0, 10, 10), box(9, -5, 20, 20), 0, 900) == FOUND
    assert answer(box(0, 0, 10, 10), box(9, -5, 20, 20), 0, 1_100) == NONE


def test_no_place_is_found_in_a_hole_or_across_one():
    ring = box(0, 0, 10, 10).difference(box(2, 2, 8, 8))

    assert answer(ring, box(0, 0, 10, 10), 800) == FOUND
    assert answer(ring, box(1.9, 1.9, 8.1, 8.1), 1_000) == NONE
    assert answer(ring, box(1.9, 1.9, 8.1, 8.1), 60) == OPEN  # 25 km of a frame 100 m wide take too many looks


def test_it_is_found_wherever_it_is():
    vertex = Polygon([(0, 0), (10, 0), (0, 10)])  # the deepest place is 2.93 km from every side

    assert answer(vertex, box(-10, -10, 20, 20), 2_890) == FOUND
    assert answer(vertex, box(-10, -10, 20, 20), 2_970) == NONE


def test_a_narrow_place_in_a_wide_box_is_found():
    snake = shapely.LineString([(0, 0), (90, 3), (0, 6), (90, 9), (3, 60)]).buffer(0.2)

    assert answer(snake, box(-1, -1, 100, 100), 100) == FOUND
    assert answer(snake, box(-1, -1, 100, 100), 210) == OPEN


@pytest.mark.parametrize("name", POOLS)
def test_a_place_is_inside_exactly_if_geos_says_so(name):
    shapes = turned(pool(name, 40, 3), "as drawn")
    trees = build_chain_trees(Rings.from_polygons(shapes))
    rng = np.random.default_rng(4)
    for i, shape in enumerate(shapes):
        west, south, east, north = shape.bounds
        for x, y in rng.uniform((west, south), (east, north), (40, 2)):
            if shape.boundary.distance(shapely.Point(x, y)) > 1e-9:
                assert is_inside(trees, trees.root[i], x, y) == shape.covers(shapely.Point(x, y))


@pytest.mark.parametrize("latitude", [0, 40, 70, 80])
@pytest.mark.parametrize("degrees", [0.02, 0.5])
def test_what_is_found_holds_a_disc_on_the_ground_and_nothing_else_does(latitude, degrees):
    rng = np.random.default_rng(5)
    vertices = np.column_stack((rng.uniform(-60, -20, 200), rng.uniform(latitude - 2, latitude + 2, 200)))
    spread = degrees * np.array([1 / np.cos(np.radians(latitude)), 1])
    hulls = [shapely.MultiPoint(at + rng.normal(0, spread, (6, 2))).convex_hull for at in vertices for _ in range(2)]
    plane = to_plane(np.array(hulls))
    trees = build_chain_trees(Rings.from_polygons(plane))
    left, right = np.arange(0, 400, 2), np.arange(1, 400, 2)
    metres = rng.uniform(50, 1_500, 200) * degrees / 0.02
    answers = find_deep_points(trees, trees, left, right, metres, metres, SLACK)

    shared = shapely.intersection(plane[left], plane[right])
    radius = np.zeros(200)
    some = np.flatnonzero(shapely.area(shared) > 0)
    on_ground = to_local_metres(shared[some], bbox_centres(shared[some]))
    radius[some] = [shapely.maximum_inscribed_circle(shape, tolerance=0.1).length for shape in on_ground]
    found, none = answers == FOUND, answers == NONE
    assert 30 < found.sum() < 170
    assert (radius[found] > metres[found] * 0.985).all()
    assert (radius[none] < metres[none] * 1.015).all()
    assert (found | none).mean() > 0.9
