from collections import Counter

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from lindero.app.answers.changes.register_changes import change_reports, compare_all_snapshots
from lindero.app.commands.index import program
from lindero.geo import FrameError
from lindero.geo.near.points_inside import points_inside
from lindero.geo.registers import name_matching
from lindero.geo.registers.diff import CHANGES, changes
from lindero.geo.registers.match import match_records
from lindero.layers.database import map_database
from lindero.layers.errors import AnswerError
from lindero.layers.model.schema import LAYERS
from tests.built import build
from tests.demo_files import BEFORE, features
from tests.files import concessions, square
from tests.world import squares


def register(places, *, side_m=10_000, **columns):
    """A register of squares at the places named: code and name are the id unless said."""
    frame = squares(side_m=side_m, **places).assign(boundary_accuracy_m=5.0)
    plain = {"code": frame["id"], "name": frame["id"], "holder": "Minera A", "status": "granted"}
    return frame.assign(**{**plain, **columns})


def listed(found):
    return list(zip(found.rows["change"], found.rows["before_id"], found.rows["after_id"], strict=True))


A = {"a": (0, 0)}


def test_nothing_changed_is_no_row_with_the_same_columns():
    found = changes(register(A), register(A))

    assert found.rows.empty
    assert list(found.rows.columns) == list(changes(register(A), register({"b": (50_000, 0)})).rows.columns)
    assert (found.records_before, found.records_after, found.found_again) == (1, 1, 1)


def test_a_record_of_one_snapshot_only_is_new_or_gone_with_its_hectares():
    found = changes(
        register({"a": (0, 0), "old": (20_000, 0)}), register({"a": (0, 0), "young": (0, 0)}, code=["a", "y"])
    )

    assert found.rows["change"].tolist() == ["new", "gone"]
    assert found.rows["gained_ha"].iloc[0] == pytest.approx(10_000)
    assert found.rows["lost_ha"].iloc[1] == pytest.approx(10_000)
    assert found.rows["beyond"].tolist() == [False, True]


@pytest.mark.parametrize("codes", [(None, None), ("a", None), (None, "a"), ("", "a"), ("", "")])
def test_a_record_without_a_code_is_found_again_and_not_renumbered(codes):
    before, after = (register(A, name="Wirtu", code=pd.Series([code], dtype=object)) for code in codes)
    found = changes(before, after)

    assert found.rows.empty
    assert found.found_again == 1


def test_a_holder_changes_and_a_spelling_does_not():
    before = register(
        {"a": (0, 0), "b": (20_000, 0), "c": (40_000, 0)},
        holder=["Cía. Minera Ñ, S.A.", "Minera Andina SAC", "Minera Andina SAC"],
    )
    after = register(
        {"a": (0, 0), "b": (20_000, 0), "c": (40_000, 0)},
        holder=["COMPAÑÍA MINERA Ñ S.A.", "Minera Anidna S.A.C.", "Minera Costeña S.A.C."],
    )

    found = changes(before, after)

    assert found.rows[["change", "after_id"]].to_numpy().tolist() == [["holder", "c"], ["holder_respelt", "b"]]


def test_a_status_that_is_not_known_in_both_is_no_change_but_is_counted():
    before = register({"a": (0, 0), "b": (20_000, 0), "c": (40_000, 0)}, status=["applied", "unknown", "granted"])
    after = register({"a": (0, 0), "b": (20_000, 0), "c": (40_000, 0)}, status=["granted", "granted", None])

    found = changes(before, after)

    assert found.rows[["change", "before", "after"]].to_numpy().tolist() == [["status", "applied", "granted"]]
    assert found.status_not_stated == 2


def test_a_status_that_is_not_known_is_told_in_the_words_of_the_register():
    before = register({"a": (0, 0), "b": (20_000, 0)}, status_received="Titulado")
    after = before.assign(status="unknown", status_received=["En cateo", "TITULADO"])
    found = changes(before, after)

    assert found.rows[["change", "before", "after"]].to_numpy().tolist() == [["status", "Titulado", "En cateo"]]
    assert found.status_not_stated == 0


