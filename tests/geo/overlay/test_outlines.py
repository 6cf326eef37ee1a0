import geopandas as gpd
import numpy as np
import pytest
import shapely

from lindero.geo.geometry.scale_factor import perimeters_m
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay.certainty import certainty, grade_by_shape
from lindero.geo.overlay.intersection import intersect_pairs
from lindero.geo.overlay.prepared_layer import PolygonLayer
from tests.amount import amount
from tests.needed import missing
from tests.world import polygons

if not numba_jit.HAS_NUMBA:
    missing("numba is not here")

from lindero.geo.kernels.perimeter import perimeters_m as measured_m
from lindero.geo.kernels.perimeter import shared_perimeters_m
from tests.fuzz import POOLS, pool

SHAPES = amount(12, 25)  # each with every other
STARS = amount(5, 1)  # of so many pairs of stars one is drawn, which takes long: each shape is still among them


def world(name, step_m):
    """Hard shapes on the ground, each with every other: sides, positions, and what the pairs share."""
    shapes = shapely.transform(pool(name, SHAPES, 4), lambda xy: xy * step_m + [0, 2_000_000])
    ground = PolygonLayer.from_frame(polygons(**{f"{name}{i}": shape for i, shape in enumerate(shapes)}))
    at = np.array([(i, j) for i in range(SHAPES) for j in range(SHAPES)]).T
    shared = intersect_pairs(ground.shapes[at[0]], ground.shapes[at[1]])
    some = shapely.area(shared) > 100
    return ground, at[:, some], shared[some]


@pytest.mark.parametrize("name", POOLS)
def test_outlines_are_those_of_the_shapes_that_geos_draws(name):
    ground, at, shared = world(name, 1_000.0)
    drawn = shapely.set_precision(shared, 0.001)  # needles of no width are GEOS's rounding

    assert shared_perimeters_m(ground.trees, ground.trees, *at) == pytest.approx(perimeters_m(drawn), rel=1e-5)
    assert measured_m(ground.trees) == pytest.approx(perimeters_m(ground.shapes), rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("step_m", [10.0, 60.0, 400.0])
@pytest.mark.parametrize("name", POOLS)
def test_grades_are_the_same_as_by_drawing(name, step_m):
    ground, at, shared = world(name, step_m)
    every = STARS if name == "stars" else 1
    at, shared = at[:, ::every], shared[::every]
    accuracy = np.random.default_rng(0).uniform(5, 120, (2, len(ground.ids)))
    left, right = (PolygonLayer(ground.ids, ground.outlines, ground.area_m2, one) for one in accuracy)

    drawn = grade_by_shape(shared, left.shapes[at[0]], right.shapes[at[1]], accuracy[0][at[0]], accuracy[1][at[1]])

    assert certainty(left, right, *at, shapely.area(shared)).tolist() == drawn.tolist()
    assert len(drawn) > 28


def test_a_polygon_without_area_on_the_plane_takes_nobody_elses_ground():
    speck = shapely.Polygon([(10.5, 10.5), (10.5 + 2e-15, 10.5), (10.5, 10.5 + 2e-15)])
    frame = gpd.GeoDataFrame(
        {"id": ["a", "speck", "b", "last"]},
        geometry=[shapely.box(0, 0, 1, 1), speck, shapely.box(20, 0, 21, 2), speck],
        crs="OGC:CRS84",
    )
    layer, plain = PolygonLayer.from_frame(frame), PolygonLayer.from_frame(frame.iloc[[0, 2]])

    assert layer.ids.tolist() == ["a", "b"]
    assert layer.area_m2.tolist() == plain.area_m2.tolist()


def test_a_multipolygon_may_end_in_an_empty_part():
    parts = shapely.from_wkt("MULTIPOLYGON(((0 0, 1 0, 1 1, 0 1, 0 0)), EMPTY)")
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[parts], crs="OGC:CRS84")

    assert PolygonLayer.from_frame(frame).area_m2[0] == pytest.approx(1.2309e10, rel=1e-3)
