import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from lindero.geo.geometry.rings import Rings
from lindero.geo.kernels import numba_jit
from tests.needed import missing

if not numba_jit.HAS_NUMBA:
    missing("numba is not here")

from lindero.geo.kernels.chain_tree import build_chain_trees
from lindero.geo.kernels.validity import areas_m2, find_valid

INVALID = {
    "a bow tie": [(0, 0), (2, 2), (2, 0), (0, 2)],
    "a spike": [(0, 0), (4, 0), (4, 4), (2, 4), (2, 9), (2, 4), (0, 4)],
    "a spike at its first corner": [(0, 0), (-3, 0), (0, 0), (4, 0), (4, 4)],
    "a corner on another edge": [(0, 0), (4, 0), (4, 4), (2, 0), (0, 4)],
    "a corner twice": [(0, 0), (4, 0), (4, 4), (2, 2), (0, 4), (2, 2)],
    "no area": [(0, 0), (4, 0), (8, 0)],
    "an edge that runs back on another": [(0, 0), (4, 0), (4, 4), (3, 4), (3, 0), (1, 0), (1, 4), (0, 4)],
}


SQUARE, IN_IT, IN_THAT = box(0, 0, 9, 9), box(1, 1, 8, 8), box(2, 2, 7, 7)
MISPLACED = {
    "a part in a part": [SQUARE, IN_IT],
    "a part in a part beside its hole": [Polygon(SQUARE.exterior, [box(1, 1, 2, 2).exterior]), box(3, 3, 4, 4)],
    "parts that cross": [SQUARE, box(8, 8, 12, 12)],
    "a hole outside": [Polygon(SQUARE.exterior, [box(10, 0, 11, 1).exterior])],
    "a hole in a hole": [Polygon(SQUARE.exterior, [IN_IT.exterior, IN_THAT.exterior])],
    "a hole that crosses its shell": [Polygon(SQUARE.exterior, [box(8, 8, 12, 12).exterior])],
    "a hole round its shell": [Polygon(IN_IT.exterior, [SQUARE.exterior])],
    "a hole in another part": [SQUARE, Polygon(box(20, 0, 29, 9).exterior, [IN_IT.exterior])],
    "a hole in a part that lies in a hole": [
        Polygon(SQUARE.exterior, [IN_IT.exterior, box(3, 3, 4, 4).exterior]),
        IN_THAT,
    ],
}


def told_valid(*shapes):
    return find_valid(build_chain_trees(Rings.from_polygons(np.array(shapes, dtype=object)))).tolist()


def star(rng, vertices, roughness):
    angle = np.sort(rng.uniform(0, 2 * np.pi, vertices))
    away = rng.uniform(1 - roughness, 1 + roughness, vertices)
    return Polygon(np.column_stack((away * np.cos(angle), away * np.sin(angle))))


@pytest.mark.parametrize("vertices", INVALID.values(), ids=INVALID)
def test_what_meets_itself_is_not_told_to_be_valid(vertices):
    assert not shapely.is_valid(Polygon(vertices))
    assert told_valid(Polygon(vertices), Polygon(vertices[::-1])) == [False, False]


def test_outlines_that_meet_nowhere_are_told():
    rng = np.random.default_rng(3)

    assert told_valid(box(0, 0, 1, 1), star(rng, 2_000, 0.4), shapely.Point(0, 0).buffer(1, 500)) == [True] * 3


@pytest.mark.parametrize("parts", MISPLACED.values(), ids=MISPLACED)
def test_rings_that_do_not_lie_in_each_other_as_parts_and_holes_are_not_told(parts):
    assert not shapely.is_valid(MultiPolygon(parts))
    assert told_valid(MultiPolygon(parts), MultiPolygon(parts[::-1])) == [False, False]


def test_parts_and_holes_that_meet_nowhere_are_told():
    rng = np.random.default_rng(4)
    far = shapely.transform(star(rng, 300, 0.2), lambda xy: xy * 0.5 + [7, 7])
    holed = SQUARE - IN_IT

    told = told_valid(
        SQUARE - box(1, 1, 2, 2) - box(3, 3, 4, 4),
        MultiPolygon([SQUARE, box(10, 0, 11, 9)]),
        MultiPolygon([holed, IN_THAT - box(3, 3, 4, 4), box(3.2, 3.2, 3.8, 3.8)]),
        MultiPolygon([SQUARE - far, *(box(x, 10, x + 0.5, 11) for x in range(60))]),
    )

    assert told == [True] * 4


def test_rings_that_touch_are_left_to_geos():
    touching = Polygon(SQUARE.exterior, [[(0, 4), (3, 3), (3, 5)]]), MultiPolygon([SQUARE, box(9, 9, 12, 12)])

    assert shapely.is_valid(touching).all()
    assert told_valid(*touching) == [False, False]


@pytest.mark.parametrize("rings", [2, 5, 30])
def test_no_invalid_rings_are_ever_told_to_be_valid(rings):
    """Squares on a coarse grid lie in each other, apart, across and on each other's edges."""
    rng = np.random.default_rng(rings)
    shapes = []
    for _ in range(400):
        low, side = rng.integers(0, 40, (rings, 2)), rng.integers(1, 20, (rings, 1))
        first, *others = (box(*vertices) for vertices in np.hstack((low, low + side)))
        holes = rng.integers(0, len(others) + 1)
        shell = box(0, 0, 60, 60) if rng.random() < 0.8 else first
        apart = [shapely.transform(other, lambda xy: xy + np.array([61, 0])) for other in others[holes:]]
        shapes.append(MultiPolygon([Polygon(shell.exterior, [hole.exterior for hole in others[:holes]]), *apart]))
    told, valid = np.array(told_valid(*shapes)), shapely.is_valid(np.array(shapes))

    assert not (told & ~valid).any()
    assert (~valid).any()


@pytest.mark.parametrize("vertices", [4, 9, 60, 700])
def test_nothing_that_is_invalid_is_ever_told_to_be_valid(vertices):
    """Corners on a coarse grid meet each other and each other's edges; some are exchanged, so that edges cross."""
    rng = np.random.default_rng(vertices)
    shapes = []
    for grid in [5, 40, 1_000, 10**9] * 60:
        at = np.rint(shapely.get_coordinates(star(rng, vertices, 0.5))[:-1] * grid)
        if rng.random() < 0.5:
            one, other = rng.integers(0, len(at), 2)
            at[[one, other]] = at[[other, one]]
        shapes.append(Polygon(at))
    told, valid = np.array(told_valid(*shapes)), shapely.is_valid(np.array(shapes))

    assert not (told & ~valid).any()
    assert told.any()
    assert (~valid).any()


def test_areas_are_those_of_geos_to_the_bit():
    rng = np.random.default_rng(5)
    single = [shapely.transform(star(rng, 50, 0.4), lambda xy: xy * 1e5 + 7e6) for _ in range(50)]
    holed = [shape - shape.centroid.buffer(1e4, 9) for shape in single]
    apart = [MultiPolygon([shape, shapely.transform(shape, lambda xy: xy + 9e5)]) for shape in single]
    shapes = np.array([*single, *holed, *apart], dtype=object)

    assert areas_m2(Rings.from_polygons(shapes)).tolist() == shapely.area(shapes).tolist()
