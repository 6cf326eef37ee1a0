import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon, box

from lindero.geo import area_ha, repair
from lindero.geo.geometry.crs import DEGREES

SQUARE = box(-75, -10, -74, -9)
SQUARE_HA = area_ha(gpd.GeoSeries([SQUARE], crs=DEGREES)).iloc[0]
BOW_TIE = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
TOUCHING_ITSELF = Polygon([(0, 0), (2, 0), (2, 2), (1, 0), (0, 2)])  # the notch reaches down to the edge
TINY_LOOP = Polygon([(0, 0), (1, 0), (1, 1), (0.001, 1), (-0.001, 0.999), (0, 0.999), (0, 1.001)])


def repaired(*shapes, kind="polygon"):
    return repair(gpd.GeoSeries(list(shapes), index=range(1, len(shapes) + 1), crs=DEGREES), kind)


def reasons(*shapes, kind="polygon"):
    return repaired(*shapes, kind=kind).rejects["reason"].tolist()


def test_sound_geometry_stays_as_it_is():
    result = repaired(SQUARE, MultiPolygon([SQUARE, box(0, 0, 1, 1)]))

    assert result.geometry.tolist() == [SQUARE, MultiPolygon([SQUARE, box(0, 0, 1, 1)])]
    assert result.repairs.empty
    assert result.rejects.empty


def test_every_rejected_row_is_named_with_its_reason_and_has_no_geometry():
    lonely_line = LineString([(0, 0), (1, 1)])
    result = repaired(SQUARE, None, Polygon(), lonely_line, Polygon([(0, 0), (1, np.inf), (1, 0)]), BOW_TIE)

    assert result.rejects[["row", "reason"]].to_numpy().tolist() == [
        [2, "no_geometry"],
        [3, "empty_geometry"],
        [4, "wrong_geometry_type"],
        [5, "not_finite"],
        [6, "ambiguous_geometry"],
    ]
    assert result.geometry.notna().tolist() == [True, False, False, False, False, False]


def test_metres_taken_for_degrees_are_out_of_range():
    rejects = repaired(box(500_000, 9_000_000, 501_000, 9_001_000)).rejects

    assert rejects["reason"].tolist() == ["out_of_range"]
    assert rejects["detail"].tolist() == ["500000 9e+06 501000 9.001e+06"]


def test_heights_are_dropped_and_said_to_be():
    result = repaired(shapely.force_3d(SQUARE, 3_400.0), Point(1, 2), kind="place")

    assert not result.geometry.has_z.any()
    assert result.repairs[["row", "repair", "area_change_ha"]].to_numpy().tolist() == [[1, "z_dropped", 0.0]]


def test_a_ring_that_touches_itself_is_made_valid_without_a_change_of_area():
    result = repaired(TOUCHING_ITSELF)

    assert result.geometry.is_valid.all()
    assert result.repairs["repair"].tolist() == ["made_valid"]
    assert result.repairs["area_change_ha"].iloc[0] == pytest.approx(0, abs=1e-6)


def test_a_loop_of_a_millionth_is_repaired_and_its_area_given():
    result = repaired(TINY_LOOP)

    assert result.geometry.is_valid.all()
    assert 0 < abs(result.repairs["area_change_ha"].iloc[0]) < 1e-4 * SQUARE_HA


def test_a_bow_tie_is_rejected_with_the_share_that_was_drawn():
    rejects = repaired(BOW_TIE).rejects

    assert rejects["reason"].tolist() == ["ambiguous_geometry"]
    assert rejects["detail"].tolist() == ["0.000"]  # the two lobes cancel


def test_a_ring_that_goes_round_twice_is_ambiguous():
    twice = Polygon([(0, 0), (2, 0), (2, 2), (0, 2), (0, 0), (1.5, 0.2), (1.8, 1.8), (0.2, 1.5)])

    assert reasons(twice) == ["ambiguous_geometry"]


def test_parts_that_share_ground_are_united():
    result = repaired(MultiPolygon([box(0, 0, 2, 1), box(1, 0, 3, 1)]))

    assert result.geometry.iloc[0].equals(box(0, 0, 3, 1))
    assert result.repairs["area_change_ha"].iloc[0] == pytest.approx(
        -SQUARE_HA, rel=0.02
    )  # a degree square at 0°, not 10°


def test_a_part_that_has_collapsed_to_a_line_is_dropped_and_reported():
    result = repaired(MultiPolygon([SQUARE, Polygon([(0, 0), (1, 1), (2, 2)])]))

    assert result.geometry.iloc[0].equals(SQUARE)
    assert result.repairs["repair"].tolist() == ["made_valid", "parts_dropped"]


def test_a_polygon_without_area_is_rejected():
    assert reasons(Polygon([(0, 0), (1, 1), (0, 0)]), Polygon([(0, 0), (1, 0), (2, 0)])) == ["no_area", "no_area"]


def test_lines_in_a_collection_are_dropped_and_reported():
    result = repaired(GeometryCollection([SQUARE, LineString([(0, 0), (1, 1)]), Point(3, 3)]))

    assert result.geometry.iloc[0] == SQUARE
    assert result.repairs[["repair", "detail"]].to_numpy().tolist() == [["parts_dropped", "2 / 3"]]
    assert result.repairs["area_change_ha"].iloc[0] == pytest.approx(0, abs=1e-9)


