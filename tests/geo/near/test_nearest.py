from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPoint, MultiPolygon, Point, Polygon, box

from lindero.geo import GeoError, find_nearby
from lindero.geo.geometry.crs import DEGREES, ELLIPSOID
from lindero.geo.geometry.projection import densify_edges
from lindero.geo.near.edge_index import EdgeIndex
from tests.amount import amount
from tests.world import squares


def layer(**shapes):
    return gpd.GeoDataFrame({"id": list(shapes)}, geometry=list(shapes.values()), crs=DEGREES)


def by_walking_the_edges(lon, lat, shape, steps=300):
    """Geodesic distance to every one of many places on every edge; twice, the second time round the nearest."""
    least = np.inf
    for ring in shapely.get_rings(shape):
        vertices = shapely.get_coordinates(ring)
        for start, end in pairwise(vertices):
            azimuth, _, length = ELLIPSOID.inv(*start, *end)
            low, high = 0.0, length
            for _ in range(3):
                walked = np.linspace(low, high, steps)
                place = ELLIPSOID.fwd(*(np.full(steps, value) for value in (*start, azimuth)), walked)
                distance = ELLIPSOID.inv(np.full(steps, lon), np.full(steps, lat), *place[:2])[2]
                least = min(least, distance.min())
                low, high = walked[max(distance.argmin() - 1, 0)], walked[min(distance.argmin() + 1, steps - 1)]
    return least


def test_inside_is_here_at_no_distance():
    found = find_nearby(0.05, 0.05, squares(c1=(0, 0)), within_km=1)

    assert found["id"].tolist() == ["c1"]
    assert found["distance_m"].tolist() == [0]
    assert np.isnan(found["bearing"].iloc[0])
    assert found["direction"].tolist() == ["here"]


def test_in_a_hole_the_edge_of_the_hole_is_near():
    ring = box(0, 0, 3, 3).difference(box(1, 1, 2, 2))
    found = find_nearby(1.1, 1.5, layer(ring=ring), within_km=100)

    assert found["distance_m"].tolist() == pytest.approx([ELLIPSOID.inv(1.1, 1.5, 1.0, 1.5)[2]], abs=0.5)
    assert found["direction"].tolist() == ["w"]


def test_the_distance_is_to_the_edge_and_not_to_a_corner():
    found = find_nearby(0.5, -0.1, layer(wide=box(0, 0, 1, 1)), within_km=50)

    assert found["distance_m"].tolist() == pytest.approx([ELLIPSOID.inv(0.5, -0.1, 0.5, 0)[2]], abs=0.01)


def test_nearest_first_equals_by_id_and_no_more_than_the_limit():
    marks = layer(b=Point(0.1, 0), a=Point(0.1, 0), near=Point(0, 0.01), far=Point(3, 0))

    assert find_nearby(0, 0, marks, within_km=50)["id"].tolist() == ["near", "a", "b"]
    assert find_nearby(0, 0, marks, within_km=50, limit=2)["id"].tolist() == ["near", "a"]


def test_just_within_and_just_beyond():
    east, north, _ = ELLIPSOID.fwd(-75, -10, 30, 5_000)

    assert len(find_nearby(-75, -10, layer(p=Point(east, north)), within_km=5.001)) == 1
    assert find_nearby(-75, -10, layer(p=Point(east, north)), within_km=4.999).empty


@pytest.mark.parametrize(
    ("azimuth", "word"),
    [(0, "n"), (45, "ne"), (100, "e"), (135, "se"), (170, "s"), (225, "sw"), (-90, "w"), (-46, "nw"), (359, "n")],
)
def test_the_bearing_as_a_word(azimuth, word):
    east, north, _ = ELLIPSOID.fwd(-75, -10, azimuth, 5_000)
    found = find_nearby(-75, -10, layer(p=Point(east, north)), within_km=10).iloc[0]

    assert found["distance_m"] == pytest.approx(5_000, abs=0.01)
    assert (found["bearing"] - azimuth + 180) % 360 == pytest.approx(180, abs=1e-4)
    assert found["direction"] == word


@pytest.mark.parametrize("lon", [179.99, -179.99])
def test_across_the_antimeridian(lon):
    split = MultiPolygon([box(179.9, -17, 180, -16.9), box(-180, -17, -179.95, -16.9)])
    shapes = layer(split=split, past=box(179.9, -17, 180.05, -16.9), point=Point(-lon, -17.05))
    found = find_nearby(lon, -17.05, shapes, within_km=20).set_index("id")

    assert found.loc["split", "distance_m"] == pytest.approx(ELLIPSOID.inv(lon, -17.05, lon, -17)[2], abs=0.5)
    # without the vertex at 180 the edge is a geodesic, up to 1.4 m south of the parallel
    assert found.loc["past", "distance_m"] == pytest.approx(found.loc["split", "distance_m"], abs=1.4)
    assert found.loc["point", "distance_m"] == pytest.approx(ELLIPSOID.inv(lon, -17.05, -lon, -17.05)[2], abs=0.01)
    assert find_nearby(lon, -16.95, shapes, within_km=1).set_index("id").loc[
        ["split", "past"], "distance_m"
    ].tolist() == [
        0,
        0,
    ]


