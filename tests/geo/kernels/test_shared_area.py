import os

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from lindero.geo import overlap
from lindero.geo.geometry.crs import EQUAL_AREA
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay import cross_check
from lindero.geo.overlay.intersection import shared_area_m2
from lindero.geo.overlay.prepared_layer import PolygonLayer
from tests.needed import missing
from tests.world import polygons, squares

if not numba_jit.HAS_NUMBA:
    missing("numba is not here")

from lindero.geo.geometry.rings import Rings
from lindero.geo.kernels.chain_tree import build_chain_trees
from lindero.geo.kernels.shared_area import shared_areas
from tests.amount import amount
from tests.fuzz import POOLS, pool, true_areas, turned

PAIRS = int(
    os.environ.get("LINDERO_FUZZ_PAIRS", amount(200, 3_000))
)  # of each of 32 kinds; `make fuzz` takes many more


def areas(left, right):
    """Areas shared by every left with every right."""
    at_left, at_right = (at.ravel() for at in np.meshgrid(range(len(left)), range(len(right)), indexing="ij"))
    trees = (build_chain_trees(Rings.from_polygons(np.array(side, dtype=object))) for side in (left, right))
    return shared_areas(*trees, at_left, at_right).reshape(len(left), len(right))


def area(left, right):
    return areas([left], [right])[0, 0]


def test_squares_share_what_they_share():
    assert area(box(0, 0, 10, 10), box(5, 5, 15, 15)) == 25
    assert area(box(0, 0, 10, 10), box(0, 0, 10, 10)) == 100
    assert area(box(0, 0, 10, 10), box(2, 2, 3, 3)) == 1
    assert area(box(0, 0, 10, 10), box(10, 0, 20, 10)) == 0
    assert area(box(0, 0, 10, 10), box(10, 10, 20, 20)) == 0
    assert area(box(0, 0, 10, 10), box(30, 0, 40, 10)) == 0


def test_holes_are_not_shared():
    ring = box(0, 0, 10, 10).difference(box(2, 2, 8, 8))

    assert area(ring, box(3, 3, 4, 4)) == 0
    assert area(ring, box(1, 1, 3, 3)) == 3
    assert area(ring, ring) == 64
    assert area(ring, box(-5, -5, 20, 20)) == 64


def test_the_direction_of_rings_does_not_matter():
    ring = box(0, 0, 10, 10).difference(box(2, 2, 8, 8))

    assert area(shapely.reverse(ring), box(1, 1, 3, 3)) == 3
    assert area(Polygon(ring.exterior.coords[::-1], [ring.interiors[0].coords]), ring) == 64


def test_parts_add_up():
    parts = MultiPolygon([box(x, y, x + 1, y + 1) for x in range(0, 40, 2) for y in range(0, 40, 2)])

    assert area(parts, box(-1, -1, 100, 100)) == 400
    assert area(parts, parts) == 400
    assert area(parts, box(0.5, 0, 2.5, 40)) == 20 * 0.5 + 20 * 0.5


def test_triangles_that_cross():
    assert area(Polygon([(0, 0), (2, 0), (1, 2)]), Polygon([(0, 2), (2, 2), (1, 0)])) == pytest.approx(1)