def test_a_line_that_closes_is_the_boundary_of_its_ground():
    ring = LineString(SQUARE.exterior.coords)
    result = repaired(ring, MultiLineString([ring]))

    assert [shape.equals(SQUARE) for shape in result.geometry] == [True, True]
    assert result.repairs["repair"].tolist() == ["ring_filled", "ring_filled"]
    assert result.repairs["area_change_ha"].tolist() == pytest.approx([SQUARE_HA, SQUARE_HA], rel=0.02)


def test_a_line_that_is_open_crosses_itself_or_is_one_of_several_bounds_nothing_for_sure():
    ring = LineString(SQUARE.exterior.coords)
    eight = LineString([(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)])
    several = MultiLineString([ring, [(2, 2), (3, 3)]])

    assert reasons(LineString([(0, 0), (1, 0), (1, 1)]), eight, several) == ["wrong_geometry_type"] * 3


def test_a_line_of_two_equal_points_bounds_nothing():
    point_twice = LineString([(-75, -10), (-75, -10)])

    assert reasons(point_twice, MultiLineString([point_twice])) == ["wrong_geometry_type"] * 2


FEW_POINTS = st.sampled_from([(-75, -10), (-75, -9), (-74, -9), (-74.5, -9.5)])
LINES = st.lists(FEW_POINTS, min_size=2, max_size=7).map(LineString)
RINGS = st.lists(FEW_POINTS, min_size=3, max_size=7).map(Polygon)
DEGENERATE = st.recursive(
    LINES | RINGS | FEW_POINTS.map(Point) | st.just(LineString()) | st.just(Polygon()),
    lambda shapes: st.lists(shapes, max_size=3).map(GeometryCollection),
    max_leaves=5,
)


@given(
    shapes=st.lists(DEGENERATE | st.lists(LINES, max_size=3).map(MultiLineString), min_size=1, max_size=4),
    kind=st.sampled_from(["polygon", "point", "site", "place"]),
)
def test_lines_and_rings_of_few_points_are_kept_or_rejected(shapes, kind):
    result = repaired(*shapes, kind=kind)

    assert result.geometry.isna().sum() == len(result.rejects)
    assert result.geometry.dropna().is_valid.all()


def test_a_point_layer_takes_points_and_one_point_in_a_multipoint():
    result = repaired(Point(1, 2), MultiPoint([(3, 4)]), MultiPoint([(5, 6), (5, 6)]), kind="point")

    assert result.geometry.tolist() == [Point(1, 2), Point(3, 4), Point(5, 6)]
    assert reasons(MultiPoint([(1, 2), (3, 4)]), SQUARE, kind="point") == ["several_points", "wrong_geometry_type"]


def test_a_place_may_be_a_point_or_a_polygon_and_the_polygon_says_more():
    result = repaired(Point(1, 2), SQUARE, GeometryCollection([Point(1, 2), SQUARE]), kind="place")

    assert result.geometry.tolist() == [Point(1, 2), SQUARE, SQUARE]


@pytest.mark.parametrize(
    "crossing",
    [box(179, -17, 181, -16), box(-181, -17, -179, -16), Polygon([(179, -17), (-179, -17), (-179, -16), (179, -16)])],
    ids=["past 180", "past -180", "jumping"],
)
def test_polygons_across_the_antimeridian_are_cut_at_it(crossing):
    result = repaired(crossing)
    west, _, east, _ = result.geometry.total_bounds

    assert (west, east) == (-180, 180)
    assert len(result.geometry.iloc[0].geoms) == 2
    assert result.geometry.is_valid.all()
    assert result.repairs["repair"].tolist() == ["antimeridian_split"]
    assert result.repairs["area_change_ha"].iloc[0] == pytest.approx(0, abs=1e-3)


def test_a_hole_across_the_antimeridian_stays_a_hole():
    ring = Polygon(box(178, -18, 182, -14).exterior, [box(-180.5, -17, -179.5, -16).exterior])
    whole = repaired(box(178, -18, 182, -14)).geometry
    with_hole = repaired(ring).geometry

    lost = area_ha(whole).iloc[0] - area_ha(with_hole).iloc[0]
    assert lost == pytest.approx(area_ha(gpd.GeoSeries([box(0, -17, 1, -16)], crs=DEGREES)).iloc[0], rel=1e-5)


def test_points_past_180_are_brought_back():
    assert repaired(Point(190, -17), kind="point").geometry.tolist() == [Point(-170, -17)]


def test_what_was_received_is_not_changed():
    received = gpd.GeoSeries([shapely.force_3d(SQUARE), BOW_TIE], crs=DEGREES)
    repair(received, "polygon")

    assert received.has_z.tolist() == [True, False]
    assert received.notna().all()


def test_nothing_received_is_nothing_repaired():
    result = repaired()

    assert len(result.geometry) == 0
    assert list(result.repairs.columns) == ["row", "repair", "area_change_ha", "detail"]
    assert list(result.rejects.columns) == ["row", "reason", "detail"]


coordinates = st.tuples(st.integers(-20, 20), st.integers(-20, 20))


@given(st.lists(coordinates, min_size=3, max_size=9))
def test_any_ring_is_either_valid_or_rejected_and_valid_ones_keep_their_area(ring):
    shape = Polygon(ring)
    result = repaired(shape)
    out = result.geometry.iloc[0]

    assert (out is None) == (len(result.rejects) == 1)
    if out is not None:
        assert out.is_valid
        assert out.area == pytest.approx(shape.area, rel=0.0101)
    if shape.is_valid and shape.area:
        assert out.equals(shape)
