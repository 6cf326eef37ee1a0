import importlib

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box

from lindero.geo import FrameError, InvalidGeometryError, area_ha, footprint, overlap, totals
from lindero.geo.geometry.crs import DEGREES, EQUAL_AREA
from lindero.geo.overlay.intersection import intersect_pairs
from tests.world import polygons, squares

COLUMNS = ["left_id", "right_id", "area_ha", "share_of_left", "share_of_right", "certainty"]


def test_a_quarter_of_the_concession_lies_in_the_park():
    pair = overlap(squares(c1=(0, 0)), squares(p1=(5_000, 5_000))).iloc[0]

    assert pair["area_ha"] == pytest.approx(2_500)
    assert pair["share_of_left"] == pytest.approx(0.25)
    assert pair["share_of_right"] == pytest.approx(0.25)
    assert pair["certainty"] == "certain"


def test_squares_that_only_touch_do_not_overlap():
    assert overlap(squares(c1=(0, 0)), squares(p1=(10_000, 0), p2=(10_000, 10_000))).empty


def test_a_concession_inside_a_park_is_all_in_it():
    pair = overlap(squares(c1=(0, 0)), squares(p1=(-10_000, -10_000), side_m=40_000)).iloc[0]

    assert pair["area_ha"] == pytest.approx(10_000)
    assert pair["share_of_left"] == pytest.approx(1.0, rel=1e-15)  # to the last digit
    assert pair["share_of_right"] == pytest.approx(1 / 16, rel=1e-5)


def test_a_hole_in_the_park_is_not_the_park():
    park = polygons(p1=box(0, 0, 30_000, 30_000).difference(box(10_000, 10_000, 20_000, 20_000)))

    assert overlap(squares(c1=(10_000, 10_000)), park).empty
    assert overlap(squares(c1=(5_000, 10_000)), park)["area_ha"].tolist() == pytest.approx([5_000])


def test_parts_of_one_feature_make_one_pair():
    park = polygons(p1=MultiPolygon([box(0, 0, 2_000, 10_000), box(8_000, 0, 10_000, 10_000)]))
    pairs = overlap(squares(c1=(0, 0)), park)

    assert pairs["area_ha"].tolist() == pytest.approx([4_000])


def test_the_largest_comes_first_and_equals_by_id():
    left = squares(b=(0, 0), a=(100_000, 0), c=(200_000, 0))
    right = squares(r2=(5_000, 0), r1=(105_000, 0), r3=(202_000, 0))

    pairs = overlap(left, right)

    assert pairs["left_id"].tolist() == ["c", "a", "b"]
    assert pairs["right_id"].tolist() == ["r3", "r1", "r2"]
    assert overlap(left.iloc[::-1], right.iloc[::-1]).equals(pairs)


@pytest.mark.parametrize(("cores", "pairs", "at_once"), [(2, 1_000, 2_500), (2, 160_000, 20_000), (16, 160_000, 2_500)])
def test_pairs_are_shared_out_over_all_cores_and_come_to_the_same(monkeypatch, cores, pairs, at_once):
    module = importlib.import_module("lindero.geo.overlay.overlap")
    left = squares(**{f"c{n}": (n * 4_000, 0) for n in range(12)})
    right = squares(**{f"p{n}": (n * 7_000, 3_000) for n in range(6)})
    whole = overlap(left, right, with_range=True)
    monkeypatch.setattr(module, "cores", lambda: cores)
    assert module._chunk_size(pairs) == at_once

    monkeypatch.setattr(module, "LEAST_CHUNK", 1)
    assert module._chunk_size(len(whole)) < len(whole)
    pd.testing.assert_frame_equal(overlap(left, right, with_range=True), whole, check_exact=True)


def test_smaller_than_the_least_is_left_out():
    left, right = squares(c1=(0, 0)), squares(p1=(9_999, 0))  # 1 m × 10 km: 1 ha

    assert len(overlap(left, right, min_ha=0.9)) == 1
    assert overlap(left, right, min_ha=1.1).empty


def test_no_pairs_have_the_same_columns_and_types_as_some():
    some = overlap(squares(c1=(0, 0)), squares(p1=(0, 0)), with_geometry=True)
    empty = squares(c1=(0, 0)).head(0)

    for left, right in [(squares(c1=(0, 0)), squares(p1=(20_000, 0))), (empty, squares(p1=(0, 0))), (empty, empty)]:
        none = overlap(left, right, with_geometry=True, grown=True)
        assert none.dtypes.to_dict() == some.dtypes.to_dict()
        assert none.columns.tolist() == [*COLUMNS, "geometry"]
        assert none.crs == DEGREES


