import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely import Point
from typer.testing import CliRunner

from lindero.app.answers.ranking.exposure import WEIGHTS, measure_exposure
from lindero.app.answers.ranking.weights import parse_weights
from lindero.app.commands.index import program
from lindero.geo import FrameError, footprint, overlap
from lindero.geo.geometry.crs import DEGREES
from lindero.geo.near.within_distance import find_within_distance
from lindero.geo.overlay.accuracy_buffers import buffer_boundaries
from lindero.geo.overlay.prepared_layer import PolygonLayer
from lindero.geo.stats.exposure import exposure, fill_rounding_holes
from lindero.geo.stats.ranking import Uninformative, find_uninformative, ranking
from lindero.layers.database import map_database
from lindero.layers.errors import AnswerError
from tests.world import squares

LAND = {"land": (0, 0)}


def titles(kinds="mining", statuses="granted", accuracy_m=5.0, **places):
    return squares(**places).assign(kind=kinds, status=statuses, boundary_accuracy_m=accuracy_m)


def parts_of(parts, by):
    return parts[parts["by"] == by].set_index("code")["title_ha"].to_dict()


def test_half_of_the_land_under_title_lies_within_its_range():
    land = squares(**LAND).assign(boundary_accuracy_m=50.0)
    row = exposure(land, titles(t=(5_000, 0)))[0].iloc[0]

    assert row[["land_ha", "title_ha", "share"]].tolist() == pytest.approx([10_000, 5_000, 0.5])
    # 5 m of the title's edge and 50 m of the land's on three sides: some 1.5 % of the land either way
    assert 0.48 < row["share_low"] < 0.495
    assert 0.505 < row["share_high"] < 0.52
    assert row["titles"] == 1


def test_ground_under_two_titles_counts_once_and_for_the_stronger_status():
    over = titles(kinds=["mining", "forestry"], statuses=["applied", "granted"], a=(0, 0), b=(5_000, 0))
    table, parts = exposure(squares(**LAND), over)

    assert table["title_ha"].tolist() == pytest.approx([10_000])
    assert parts_of(parts, "kind") == pytest.approx({"mining": 5_000, "several": 5_000})
    assert parts_of(parts, "status") == pytest.approx({"granted": 5_000, "applied": 5_000})


def test_land_without_titles_is_listed_and_a_community_without_land_is_not():
    land = pd.concat(
        [squares(**LAND), gpd.GeoDataFrame({"id": ["camp"]}, geometry=[Point(1, 1)], crs=DEGREES)], ignore_index=True
    )
    table, parts = exposure(gpd.GeoDataFrame(land), titles(far=(90_000, 0)))

    assert table["id"].tolist() == ["land"]
    assert table[["titles", "title_ha", "share", "share_high"]].to_numpy().tolist() == [[0, 0, 0, 0]]
    assert parts.empty


def test_titles_side_by_side_leave_no_gap_when_drawn_in():
    over = titles(accuracy_m=100.0, a=(-5_000, -1_000), b=(5_000, -1_000))
    row = exposure(squares(**LAND).assign(boundary_accuracy_m=1.0), over)[0].iloc[0]

    assert row["share"] == pytest.approx(0.9)
    assert row["share"] - row["share_low"] == pytest.approx(0.01, abs=0.003)  # the northern edge, not the seam as well


def test_a_hole_left_by_rounding_is_no_gap_when_drawn_in():
    west, south = shapely.bounds(squares(**LAND).geometry.iloc[0])[:2]
    slit = [(west + 0.02, south + 0.04), (west + 0.06, south + 0.04), (west + 0.04, south + 0.04 + 1e-13)]
    whole = titles(accuracy_m=100.0, a=(0, 0), b=(0, 0))
    slit_titles = whole.assign(geometry=[shapely.Polygon(shape.exterior, [slit]) for shape in whole.geometry])
    land = squares(**LAND).assign(boundary_accuracy_m=1.0)

    expected, row = (exposure(land, frame)[0].iloc[0] for frame in (whole, slit_titles))
    assert row["share_low"] == pytest.approx(expected["share_low"], abs=1e-9)


