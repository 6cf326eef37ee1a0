import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box

from lindero.geo import overlap
from lindero.geo.geometry.crs import ELLIPSOID
from lindero.geo.geometry.projection import project
from lindero.geo.geometry.scale_factor import bbox_centres, perimeters_m, to_local_metres
from lindero.geo.overlay.certainty import CERTAIN, grade_by_shape
from lindero.geo.overlay.prepared_layer import ASSUMED_ACCURACY_M
from tests.world import on_the_ground


def grade(left, right, left_m=None, right_m=None, **options):
    left = left if left_m is None else left.assign(boundary_accuracy_m=left_m)
    right = right if right_m is None else right.assign(boundary_accuracy_m=right_m)
    return overlap(left, right, **options)["certainty"].tolist()


def square(name, x, y, side_m=10_000):
    return on_the_ground(**{name: box(x, y, x + side_m, y + side_m)})


CONCESSION = square("c1", 0, 0)


def strip(width_m):
    """A park that covers this much of the concession's eastern edge."""
    return square("p1", 10_000 - width_m, 0)


def test_a_concession_deep_inside_a_park_is_certain():
    assert grade(CONCESSION, square("p1", -15_000, -15_000, 40_000)) == ["certain"]


def test_an_overlap_must_be_wider_than_both_boundaries_are_unsure():
    assert grade(CONCESSION, strip(120), 59, 59) == ["certain"]
    assert grade(CONCESSION, strip(120), 61, 61) == ["possible"]
    assert grade(CONCESSION, strip(120), 130, 130) == ["sliver"]  # mean width 118.6 m


def test_each_side_shrinks_by_its_own_accuracy():
    assert grade(CONCESSION, strip(120), 10, 100) == ["certain"]
    assert grade(CONCESSION, strip(120), 100, 10) == ["certain"]
    assert grade(CONCESSION, strip(120), 25, 100) == ["possible"]
    assert grade(CONCESSION, strip(120), 100, 25) == ["possible"]
    assert grade(CONCESSION, strip(120), 0, 0) == ["certain"]


def test_unknown_accuracy_is_taken_as_half_a_millimetre_on_the_map():
    assert ASSUMED_ACCURACY_M == 50
    assert grade(CONCESSION, strip(102)) == ["certain"]
    assert grade(CONCESSION, strip(98)) == ["possible"]
    assert grade(CONCESSION, strip(98), right_m=[None]) == ["possible"]


def test_a_feature_of_many_slivers_is_not_certain():
    comb = on_the_ground(p1=MultiPolygon([box(x, 0, x + 60, 10_000) for x in range(0, 10_000, 500)]))

    assert grade(CONCESSION, comb) == ["possible"]
    assert grade(comb, CONCESSION) == ["possible"]


def test_a_sieve_is_not_certain_however_large():
    holes = [box(x, y, x + 50, y + 50).exterior for x in range(25, 9_950, 100) for y in range(25, 9_950, 100)]
    sieve = on_the_ground(p1=Polygon(box(0, 0, 10_000, 10_000).exterior, holes))

    assert grade(CONCESSION, sieve, 50, 50) == ["possible"]  # mean width 66 m
    assert grade(CONCESSION, sieve, 25, 25) == ["certain"]  # between four holes, 35 m from each


def test_neighbours_overlap_only_if_both_have_grown():
    neighbours = pd.concat([square("far", 10_102, 0), square("near", 10_098, 0), square("touching", -10_000, 0)])

    pairs = overlap(CONCESSION, neighbours, grown=True)

    assert pairs["right_id"].tolist() == ["near", "touching"]
    assert pairs["area_ha"].tolist() == [0, 0]
    assert pairs["certainty"].tolist() == ["possible", "possible"]
    assert overlap(CONCESSION, neighbours).empty


def test_each_side_grows_by_its_own_accuracy():
    apart = CONCESSION.assign(boundary_accuracy_m=10), square("p1", 10_050, 0).assign(boundary_accuracy_m=35)

    assert overlap(*apart, grown=True).empty
    assert len(overlap(apart[0], apart[1].assign(boundary_accuracy_m=45), grown=True)) == 1