def test_a_boundary_that_moved_a_kilometre_gained_and_lost_a_thousand_hectares():
    row = changes(register(A), register({"a": (1_000, 0)})).rows.iloc[0]

    assert row["change"] == "boundary"
    assert row["gained_ha"] == pytest.approx(1_000)
    assert row["lost_ha"] == pytest.approx(1_000)


@pytest.mark.parametrize(("moved_m", "rows"), [(9, 0), (13, 1)])
def test_a_boundary_that_moved_within_both_accuracies_did_not_move(moved_m, rows):
    # on this plane a metre of the ground at the equator is 0.87 m of x: 9 and 13 are 10.3 and 15.0 m less 1 %
    assert len(changes(register(A), register({"a": (moved_m * 0.866, 0)})).rows) == rows


def test_a_renumbered_record_is_recognised_by_its_name_on_its_ground():
    found = changes(register(A, code="01"), register({"b": (100, 0)}, code="02", name="A"))

    assert listed(found) == [("renumbered", "a", "b"), ("boundary", "a", "b")]
    assert found.rows["matched_by"].tolist() == ["shape_and_name"] * 2


@pytest.mark.parametrize("later", [-181.0, 179.0], ids=["on the other side", "on the same side"])
def test_a_record_is_recognised_by_its_ground_across_the_antimeridian(later):
    before, after = (
        gpd.GeoDataFrame(
            {"id": [name], "code": [code], "name": ["Mina Rosa"]},
            geometry=[shapely.box(west, 0, west + 2, 1)],
            crs="OGC:CRS84",
        )
        for name, code, west in (("a", "1", 179.0), ("b", "2", later))
    )

    assert match_records(before, after).to_numpy().tolist() == [["a", "b", "shape_and_name"]]


def test_another_title_on_the_same_ground_is_new():
    found = changes(register(A, code="01"), register({"b": (0, 0)}, code="02", name="Somebody else's"))

    assert [change for change, *_ in listed(found)] == ["new", "gone"]


def test_a_renumbered_record_with_another_name_is_recognised_by_holder_and_date():
    before, after = register(A, code="01", applied_on="2020-05-01"), register({"b": (0, 0)}, code="02", name="Other")

    found = changes(before, after.assign(applied_on="2020-05-01"))

    assert listed(found) == [("renumbered", "a", "b")]
    assert found.rows["matched_by"].tolist() == ["shape_holder_and_date"]
    for other in (after.assign(applied_on=None), after.assign(applied_on="2020-05-01", holder="Another B")):
        assert [change for change, *_ in listed(changes(before, other))] == ["new", "gone"]


def test_what_was_applied_for_again_on_the_same_ground_is_another_record():
    before = register(A, code="01", applied_on="2005-12-01")
    after = register({"b": (0, 0)}, code="02", name="A", applied_on="2016-01-04")

    assert [change for change, *_ in listed(changes(before, after))] == ["new", "gone"]
    assert [change for change, *_ in listed(changes(before, after.assign(applied_on=None)))] == ["renumbered"]


def test_a_code_is_the_same_however_it_is_punctuated_and_counts_only_where_it_stands_once():
    before = register({"a": (0, 0), "b": (20_000, 0), "c": (40_000, 0)}, code=["01-22.x", "7", "7"])
    after = register({"d": (0, 0), "e": (60_000, 0)}, code=["0122X", "7"])

    assert match_records(before, after).to_numpy().tolist() == [["a", "d", "code"]]


def test_of_two_candidates_the_one_that_fits_best_is_the_same_record():
    before = register(A, code="01", name="Veta Grande")
    after = register({"b": (400, 0), "c": (100, 0)}, code=["02", "03"], name="VETA GRANDE")

    assert match_records(before, after)["after_id"].tolist() == ["c"]