def test_the_geometry_of_a_pair_is_what_both_share():
    pairs = overlap(squares(c1=(0, 0)), squares(p1=(5_000, 5_000)), with_geometry=True)
    shared = polygons(shared=box(5_000, 5_000, 10_000, 10_000)).geometry.iloc[0]

    assert isinstance(pairs, gpd.GeoDataFrame)
    assert pairs.geometry.iloc[0].symmetric_difference(shared).area < 1e-9
    assert area_ha(pairs.geometry).tolist() == pytest.approx(pairs["area_ha"].tolist(), rel=1e-9)


def test_a_shared_edge_beside_shared_ground_is_no_part_of_the_geometry():
    stepped = polygons(
        p1=Polygon([(5_000, 0), (15_000, 0), (15_000, 20_000), (10_000, 20_000), (10_000, 5_000), (5_000, 5_000)])
    )
    pairs = overlap(squares(c1=(0, 0)), stepped, with_geometry=True)

    assert pairs.geometry.geom_type.isin(["Polygon", "MultiPolygon"]).all()
    assert pairs["area_ha"].tolist() == pytest.approx([2_500])


def test_points_and_absent_geometry_make_no_pair():
    layer = gpd.GeoDataFrame(
        {"id": ["point", "none", "area"]}, geometry=[Point(0.05, 0.05), None, box(0, 0, 1, 1)], crs=DEGREES
    )

    assert overlap(squares(c1=(0, 0)), layer)["right_id"].tolist() == ["area"]


def test_any_reference_system_that_both_have_in_common_will_do():
    left, right = squares(c1=(0, 0)), squares(p1=(5_000, 5_000))

    assert overlap(left.to_crs(EQUAL_AREA), right.to_crs(EQUAL_AREA))["area_ha"].tolist() == pytest.approx([2_500])


@pytest.mark.parametrize("longitude", [0, 179.95, -179.99])
def test_the_antimeridian_makes_no_difference(longitude):
    left = gpd.GeoDataFrame({"id": ["l"]}, geometry=[box(longitude, -17, longitude + 0.1, -16.9)], crs=DEGREES)
    split = MultiPolygon([box(179.9, -17, 180, -16.9), box(-180, -17, -179.9, -16.9)])
    right = gpd.GeoDataFrame({"id": ["r"]}, geometry=[split if longitude else box(-0.1, -17, 0.1, -16.9)], crs=DEGREES)
    expected = {0: 1, 179.95: 1, -179.99: 0.9}[longitude]

    # the cut has vertices on the parallel, the whole box none: 1 m between parallel and geodesic, of 11 km
    assert overlap(left, right)["share_of_left"].tolist() == pytest.approx([expected], rel=2e-4)


def test_frames_that_do_not_fit_are_refused():
    square = squares(c1=(0, 0))

    with pytest.raises(FrameError, match="reproject one"):
        overlap(square, square.to_crs(EQUAL_AREA))
    with pytest.raises(FrameError, match="no coordinate reference system"):
        overlap(square.set_crs(None, allow_override=True), square.set_crs(None, allow_override=True))
    with pytest.raises(FrameError, match="1 ids occur more than once; the first is c1"):
        overlap(pd.concat([square, square]), square)
    with pytest.raises(FrameError, match="no column `id`"):
        overlap(square.drop(columns="id"), square)
    with pytest.raises(FrameError, match="negative"):
        overlap(square.assign(boundary_accuracy_m=-1), square)


def test_geometry_that_was_not_repaired_is_refused():
    bow_tie = gpd.GeoDataFrame({"id": ["bow tie"]}, geometry=[Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])], crs=DEGREES)
    metres = gpd.GeoDataFrame({"id": ["metres"]}, geometry=[box(500_000, 9_000_000, 501_000, 9_001_000)], crs=DEGREES)

    with pytest.raises(InvalidGeometryError, match="1 geometries are invalid; the first is bow tie"):
        overlap(bow_tie, squares(c1=(0, 0)))
    with pytest.raises(ValueError, match="coordinates that are not on Earth; the first is metres"):
        overlap(squares(c1=(0, 0)), metres)


def test_neither_frame_is_changed():
    left, right = squares(c1=(0, 0)), squares(p1=(5_000, 5_000))
    before = left.copy(), right.copy()
    overlap(left, right, with_geometry=True, grown=True)

    assert left.equals(before[0])
    assert right.equals(before[1])


def test_gross_counts_pairs_and_footprint_counts_ground():
    left = squares(c1=(0, 0), c2=(0, 0), c3=(5_000, 0))
    right = squares(p1=(0, 0), p2=(100_000, 0))
    pairs = overlap(left, right)

    sums = totals(pairs, left, right)

    assert (sums.pairs, sums.left_features, sums.right_features) == (3, 3, 1)
    assert sums.gross_ha == pytest.approx(25_000)
    assert sums.footprint_ha == pytest.approx(10_000)