def test_pairs_that_share_ground_as_drawn_are_not_listed_again_when_grown():
    assert len(overlap(CONCESSION, strip(5_000), grown=True)) == 1


def test_ground_too_small_to_list_is_listed_as_possible_when_grown():
    pairs = overlap(CONCESSION, strip(0.005), grown=True)  # 50 m²

    assert pairs[["area_ha", "certainty"]].to_numpy().tolist() == [[0, "possible"]]


@pytest.mark.parametrize("latitude", [0, 30, 60, 80, -80])
def test_growth_is_metres_on_the_ground_at_any_latitude(latitude):
    def layer(name, west, south):
        east, north, _ = ELLIPSOID.fwd(west, south, 45, 2_000)
        return CONCESSION.assign(id=name, geometry=[box(west, south, east, north)])

    here = layer("here", 10, latitude)
    _, _, east, north = *here.total_bounds[:2], *here.total_bounds[2:]
    for azimuth, at in ((90, (east, latitude)), (0, (10, north))):
        for distance, expected in ((99, 1), (101, 0)):
            there = layer("there", *ELLIPSOID.fwd(*at, azimuth, distance)[:2])
            assert len(overlap(here, there, grown=True)) == expected, (azimuth, distance)


@pytest.mark.parametrize("latitude", [0, 45, 60, 80, -80])
@pytest.mark.parametrize("azimuth", [0, 60, 90])
@pytest.mark.parametrize("reach_m", [50, 300_000])
def test_local_metres_are_true_to_1_percent_up_to_300_km(latitude, azimuth, reach_m):
    longitude, end, _ = ELLIPSOID.fwd(20, latitude, azimuth, reach_m)
    line = np.array([shapely.LineString(project(np.array([[20, latitude], [longitude, end]])))], dtype=object)

    assert shapely.length(to_local_metres(line, bbox_centres(line)))[0] == pytest.approx(reach_m, rel=0.01)


@pytest.mark.parametrize("latitude", [0, 45, 80])
def test_perimeters_are_metres_on_the_ground(latitude):
    degrees = box(10, latitude, 10.1, latitude + 0.05)
    shape = np.array([MultiPolygon([shapely.transform(degrees, project)])], dtype=object)
    _, perimeter = ELLIPSOID.geometry_area_perimeter(degrees)

    assert perimeters_m(shape)[0] == pytest.approx(perimeter, rel=0.003)


def by_buffers(left, right, left_m, right_m):
    """What `certain` means, word for word, on a plane at the equator where the plane's metres are nearly the ground's."""
    return left.buffer(-left_m).intersection(right.buffer(-right_m)).area > 0


numbers = st.integers(0, 600)
shapes = st.lists(st.tuples(numbers, numbers), min_size=3, max_size=7).map(
    lambda vertices: Polygon(vertices).buffer(0) if len(set(vertices)) > 2 else Point(0, 0).buffer(50)
)


@given(shapes, shapes, st.integers(0, 80), st.integers(0, 80))
def test_certain_is_what_shrinking_both_sides_leaves(left, right, left_m, right_m):
    shared = left.intersection(right)
    if shared.area < 1:
        return
    # 30° is where the plane's metres are metres on the ground
    lift = lambda shape: shapely.transform(shape, lambda xy: xy + np.array([0, 3_658_880]))  # noqa: E731
    grades = grade_by_shape(
        *(np.array([lift(shape)], dtype=object) for shape in (shared, left, right)),
        np.array([float(left_m)]),
        np.array([float(right_m)]),
    )

    if by_buffers(left, right, left_m * 1.01 + 1, right_m * 1.01 + 1):
        assert grades[0] == CERTAIN
    if not by_buffers(left, right, left_m * 0.99 - 1, right_m * 0.99 - 1):
        assert grades[0] != CERTAIN