def test_numbers_tell_names_apart():
    assert not name_matching.is_respelling(name_matching.key("San José Nº 1"), name_matching.key("San José Nº 2"))
    assert not name_matching.is_respelling(name_matching.key("Gran Veta II"), name_matching.key("Gran Veta III"))
    assert name_matching.is_respelling(name_matching.key("Minera Ejemplo"), name_matching.key("Minera Ejmeplo"))
    assert not name_matching.is_respelling("CMD", "CMS")


def test_a_frame_without_codes_is_refused():
    with pytest.raises(FrameError, match="code"):
        changes(register(A).drop(columns="code"), register(A))


def test_no_records_on_either_side_is_an_answer():
    assert changes(register(A).iloc[:0], register(A)).rows["change"].tolist() == ["new"]
    assert changes(register(A), register(A).iloc[:0]).rows["change"].tolist() == ["gone"]


@settings(max_examples=30)
@given(x=st.integers(-12_000, 12_000), wide=st.integers(5_000, 15_000))
def test_what_one_way_is_gained_is_lost_the_other_way(x, wide):
    before, after = register(A), register({"a": (x, 0)}, side_m=wide)

    there, back = changes(before, after).rows, changes(after, before).rows

    assert there["gained_ha"].tolist() == pytest.approx(back["lost_ha"].tolist())
    assert there["lost_ha"].tolist() == pytest.approx(back["gained_ha"].tolist())
    difference_ha = (wide**2 - 10_000**2) / 10_000
    assert (there["gained_ha"] - there["lost_ha"]).sum() == pytest.approx(
        difference_ha, abs=0.01 + 15 * (len(there) == 0)
    )


def test_the_demonstration_changes_as_its_files_do(demonstration):
    was, now = ({row["code"]: row for row in features("concessions", *day)} for day in ((BEFORE,), ()))
    both = was.keys() & now.keys()
    stated = [c for c in both if "unknown" not in {was[c]["status"], now[c]["status"]}]
    report = change_reports(demonstration[1], since="2025-01-01")[0]
    counts = Counter(report.rows["change"])

    assert (report.before.snapshot_on.isoformat(), report.changes.found_again) == (BEFORE, len(both))
    assert counts["new"] == len(now.keys() - both)
    assert counts["gone"] == len(was.keys() - both)
    assert counts["status"] == sum(was[c]["status"] != now[c]["status"] for c in stated)
    assert report.changes.status_not_stated == len(both) - len(stated)
    assert counts["boundary"] == sum(was[c]["geometry"] != now[c]["geometry"] for c in both)
    assert counts["holder"] + counts["holder_respelt"] <= sum(was[c]["holder"] != now[c]["holder"] for c in both)
    assert set(counts) <= set(CHANGES)


def test_what_a_change_touches_is_what_the_map_overlaps(demonstration):
    con = demonstration[1]
    report = change_reports(con, since=f"demo-concessions@{BEFORE}")[0]
    pairs = map_database.read_overlaps(con, "concessions", "communities")
    new = report.rows.loc[report.rows["change"] == "new", "after_id"]
    on_land = pairs[pairs["left_id"].isin(new)]

    layers = (map_database.read_layer(con, LAYERS[name]) for name in ("concessions", "communities"))
    at_points = points_inside(*layers)["left_id"]  # a community known by a point, which lies in a title

    assert report.count_new_on_community_land() == len({*on_land["left_id"], *at_points[at_points.isin(new)]})
    assert set(at_points[at_points.isin(new)]) - set(on_land["left_id"])
    assert on_land["left_id"].nunique() > 0
    touched = report.touched[(report.touched["layer"] == "communities") & report.touched["after_id"].isin(new)]
    assert touched["after_ha"].sum() == pytest.approx(on_land["area_ha"].sum())
    assert (touched["before_ha"].dropna() == 0).all()  # missing where a point lies in the title


@pytest.mark.parametrize("since", ["2001-01-01", "demo-concessions@2024-07-01", "yesterday"])
def test_what_cannot_be_compared_is_refused(demonstration, since):
    with pytest.raises(AnswerError):
        change_reports(demonstration[1], since=since)