def test_at_the_pole_everything_round_it_is_near():
    ring = layer(**{f"p{lon}": Point(lon, 89.9) for lon in range(-180, 180, 30)})

    assert len(find_nearby(17, 90, ring, within_km=12)) == 12


def test_lines_and_several_points_are_measured_too():
    found = find_nearby(
        0.5, 0.1, layer(line=LineString([(0, 0), (1, 0)]), marks=MultiPoint([(5, 5), (0.5, 0.3)])), within_km=50
    )

    assert found["distance_m"].tolist() == pytest.approx(
        [ELLIPSOID.inv(0.5, 0.1, 0.5, 0)[2], ELLIPSOID.inv(0.5, 0.1, 0.5, 0.3)[2]], abs=0.01
    )


def test_rows_without_geometry_are_nowhere_near():
    assert find_nearby(0, 0, layer(none=None, empty=Polygon(), here=Point(0, 0)), within_km=1)["id"].tolist() == [
        "here"
    ]


@settings(max_examples=amount(15, 60))
@given(st.integers(0, 10_000), st.sampled_from([(-75, -10), (0, 0), (-70, 80), (10, -85), (179.5, -17)]))
def test_inside_is_what_geos_calls_inside(seed, middle):
    rng = np.random.default_rng(seed)
    stars = [
        Polygon(rng.uniform(0.05, 0.4, (n, 1)) * np.column_stack((np.cos(t), np.sin(t))) + rng.uniform(-0.2, 0.2, 2))
        for n in rng.integers(3, 60, 4)
        for t in [np.sort(rng.uniform(0, 2 * np.pi, n))]
    ]
    first, second, third, _ = shapely.make_valid(np.array(stars))
    shape = shapely.transform(first ^ second ^ third, lambda xy: xy + middle)
    if shape.geom_type not in {"Polygon", "MultiPolygon"}:
        return
    index = EdgeIndex.from_shapes(np.array([shape]))
    (shape,) = densify_edges(np.array([shape]), max_piece_m=1_000)
    edges = shapely.boundary(shape)
    for lon, lat in rng.uniform(-0.5, 0.5, (40, 2)) + middle:
        if shapely.distance(edges, Point(lon, lat)) > 1e-5:  # as exact as that is
            there = shapely.contains_xy(shape, [lon, lon + 360, lon - 360], lat).any()
            assert index.contains(np.array([0]), lon, lat).tolist() == [there]


@pytest.mark.parametrize(
    ("shape", "inside", "outside"),
    [
        (box(-180, 60, 180, 90), [(17, 75), (-180, 61), (3, 90)], [(17, 59), (0, -90)]),
        (box(-180, -90, 180, -60), [(17, -75), (179, -61)], [(17, -59), (0, 0), (5, 90)]),
        (box(-180, -90, 180, 90), [(17, -75), (0, 0), (179, 89)], []),
        (box(0, 60, 90, 90), [(45, 75), (89, 61)], [(-45, 75), (135, 75), (180, 89), (45, 59)]),
        (box(-10, -90, 10, 90), [(0, 0), (5, 80), (-5, -80)], [(20, 0), (180, 80), (-20, -80)]),
    ],
)
def test_at_the_poles_and_round_the_world_inside_is_inside(shape, inside, outside):
    index = EdgeIndex.from_shapes(np.array([shape]))

    assert [place for place in inside if not index.contains(np.array([0]), *place)[0]] == []
    assert [place for place in outside if index.contains(np.array([0]), *place)[0]] == []


def test_deep_inside_a_wide_park_is_here_though_its_edge_is_far():
    assert find_nearby(5, 5, layer(park=box(0, 0, 10, 10)), within_km=1)["distance_m"].tolist() == [0]


def test_nothing_near_has_the_same_columns_and_types():
    some, none = (find_nearby(lon, 0, layer(p=Point(0, 0)), within_km=1) for lon in (0, 90))

    assert none.empty
    assert none.dtypes.to_dict() == some.dtypes.to_dict()
    assert find_nearby(0, 0, layer(p=Point(0, 0)).head(0), within_km=1).empty


@pytest.mark.parametrize(("lon", "lat"), [(0, 91), (float("nan"), 0), (0, float("nan"))])
def test_a_place_that_is_not_on_earth_is_refused(lon, lat):
    with pytest.raises(GeoError, match="is not a place on Earth"):
        find_nearby(lon, lat, layer(p=Point(0, 0)), within_km=1)


@settings(max_examples=amount(12, 40))
@given(
    st.sampled_from([0, -10, 45, 60, 80]),
    st.sampled_from([-75, 179.9]),
    st.lists(st.tuples(st.floats(-0.7, 0.7), st.floats(-0.7, 0.7)), min_size=4, max_size=4),
)
def test_right_to_the_metre_however_long_the_edges(latitude, longitude, places):
    stretch = 1 / np.cos(np.radians(latitude))
    (*vertices, (lon, lat)) = [(longitude + x * stretch, latitude + y) for x, y in places]
    shape = Polygon(vertices)
    if not shape.is_valid or shape.area < 1e-6:
        return
    distance = find_nearby(lon, lat, layer(shape=shape), within_km=1_000)["distance_m"].iloc[0]

    if distance > 0:
        assert distance == pytest.approx(by_walking_the_edges(lon, lat, shape), abs=0.5)