def test_ground_that_two_parks_share_counts_once_in_the_total_and_in_each_park():
    left, right = squares(c1=(0, 0)), squares(p1=(0, 0), p2=(5_000, 0))
    pairs = overlap(left, right)

    assert totals(pairs, left, right).footprint_ha == pytest.approx(10_000)
    by_park = footprint(pairs, left, right).set_index("id")
    assert by_park["footprint_ha"].to_dict() == pytest.approx({"p1": 10_000, "p2": 5_000})
    assert by_park["share"].to_dict() == pytest.approx({"p1": 1, "p2": 0.5})
    by_concession = footprint(pairs, left, right, by="left_id").set_index("id")
    assert by_concession.loc["c1", ["gross_ha", "footprint_ha", "share"]].tolist() == pytest.approx([15_000, 10_000, 1])


def test_no_pairs_cover_nothing():
    left, right = squares(c1=(0, 0)), squares(p1=(20_000, 0))
    none = overlap(left, right)

    assert totals(none, left, right).footprint_ha == 0
    assert footprint(none, left, right).columns.tolist() == ["id", "gross_ha", "footprint_ha", "share"]
    assert footprint(none, left, right).empty


def test_no_pairs_of_no_layer_add_up_to_nothing():
    nothing = squares(c1=(0, 0)).iloc[:0]
    none = pd.DataFrame({"left_id": pd.Series(dtype=object), "right_id": pd.Series(dtype=object), "area_ha": 0.0})

    assert totals(none, nothing, squares(p1=(0, 0))).footprint_ha == 0


def test_pairs_of_other_frames_are_refused():
    left, right = squares(c1=(0, 0)), squares(p1=(0, 0))
    pairs = overlap(left, right)

    with pytest.raises(FrameError, match="1 pairs refer to features that are not in the frames"):
        totals(pairs, left, squares(p2=(0, 0)))


metres = st.integers(0, 30).map(lambda km: km * 1_000)
rectangles = st.tuples(metres, metres, st.integers(1, 15), st.integers(1, 15)).map(
    lambda r: box(r[0], r[1], r[0] + r[2] * 1_000, r[1] + r[3] * 1_000)
)
layers = st.lists(rectangles, min_size=1, max_size=6).map(
    lambda shapes: polygons(**{f"f{i}": s for i, s in enumerate(shapes)})
)


@given(layers, layers)
def test_left_and_right_may_be_exchanged(left, right):
    there, back = overlap(left, right), overlap(right, left)
    back = back.rename(columns={"left_id": "right_id", "right_id": "left_id"}).sort_values(["left_id", "right_id"])
    there = there.sort_values(["left_id", "right_id"])

    assert there["left_id"].tolist() == back["left_id"].tolist()
    assert there["area_ha"].tolist() == pytest.approx(back["area_ha"].tolist())
    assert there["share_of_left"].tolist() == pytest.approx(back["share_of_right"].tolist())
    assert there["certainty"].tolist() == back["certainty"].tolist()


@given(layers, layers)
def test_areas_and_shares_keep_their_bounds(left, right):
    pairs = overlap(left, right)
    least = np.minimum(
        area_ha(left.set_index("id").geometry)[pairs["left_id"]].to_numpy(),
        area_ha(right.set_index("id").geometry)[pairs["right_id"]].to_numpy(),
    )

    assert (pairs["area_ha"] <= least * (1 + 1e-9)).all()
    assert all(pairs[share].between(0, 1).all() for share in ("share_of_left", "share_of_right"))
    sums = totals(pairs, left, right)
    assert sums.footprint_ha <= sums.gross_ha * (1 + 1e-9)
    assert sums.footprint_ha <= area_ha(right.geometry).sum() * (1 + 1e-9)


@given(rectangles, st.lists(rectangles, min_size=1, max_size=4))
def test_the_parts_of_a_cut_feature_add_up_to_the_whole(knife, shapes):
    right = polygons(**{f"f{i}": shape for i, shape in enumerate(shapes)})
    whole = box(0, 0, 45_000, 45_000)
    inside, outside = whole.intersection(knife), whole.difference(knife)
    parts = polygons(inside=inside, **({} if outside.is_empty else {"outside": outside}))

    assert overlap(parts, right)["area_ha"].sum() == pytest.approx(
        overlap(polygons(whole=whole), right)["area_ha"].sum()
    )


def test_the_shortcuts_give_what_the_intersection_gives():
    rng = np.random.default_rng(7)
    shapes = np.array(
        [Point(*rng.uniform(0, 20, 2)).buffer(rng.uniform(0.5, 8), quad_segs=6) for _ in range(60)], dtype=object
    )
    left, right = np.repeat(shapes, 60), np.tile(shapes, 60)

    assert shapely.area(intersect_pairs(left, right)) == pytest.approx(shapely.area(shapely.intersection(left, right)))