def test_the_command_prints_json_alone(demonstration):
    import json

    result = CliRunner().invoke(
        program, ["changes", "--since", "2025-01-01", "--format", "json", "--workspace", str(demonstration[0])]
    )
    answer = json.loads(result.stdout)

    assert result.exit_code == 0
    assert answer["summaries"][0]["new"] == sum(row["change"] == "new" for row in answer["changes"])
    assert {row["change"] for row in answer["changes"]} <= set(CHANGES)
    assert "\nConcesiones, " in result.stderr
    assert pd.DataFrame(answer["touched"])["layer"].isin(["communities", "protected_areas"]).all()


@pytest.fixture
def yearly(files):
    """A register of three years: C1 stays, C2 is gone in 2021, C3 comes in 2022."""
    for year, rows in (("2020", [0, 1]), ("2021", [0]), ("2022", [0, 2])):
        files.add("concessions", concessions(3).iloc[rows], id="cadastre", snapshot_on=f"{year}-01-01")
    return map_database.connect(build(files.space).path)


@pytest.mark.parametrize(
    ("since", "until", "change", "days"),
    [
        ("2020-06-01", "2021-06-01", ["gone"], ("2020-01-01", "2021-01-01")),
        ("cadastre@2020-01-01", "cadastre@2021-01-01", ["gone"], ("2020-01-01", "2021-01-01")),
        ("cadastre@2021-01-01", "", ["new"], ("2021-01-01", "2022-01-01")),
        ("cadastre@2020-01-01", "2022-01-01", ["new", "gone"], ("2020-01-01", "2022-01-01")),
    ],
)
def test_any_two_snapshots_can_be_compared_by_date_or_by_name(yearly, since, until, change, days):
    report = change_reports(yearly, since=since, until=until)[0]

    assert report.rows["change"].tolist() == change
    assert (str(report.before.snapshot_on), str(report.after.snapshot_on)) == days


@pytest.mark.parametrize(("since", "until"), [("2030-01-01", ""), ("cadastre@2020-01-01", "2020-06-01")])
def test_where_nothing_is_later_nothing_is_compared(yearly, since, until):
    assert change_reports(yearly, since=since, until=until) == []


@pytest.mark.parametrize("until", ["other@2022-01-01", "cadastre@2019-01-01", "soon"])
def test_a_later_snapshot_that_is_none_is_refused(yearly, until):
    with pytest.raises(AnswerError):
        change_reports(yearly, since="cadastre@2020-01-01", until=until)


def test_successive_snapshots_are_compared_the_latest_first(yearly):
    told = [(str(report.after.snapshot_on), report.rows["change"].tolist()) for report in compare_all_snapshots(yearly)]

    assert told == [("2022-01-01", ["new"]), ("2021-01-01", ["gone"])]


def test_every_change_is_drawn_as_it_is_or_last_was(yearly):
    report = change_reports(yearly, since="cadastre@2020-01-01")[0]
    drawn = dict(zip(report.rows["change"], report.shapes.geometry, strict=True))

    assert drawn["new"].equals(square(2))
    assert drawn["gone"].equals(square(1))


@pytest.mark.parametrize("land", [square(0), square(0).centroid], ids=["polygon", "point"])
def test_a_new_record_on_land_is_told_where_no_earlier_record_was_on_land(files, land):
    for year, rows in (("2020", [1]), ("2021", [0])):
        files.add("concessions", concessions(2).iloc[rows], id="cadastre", snapshot_on=f"{year}-01-01")
    files.add("communities", gpd.GeoDataFrame({"name": ["Wirtu"]}, geometry=[land], crs="OGC:CRS84"))

    (report,) = compare_all_snapshots(map_database.connect(build(files.space).path))

    assert report.rows[["change", "communities"]].to_numpy().tolist() == [["new", "Wirtu"], ["gone", ""]]
