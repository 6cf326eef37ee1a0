"""Hectares at least and at most, held to boundaries moved by other means: pyproj's own plane and finer circles."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import MultiPolygon, box

from lindero.geo import footprint, overlap, totals
from lindero.geo.geometry.crs import DEGREES
from lindero.geo.geometry.rings import Rings
from lindero.geo.overlay.accuracy_buffers import FINE_SHARE, INWARD, OUTWARD, BufferedLayer, buffer_boundaries
from lindero.geo.overlay.prepared_layer import PolygonLayer
from tests.world import on_the_ground

PLANE = "+proj=laea +lat_0=-45 +lon_0=-70 +datum=WGS84"
ROUND = 64  # pieces of a quarter circle


def rough(rng, middle, radius_m, vertices, *, stray=0.15):
    angle = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    reach = radius_m * np.exp(rng.normal(0, stray, vertices))
    return shapely.Polygon(np.column_stack((np.cos(angle), np.sin(angle))) * reach[:, None] + middle)


def at_45_south(**shapes):
    """Lay shapes, in true metres, round 45° S."""
    return gpd.GeoDataFrame({"id": list(shapes)}, geometry=list(shapes.values()), crs=PLANE).to_crs(DEGREES)


@pytest.fixture(scope="module")
def invented():
    """Give titles and lands of some corners, at 45° south, each with its accuracy."""
    rng = np.random.default_rng(3)
    lands = {f"l{i}": rough(rng, rng.uniform(-8_000, 8_000, 2), 3_000, 150) for i in range(8)}
    titles = {f"t{i}": box(*(vertex := rng.uniform(-9_000, 8_000, 2)), *(vertex + 1_500)) for i in range(40)}
    left, right = (at_45_south(**each) for each in (titles, lands))
    return (
        left.assign(boundary_accuracy_m=rng.choice([5.0, 20.0, 80.0], len(left))),
        right.assign(boundary_accuracy_m=rng.choice([10.0, 50.0, 150.0], len(right))),
    )


def drawn(left, right, way):
    """Move both sides on an azimuthal plane of pyproj's round the middle, and intersect them."""
    middle = right.geometry.union_all().centroid
    plane = f"+proj=laea +lat_0={middle.y} +lon_0={middle.x} +datum=WGS84"
    sides = (side.to_crs(plane).set_index("id") for side in (left, right))
    return [side.geometry.buffer(way * side["boundary_accuracy_m"], ROUND) for side in sides]


def test_each_pair_has_what_it_shares_at_least_and_at_most(invented):
    left, right = invented
    pairs = overlap(left, right, with_range=True)
    assert len(pairs) > 30

    for way, column in ((INWARD, "certain_ha"), (OUTWARD, "possible_ha")):
        ours, theirs = drawn(left, right, way)
        expected = ours.loc[pairs["left_id"]].intersection(theirs.loc[pairs["right_id"]], align=False).area / 10_000
        np.testing.assert_allclose(pairs[column], expected, rtol=2e-3, atol=0.02)
    assert (pairs["certain_ha"] <= pairs["area_ha"]).all()
    assert (pairs["possible_ha"] >= pairs["area_ha"]).all()
    assert (pairs["certain_ha"] > 0).eq(pairs["certainty"] == "certain").all()


def test_the_range_changes_nothing_else(invented):
    with_range = overlap(*invented, with_range=True)
    pd.testing.assert_frame_equal(with_range.drop(columns=["certain_ha", "possible_ha"]), overlap(*invented))


@pytest.mark.parametrize("by", ["left_id", "right_id"])
def test_footprints_count_moved_ground_once(invented, by):
    left, right = invented
    pairs = overlap(left, right)
    found = footprint(pairs, left, right, by=by, with_range=True).set_index("id")

    for way, column in ((INWARD, "certain_ha"), (OUTWARD, "possible_ha")):
        ours, theirs = drawn(left, right, way)
        own, other, other_by = (ours, theirs, "right_id") if by == "left_id" else (theirs, ours, "left_id")
        for name, some in pairs.groupby(by):
            expected = other.loc[some[other_by]].union_all().intersection(own[name]).area / 10_000
            assert found.loc[name, column] == pytest.approx(expected, rel=2e-3, abs=0.02)


def test_totals_count_moved_ground_once_over_all_features(invented):
    left, right = invented
    pairs = overlap(left, right)
    sums = totals(pairs, left, right, with_range=True)

    for way, found in ((INWARD, sums.certain_ha), (OUTWARD, sums.possible_ha)):
        ours, theirs = drawn(left, right, way)
        shared = ours.loc[pairs["left_id"]].intersection(theirs.loc[pairs["right_id"]], align=False)
        assert found == pytest.approx(shared.union_all().area / 10_000, rel=1e-3)
    assert sums.certain_ha < sums.footprint_ha < sums.possible_ha


def test_one_point_that_survives_does_not_make_all_hectares_certain():
    left = on_the_ground(t1=MultiPolygon([box(0, 0, 110, 110), box(1_000, 0, 1_090, 5_000)]))
    pair = overlap(left, on_the_ground(l1=box(-5_000, -5_000, 10_000, 10_000)), with_range=True).iloc[0]

    assert (pair["certainty"], round(pair["area_ha"], 1), round(pair["certain_ha"], 2)) == ("certain", 46.2, 0.01)
    assert pair["possible_ha"] > 100


