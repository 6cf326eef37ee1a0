import os

import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from lindero.geo.geometry import projection
from lindero.geo.geometry.rings import Rings
from lindero.geo.kernels import numba_jit

if not numba_jit.AVAILABLE:
    pytest.fail("numba is not here") if "CI" in os.environ else pytest.skip(
        "numba is not here", allow_module_level=True
    )

from lindero.geo.kernels.chain_tree import chain_trees
from lindero.geo.kernels.lay_down import laid_down
from lindero.geo.kernels.simple_ring import areas_m2, surely_simple

NANOMETRES = 5e-8  # metres on the plane, whose numbers end at a few of these
INVALID = {
    "a bow tie": [(0, 0), (2, 2), (2, 0), (0, 2)],
    "a spike": [(0, 0), (4, 0), (4, 4), (2, 4), (2, 9), (2, 4), (0, 4)],
    "a spike at its first corner": [(0, 0), (-3, 0), (0, 0), (4, 0), (4, 4)],
    "a corner on another edge": [(0, 0), (4, 0), (4, 4), (2, 0), (0, 4)],
    "a corner twice": [(0, 0), (4, 0), (4, 4), (2, 2), (0, 4), (2, 2)],
    "no area": [(0, 0), (4, 0), (8, 0)],
    "an edge that runs back on another": [(0, 0), (4, 0), (4, 4), (3, 4), (3, 0), (1, 0), (1, 4), (0, 4)],
}


def simple(*shapes):
    return surely_simple(chain_trees(Rings.of(np.array(shapes, dtype=object)))).tolist()


def star(rng, corners, roughness):
    angle = np.sort(rng.uniform(0, 2 * np.pi, corners))
    away = rng.uniform(1 - roughness, 1 + roughness, corners)
    return Polygon(np.column_stack((away * np.cos(angle), away * np.sin(angle))))


@pytest.mark.parametrize("corners", INVALID.values(), ids=INVALID)
def test_what_meets_itself_is_not_told_to_be_simple(corners):
    assert not shapely.is_valid(Polygon(corners))
    assert simple(Polygon(corners), Polygon(corners[::-1])) == [False, False]


def test_outlines_that_meet_nowhere_are_told():
    rng = np.random.default_rng(3)

    assert simple(box(0, 0, 1, 1), star(rng, 2_000, 0.4), shapely.Point(0, 0).buffer(1, 500)) == [True] * 3


def test_what_has_several_rings_is_left_to_geos():
    ring = box(0, 0, 9, 9) - box(1, 1, 2, 2)

    assert simple(ring, shapely.MultiPolygon([box(0, 0, 1, 1), box(3, 3, 4, 4)])) == [False, False]


@pytest.mark.parametrize("corners", [4, 9, 60, 700])
def test_nothing_that_is_invalid_is_ever_told_to_be_simple(corners):
    """Corners on a coarse grid meet each other and each other's edges; some are exchanged, so that edges cross."""
    rng = np.random.default_rng(corners)
    shapes = []
    for grid in [5, 40, 1_000, 10**9] * 60:
        at = np.rint(shapely.get_coordinates(star(rng, corners, 0.5))[:-1] * grid)
        if rng.random() < 0.5:
            one, other = rng.integers(0, len(at), 2)
            at[[one, other]] = at[[other, one]]
        shapes.append(Polygon(at))
    told, valid = np.array(simple(*shapes)), shapely.is_valid(np.array(shapes))

    assert not (told & ~valid).any()
    assert told.any()
    assert (~valid).any()


def test_areas_are_those_of_geos_to_the_bit():
    rng = np.random.default_rng(5)
    single = [shapely.transform(star(rng, 50, 0.4), lambda xy: xy * 1e5 + 7e6) for _ in range(50)]
    holed = [shape - shape.centroid.buffer(1e4, 9) for shape in single]
    apart = [shapely.MultiPolygon([shape, shapely.transform(shape, lambda xy: xy + 9e5)]) for shape in single]
    shapes = np.array([*single, *holed, *apart], dtype=object)

    assert areas_m2(Rings.of(shapes)).tolist() == shapely.area(shapes).tolist()


def test_corners_are_laid_where_the_formula_lays_them():
    rng = np.random.default_rng(7)
    small = [
        shapely.transform(star(rng, 30, 0.4), lambda xy, at=at: xy * 0.01 + at) for at in rng.uniform(-85, 85, (40, 2))
    ]
    long, across = box(-70, -12, -60, 3), Polygon([(179, -17), (-179, -17), (-179, -16), (179, -16)])
    shapes = np.array([*small, long, across, box(-180, -90, 180, 90), box(0, 0, 9, 9) - box(1, 1, 2, 2)], dtype=object)
    (kind, corners, offsets), (expected_kind, expected, expected_offsets) = (
        laid_down(shapes),
        projection.laid_down(shapes),
    )

    assert kind == expected_kind
    assert all(np.array_equal(one, other) for one, other in zip(offsets, expected_offsets, strict=True))
    assert np.abs(corners - expected).max() <= NANOMETRES
