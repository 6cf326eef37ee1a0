"""What is said of the most exposed community: who it is, and how firm its rank."""

from dataclasses import replace

import pandas as pd
import pytest

from lindero.app.answers.ranking import land_measures
from lindero.app.answers.ranking.exposure import measure_exposure
from lindero.app.answers.ranking.exposure_answer import community_sections, exposure_answer
from lindero.app.answers.ranking.weights import rank_label
from lindero.app.media.text.plain_text import format_sentences
from lindero.layers.database import map_database
from lindero.layers.disk.builds import current_map
from tests.built import build
from tests.files import Files, concessions


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    files = Files(tmp_path_factory.mktemp("exposure") / "space")
    files.add("concessions", concessions(2), id="titles", coverage="PE")
    lands = concessions(3).drop(columns=["holder", "status", "name"])
    files.add("communities", lands.assign(code=["K1", "K2", "K3"]), id="lands")
    with map_database.connect(build(files.space).path) as con:
        yield measure_exposure(con)


def test_a_community_without_a_name_goes_by_its_code(measured):
    report = measured.rank_communities()

    assert report.rows["name"].tolist() == ["K1", "K2", "K3"]
    assert report.summarize() == "With these weights, 2 of 3 communities share the first rank: K1, K2."


def test_communities_of_one_name_are_told_apart_by_their_hectares(measured):
    report = measured.rank_communities()
    same = replace(
        report, rows=report.rows.assign(name=["Naranjos", "Naranjos", "K3"], land_ha=[41_604.4, 18_568.0, 9.0])
    )

    names = exposure_answer(same)["ranking"].table.rows["name"].tolist()

    assert names == ["Naranjos (41,604 ha)", "Naranjos (18,568 ha)", "K3"]


def test_one_indicator_decides_and_no_range_is_told(measured):
    report = measured.rank_communities({"share": 1.0})

    assert report.rank_stability_text().startswith("Only one indicator decides the order: land under concession.")
    answer = exposure_answer(report)
    assert "Almost any weights" not in format_sentences(answer.sections)
    assert report.stability_text() == report.single_indicator_text()
    assert "whatever the weights" not in format_sentences(community_sections(report, report.rows["id"][0]))
    assert set(report.rows["rank_by"]) == {"share"}
    assert report.rows[["rank_low", "rank_high", "in_top_ten"]].isna().all(axis=None)
    assert rank_label(report.rows) == "Rank (by one indicator only)"
    assert answer["finding"].figures["First with these weights"].note == ""


def test_two_indicators_have_a_range(measured):
    report = measured.rank_communities({"share": 1.0, "titles_within_5_km": 1.0})

    assert report.single_indicator_text() == ""
    assert set(report.rows["rank_by"]) == {"share titles_within_5_km"}
    assert report.rows["rank_low"].notna().all()
    assert rank_label(report.rows) == "Rank (with other weights)"
    assert "among 3 communities" in report.rank_stability_text() or "is 1 to" in report.firm()


@pytest.mark.parametrize(
    ("covered", "share", "text"),
    [
        (0.0, 0.0, "only 0.0% of its land"),
        (0.0002, 0.0001, "only < 0.1% of its land"),
        (0.004, 0.001, "only 0.4% of its land"),
        (0.2, 0.3, "only an unknown part of its land"),
    ],
)
def test_the_share_with_data_is_exact_where_small_and_never_below_what_was_found(measured, covered, share, text):
    report = measured.rank_communities()
    report.rows["concessions_covered"], report.rows["share"] = covered, share

    assert text in format_sentences(community_sections(report, report.rows["id"][0]))


def test_communities_measured_in_small_parts_are_measured_the_same(demonstration, monkeypatch):
    con = map_database.connect(current_map(demonstration[0] / "build"))
    whole = measure_exposure(con)
    for name in ("_BATCH_ROWS", "_PART_ROWS", "_RIVER_ROWS"):
        monkeypatch.setattr(land_measures, name, 10)
    parts = measure_exposure(con)

    pd.testing.assert_frame_equal(parts.table, whole.table)
    assert parts.attacks.equals(whole.attacks)
    assert parts.river_network_ids.equals(whole.river_network_ids)