def test_what_only_grows_to_meet_is_possible_and_nothing_more():
    neighbours = on_the_ground(near=box(1_050, 0, 2_000, 1_000))
    pair = overlap(on_the_ground(t1=box(0, 0, 1_000, 1_000)), neighbours, grown=True, with_range=True).iloc[0]

    assert (pair["area_ha"], pair["certain_ha"]) == (0, 0)
    assert pair["possible_ha"] == pytest.approx(0.005 * 1_000, rel=0.1)


def test_nothing_is_drawn_in_at_the_antimeridian():
    whole = gpd.GeoDataFrame({"id": ["w"]}, geometry=[box(179.9, -17, 180.1, -16.8)], crs=DEGREES)
    halves = PolygonLayer.from_frame(whole)
    elsewhere = PolygonLayer.from_frame(whole.assign(geometry=whole.translate(xoff=-60)))

    for way in (INWARD, OUTWARD):
        found, expected = (
            BufferedLayer.from_positions(ground, np.array([0]), way).ground for ground in (halves, elsewhere)
        )
        assert found.area_m2[0] == pytest.approx(expected.area_m2[0], rel=1e-6)
    assert (
        np.ptp(shapely.bounds(BufferedLayer.from_positions(halves, np.array([0]), OUTWARD).ground.shapes[0])[[0, 2]])
        > 3e7
    )  # in two parts


def test_an_outline_of_many_corners_is_thinned_by_less_than_its_accuracy():
    rng = np.random.default_rng(1)
    shape = rough(rng, (0, 0), 1_000, 2_000, stray=0.002).buffer(0)
    ground = PolygonLayer.from_frame(at_45_south(r=shape))
    assert shape.length < FINE_SHARE * 50.0 * 2_000  # or it would be left as it is

    for by in (-50.0, 50.0):
        found = shapely.area(buffer_boundaries(ground.shapes, np.array([by])).to_polygons())[0]
        within = [shapely.buffer(shape, by + stray).area for stray in (-2.5, 2.5)]
        assert min(within) < found < max(within)


def same_rings(first, second):
    return all(map(np.array_equal, first, second))


def test_features_that_were_buffered_before_come_from_the_cache_as_they_were(invented):
    layer, positions = PolygonLayer.from_frame(invented[1]), np.arange(8)
    first = BufferedLayer.from_positions(layer, positions[::2], OUTWARD)
    is_cached, cached = layer.buffer_cache.get(positions, OUTWARD)
    both = BufferedLayer.from_positions(layer, positions, OUTWARD)

    assert is_cached.tolist() == [True, False] * 4
    assert same_rings(cached, buffer_boundaries(layer.shapes[::2], layer.accuracy_m[::2]))
    assert not layer.buffer_cache.get(positions, INWARD)[0].any()
    for at in positions[::2]:
        once, again = (buffered.ground.shapes[buffered.new_positions[[at]]][0] for buffered in (first, both))
        assert shapely.equals_identical(once, again)


def test_the_cache_keeps_parts_holes_and_features_of_which_nothing_is_left():
    hole = box(0, 0, 1_000, 1_000).difference(box(400, 400, 600, 500))
    shapes = at_45_south(
        parts=MultiPolygon([box(2_000, 0, 3_000, 900), hole]),
        gone=box(5_000, 0, 5_010, 10),
        hole=hole,
        last=box(6_000, 0, 6_020, 20),
    )
    layer = PolygonLayer.from_frame(shapes)
    buffered = buffer_boundaries(layer.shapes, -layer.accuracy_m)
    small = buffer_boundaries(layer.shapes[[1]], np.array([-50.0]))
    layer.buffer_cache.store(np.array([1]), INWARD, small)
    assert layer.buffer_cache.get(np.array([1]), INWARD)[1].is_empty.tolist() == [True]
    layer.buffer_cache.store(np.array([2, 3, 0, 1]), INWARD, buffered)
    is_cached, cached = layer.buffer_cache.get(np.array([2, 3, 0, 1]), INWARD)

    assert is_cached.all()
    assert same_rings(cached, buffered)
    assert cached.is_empty.tolist() == [False, True, False, True]
    polygons = cached.to_polygons()
    assert shapely.is_empty(polygons).tolist() == cached.is_empty.tolist()
    assert same_rings(Rings.from_polygons(polygons), cached)
    assert (cached.first_ring[-1], cached.is_hole.sum()) == (5, 2)


@pytest.mark.parametrize(
    ("name", "value"),
    [("tempfile.tempdir", "/proc/no-such-folder"), ("lindero.geo.overlay.buffer_cache._CACHE_SHARE", 10**12)],
)
def test_without_room_for_the_cache_features_are_buffered_again(invented, monkeypatch, name, value):
    layer, positions = PolygonLayer.from_frame(invented[1]), np.arange(8)
    with monkeypatch.context() as full:
        full.setattr(name, value)
        first = BufferedLayer.from_positions(layer, positions, OUTWARD)
        assert not layer.buffer_cache.get(positions, OUTWARD)[0].any()
    again = BufferedLayer.from_positions(layer, positions, OUTWARD)

    assert shapely.equals_identical(first.ground.shapes, again.ground.shapes).all()
    assert layer.buffer_cache.get(positions, OUTWARD)[0].all()