@pytest.mark.parametrize("order", ["as drawn", "exchanged"])
@pytest.mark.parametrize("way", ["as drawn", "far away", "on its side", "askew"])
@pytest.mark.parametrize("name", POOLS)
def test_the_kernel_agrees_with_geos_on_adversaries(name, way, order):
    seed = POOLS.index(name)
    shapes = turned(pool(name, 50 + PAIRS // 20, seed), way)
    at = np.random.default_rng(seed).integers(0, len(shapes), (2, PAIRS))
    trees = build_chain_trees(Rings.from_polygons(shapes))
    found = shared_areas(trees, trees, *(at if order == "as drawn" else at[::-1]))
    least = np.minimum(*shapely.area(shapes)[at])

    true = true_areas(shapes[at[0]], shapes[at[1]], found)
    assert (np.abs(found - true) / least).max() < 1e-9


VERTICES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=8)


@settings(max_examples=amount(50, 200))
@given(VERTICES, VERTICES)
@example([(0, 5), (1, 0), (2, 0)], [(0, 5), (1, 0), (0, 3), (4, 1)])  # GEOS gives twice the area in one of its orders
def test_small_integer_polygons_share_what_geos_says_in_one_of_its_orders(vertices, others):
    left, right = (shapely.make_valid(Polygon(ring), method="structure") for ring in (vertices, others))
    if left.area == 0 or right.area == 0 or {left.geom_type, right.geom_type} - {"Polygon", "MultiPolygon"}:
        return

    geos = [left.intersection(right).area, right.intersection(left).area]
    assert min(abs(area(left, right) - each) for each in geos) < 1e-9
    assert area(left, right) == pytest.approx(area(right, left), abs=1e-12)
    assert area(left, left) == pytest.approx(left.area, rel=1e-12)


@settings(max_examples=amount(15, 50))
@given(st.floats(0, 2 * np.pi), st.floats(-3, 3))
def test_a_cut_polygon_adds_up_to_the_whole(angle, offset):
    shape = pool("stars", 1, 3)[0]
    middle = np.array([15, 15]) + offset * np.array([np.cos(angle), np.sin(angle)])
    along, across = 100 * np.array([-np.sin(angle), np.cos(angle)]), 100 * np.array([np.cos(angle), np.sin(angle)])
    one, other = (
        Polygon([middle - along, middle + along, middle + along + side, middle - along + side])
        for side in (across, -across)
    )

    assert area(shape, one) + area(shape, other) == pytest.approx(shape.area, rel=1e-12)


def layers(count=200):
    """Two layers of squares and irregular shapes, on the ground."""
    rng = np.random.default_rng(5)
    titles = squares(**{f"t{i}": tuple(rng.uniform(0, 100_000, 2)) for i in range(count)})
    lands = polygons(
        **{f"l{i}": shapely.transform(shape, lambda xy: xy * 3_000) for i, shape in enumerate(pool("stars", 20, 9))}
    )
    return titles, lands


def test_overlaps_are_the_same_without_numba(monkeypatch):
    fast = overlap(*layers())
    monkeypatch.setattr(numba_jit, "HAS_NUMBA", False)
    plain = overlap(*layers())

    assert fast.drop(columns=["area_ha", "share_of_left", "share_of_right"]).equals(
        plain.drop(columns=["area_ha", "share_of_left", "share_of_right"])
    )
    assert fast["area_ha"].to_numpy() == pytest.approx(plain["area_ha"].to_numpy(), rel=1e-9)


def test_areas_that_geos_confirms_are_trusted():
    assert cross_check.find_disagreements(*layers()).empty


def test_an_area_that_is_wrong_is_found_and_both_shapes_are_given(monkeypatch):
    wrong = lambda *args: shared_area_m2(*args) * 1.001  # noqa: E731
    monkeypatch.setattr(cross_check, "shared_area_m2", wrong)
    found = cross_check.find_disagreements(squares(c1=(0, 0)), squares(p1=(0, 0))).iloc[0]

    assert (found["left_id"], found["right_id"]) == ("c1", "p1")
    assert found["area_m2"] == pytest.approx(1.001e8)
    assert found["geos_m2"] == pytest.approx(1e8)
    assert shapely.from_wkb(found["left"]).area == pytest.approx(1e8)


def test_an_error_of_geos_in_one_order_is_not_held_against_the_kernel(monkeypatch):
    left, right = (PolygonLayer.from_frame(squares(**{name: at})) for name, at in (("c1", (0, 0)), ("p1", (5_000, 0))))
    honest = shapely.intersection
    first = left.shapes[0]
    errs = lambda a, b: np.array([Polygon()]) if a[0] is first else honest(a, b)  # noqa: E731
    monkeypatch.setattr(cross_check.shapely, "intersection", errs)

    assert cross_check.find_disagreements(left, right).empty


def test_a_frame_may_be_prepared_once():
    titles, lands = layers(20)

    assert overlap(PolygonLayer.from_frame(titles), PolygonLayer.from_frame(lands)).equals(overlap(titles, lands))
    assert gpd.GeoDataFrame(titles).crs != EQUAL_AREA