def test_only_holes_as_narrow_as_rounding_are_filled():
    hole, slit = shapely.box(2, 2, 3, 3).exterior, shapely.box(5, 5, 9, 5 + 1e-9).exterior
    part = shapely.Polygon(shapely.box(0, 0, 10, 10).exterior, [hole, slit])
    shapes = np.array([part, shapely.MultiPolygon([part, shapely.box(20, 0, 21, 1)]), shapely.box(0, 0, 1, 1)])

    filled = fill_rounding_holes(shapes)

    assert [shapely.get_num_coordinates(shape) for shape in filled] == [10, 15, 5]
    assert shapely.area(filled).tolist() == pytest.approx([99, 100, 1])
    assert fill_rounding_holes(shapes[:0]).tolist() == []


def test_the_range_is_that_of_all_titles_moved_as_one():
    """Held against the plain way: all titles of an accuracy united, moved, and laid over the land moved likewise."""
    rng = np.random.default_rng(20_261_126)
    at = {f"t{n}": tuple(xy) for n, xy in enumerate(rng.integers(-3, 14, (40, 2)) * 0.05)}
    accuracies = rng.choice([5.0, 60.0, 400.0], len(at))
    lying = titles(**at).assign(boundary_accuracy_m=accuracies)
    land = squares(**{f"l{n}": (n % 3 * 0.21, n // 3 * 0.23) for n in range(9)}).assign(boundary_accuracy_m=100.0)

    table, _ = exposure(land, lying)

    own, over = PolygonLayer.from_frame(land), PolygonLayer.from_frame(lying)
    for column, way in (("share_low", -1), ("share_high", 1)):
        moved = shapely.union_all(
            [
                shape
                for accuracy in np.unique(accuracies)
                for shape in buffer_boundaries(
                    np.array([shapely.union_all(over.shapes[over.accuracy_m == accuracy])]), np.array([way * accuracy])
                ).to_polygons()
            ]
        )
        drawn = buffer_boundaries(own.shapes, way * own.accuracy_m).to_polygons()
        shares = np.clip(shapely.area(shapely.intersection(drawn, moved)) / own.area_m2, 0, 1)
        told = table.set_index("id").loc[own.ids, column]
        assert told.tolist() == pytest.approx(shares.tolist(), abs=1e-5)
    assert (table["share_low"] < table["share_high"]).sum() >= 8


def test_titles_that_only_touch_the_land_or_each_other_cover_what_they_cover():
    over = titles(kinds=["mining", "forestry", "mining"], a=(0, 1), b=(0, 10_000), c=(10_000, 0))
    table, parts = exposure(squares(**LAND), over)

    assert table["title_ha"].tolist() == pytest.approx([9_999])
    assert parts_of(parts, "kind") == pytest.approx({"mining": 9_999}, abs=0.01)
    assert table["titles"].tolist() == [1]


@settings(max_examples=25)
@example(places=[(0, 1), (0, 10_000)], seed=0)
@given(
    places=st.lists(st.tuples(st.integers(-12_000, 12_000), st.integers(-12_000, 12_000)), min_size=1, max_size=4),
    seed=st.integers(0, 1_000),
)
def test_parts_add_up_to_the_footprint_which_never_exceeds_the_land(places, seed):
    rng = np.random.default_rng(seed)
    names = {f"t{i}": place for i, place in enumerate(places)}
    kinds = rng.choice(["mining", "forestry", "hydrocarbons"], len(places))
    over = titles(kinds=kinds, statuses=rng.choice(["granted", "applied", "expired"], len(places)), **names)
    land = squares(**LAND)
    table, parts = exposure(land, over)
    row = table.iloc[0]
    drawn = footprint(overlap(over, land, min_ha=0), over, land)["footprint_ha"].sum()

    assert row["title_ha"] == pytest.approx(drawn, rel=1e-4, abs=0.05)
    for by in ("kind", "status"):
        assert sum(parts_of(parts, by).values()) == pytest.approx(row["title_ha"], rel=1e-6, abs=0.01)
    assert 0 <= row["share_low"] <= row["share"] <= row["share_high"] <= 1


def test_what_lies_within_a_distance_is_measured_from_edge_to_edge():
    places = squares(a=(0, 0))
    points = gpd.GeoDataFrame(
        {"id": ["in", "near", "far"]}, geometry=[Point(0.05, 0.05), Point(0.2, 0.05), Point(1, 1)], crs=DEGREES
    )
    east_edge = places.total_bounds[2]

    found = find_within_distance(places, points, within_km=25)

    assert found["id"].tolist() == ["in", "near"]
    assert found["distance_m"].tolist() == pytest.approx([0, (0.2 - east_edge) * 111_320], rel=0.01)
    assert find_within_distance(points, places, within_km=25)["place_id"].tolist() == ["in", "near"]
    assert find_within_distance(places.iloc[:0], points, within_km=25).empty


INDICATORS = pd.DataFrame({"share": [0.9, 0.5, 0.1], "attacks": [3, 2, 1]}, index=["a", "b", "c"])


def test_what_is_worst_in_everything_is_first_under_any_weights():
    ranked = ranking(INDICATORS, {"share": 1, "attacks": 5}, draws=200, seed=1)

    assert ranked["id"].tolist() == ["a", "b", "c"]
    assert ranked[["rank", "rank_low", "rank_high"]].to_numpy().tolist() == [[1, 1, 1], [2, 2, 2], [3, 3, 3]]
    assert ranked["score"].tolist() == pytest.approx([1, 0.5, 0])


@pytest.mark.parametrize("size", [1.0, 5e3])
def test_measures_that_differ_by_rounding_share_a_rank(size):
    indicators = pd.DataFrame({"share": np.array([1 - 1e-11, 1.0, 0.5, 1 - 1e-6]) * size, "none": 0.0})
    table = ranking(indicators, {"share": 1, "none": 1}, draws=50, seed=1).set_index("id")

    assert table["rank"].to_dict() == {0: 1, 1: 1, 2: 4, 3: 3}


def test_what_the_weights_decide_has_a_wide_range():
    crossed = INDICATORS.assign(attacks=[1, 2, 3])
    ranked = ranking(crossed, {"share": 1, "attacks": 1}, draws=500, seed=1).set_index("id")

    assert ranked["score"].tolist() == pytest.approx([0.5] * 3)
    assert ranked.loc[["a", "c"], ["rank_low", "rank_high"]].to_numpy().tolist() == [[1, 3], [1, 3]]


def test_the_same_seed_is_the_same_answer():
    crossed, weights = INDICATORS.assign(attacks=[1, 3, 2]), {"share": 1.0, "attacks": 1.0}

    pd.testing.assert_frame_equal(
        ranking(crossed, weights, draws=100, seed=7), ranking(crossed, weights, draws=100, seed=7)
    )


@pytest.mark.parametrize("draws", [1, 10, 30, 101])
def test_ranks_and_their_range_are_those_of_pandas(draws):
    values = np.random.default_rng(draws).integers(0, 5, size=(40, 2)).astype(float)  # with ties
    table = pd.DataFrame(values, columns=["share", "attacks"])
    ranked = ranking(table, {"share": 1, "attacks": 2}, draws=draws, seed=4).set_index("id").sort_index()

    drawn = np.random.default_rng(4).dirichlet([2 / 3, 4 / 3], size=draws)
    scores = ((table.rank() - 1) / 39).to_numpy() @ drawn.T
    ranks = pd.DataFrame(-scores).round(12).rank(method="min")
    for q, name in ((0.05, "rank_low"), (0.95, "rank_high")):
        assert ranked[name].tolist() == ranks.quantile(q, axis=1, interpolation="nearest").tolist()
    assert ranked["in_top_ten"].tolist() == (ranks <= 10).mean(axis=1).tolist()


@pytest.mark.parametrize("weights", [{}, {"share": 0}, {"nothing": 1}])
def test_weights_that_are_none_are_refused(weights):
    with pytest.raises(FrameError):
        ranking(INDICATORS, weights, draws=10, seed=1)


def test_weights_are_written_as_pairs():
    assert parse_weights(["share=2", "titles=0.5"], WEIGHTS) == {"share": 2, "titles": 0.5}
    with pytest.raises(AnswerError):
        parse_weights(["share"], WEIGHTS)


def test_the_demonstration_holds_what_the_map_overlaps(demonstration):
    con = demonstration[1]
    report = measure_exposure(con).rank_communities(draws=50)
    rows = report.rows.set_index("id")
    pairs = map_database.read_overlaps(con, "concessions", "communities")
    titles_now = map_database.read_layer(con, map_database.LAYERS["concessions"])
    in_force = titles_now.loc[titles_now["status"] != "expired", "id"]
    counted = pairs[pairs["left_id"].isin(in_force)].groupby("right_id").size()

    assert len(rows) == 218
    assert rows.loc[counted.index, "titles"].tolist() == counted.tolist()
    asked = map_database.read_layer(con, map_database.LAYERS["consultations"])
    held = asked[asked["consent_status"] != "not_sought"].groupby("community_id").size()
    assert rows.loc[held.index, "consultations_on_record"].tolist() == held.tolist()
    assert not [name for name in (*rows.columns, *report.settings["weights"]) if "consent" in name]
    assert (rows["titles_within_5_km"] <= rows["titles_within_10_km"]).all()
    assert (rows["attacks_within_10_km"] <= rows["attacks_within_25_km"]).all()
    assert report.attacks["attacks"].sum() == rows["attacks_within_25_km"].sum() > 0
    assert rows["share"].isna().any()  # communities known by a point alone
    on_river = rows["titles_along_river_within_25_km"]
    assert on_river.isna().any()  # no river of the base data: nothing is known, which is not none
    assert on_river.max() > 0
    assert (rows["rank_low"] < rows["rank_high"]).any()


def test_the_command_prints_json_alone_and_what_gives_it_again(demonstration):
    order = [
        "exposure",
        "--format",
        "json",
        "--workspace",
        str(demonstration[0]),
        "--draws",
        "20",
        "--weight",
        "share=1",
    ]
    result = CliRunner().invoke(program, [*order, "--status", "granted"])
    answer = json.loads(result.stdout)

    assert (answer["statuses"], answer["weights"], answer["draws"], answer["seed"]) == (
        ["granted"],
        {"share": 1},
        20,
        1,
    )
    assert {part["code"] for part in answer["parts"] if part["by"] == "status"} == {"granted"}
    assert answer["communities"][0]["rank"] == 1
    assert "share the first rank" in result.stderr


def test_what_is_not_known_is_not_ranked_and_never_taken_for_none():
    holed = pd.DataFrame({"share": [0.5, None, 0.1], "attacks": [1, 50, 2]}, index=["a", "b", "c"])
    ranked = ranking(holed, {"share": 1, "attacks": 1}, draws=20, seed=1)

    assert sorted(ranked["id"]) == ["a", "c"]


def test_with_gaps_a_row_is_ranked_by_what_is_known_of_it_in_a_wider_range():
    holed = pd.DataFrame(
        {"share": [0.5, None, 0.1, 0.2, None], "attacks": [1, 50, 2, 0, None]}, index=["a", "b", "c", "d", "e"]
    )
    ranked = ranking(holed, {"share": 1, "attacks": 1}, draws=500, seed=1, with_gaps=True).set_index("id")

    assert sorted(ranked.index) == ["a", "b", "c", "d"]  # of e nothing is known
    assert ranked.loc["b", "score"] == pytest.approx((0.5 + 1) / 2)
    assert ranked.loc["b", "rank_low"] < ranked.loc["b", "rank_high"]


def test_other_values_of_an_indicator_widen_the_range_where_weights_cannot():
    table = pd.DataFrame({"attacks": [3, 2, 0]}, index=["a", "b", "c"])
    varied = np.tile([[3.0], [2.0], [0.0]], 10)
    varied[1, :5] = 9

    ranked = ranking(table, {"attacks": 1}, draws=10, seed=1, varied={"attacks": varied}).set_index("id")

    assert ranked["rank"].to_dict() == {"a": 1, "b": 2, "c": 3}
    assert ranked[["rank_low", "rank_high"]].loc["b"].tolist() == [1, 2]
    assert ranked[["rank_low", "rank_high"]].loc["c"].tolist() == [3, 3]


def test_indicators_that_tell_nothing_are_named():
    table = pd.DataFrame({"share": [1, 2, 3, 4], "none": 0, "copy": [10, 20, 30, 41], "few": [1, None, None, None]})

    assert find_uninformative(table, [*table.columns]) == {
        "none": Uninformative.CONSTANT,
        "copy": Uninformative.COPY,
        "few": Uninformative.UNKNOWN,
    }
    assert "half" in find_uninformative(table.assign(half=[1, 2, None, None]), ["half"])
    assert not find_uninformative(table.assign(half=[1, 2, None, None]), ["half"], always="half")
