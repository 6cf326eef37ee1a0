import datetime as dt

import pytest
from typer.testing import CliRunner

from lindero.app.answers.changes import watchlist
from lindero.app.answers.changes.changes_answer import dated_section
from lindero.app.answers.changes.events import list_register_events
from lindero.app.answers.changes.feed import write_place_feed
from lindero.app.answers.changes.near_place import filter_nearby_acts
from lindero.app.answers.changes.register_changes import compare_all_snapshots
from lindero.app.answers.changes.register_dates import dated_report
from lindero.app.answers.place.spot import Spot
from lindero.app.commands.index import program
from lindero.layers.database import map_database
from lindero.layers.errors import AnswerError
from tests.built import build
from tests.files import SIDE, SOUTH, WEST, Files, concessions

DATES = ["2024-12-31", "2025-01-01", "2025-07-01", "2026-01-01", None]


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    """Five concessions of a register of 1 January 2026; the first and the third are on the land of Alta."""
    files = Files(tmp_path_factory.mktemp("dated") / "space")
    files.add("concessions", concessions(5, applied_on=DATES), snapshot_on="2026-01-01", id="cadastre")
    lands = concessions(5).drop(columns=["holder", "status"]).assign(name="Alta").iloc[[0, 2]]
    files.add("communities", lands, id="lands")
    return map_database.connect(build(files.space).path)


def test_the_last_twelve_months_end_at_the_date_of_the_register(con):
    report = dated_report(con)

    assert (report.since, report.until) == (dt.date(2025, 1, 2), dt.date(2026, 1, 1))
    assert report.rows["id"].tolist() == ["cadastre/C4", "cadastre/C3"]
    assert report.rows["communities"].tolist() == ["", "Alta"]
    assert report.count("applied") == 2
    assert report.count("applied", on_land=True) == 1


def test_what_the_register_does_not_date_is_not_known_and_never_zero(con):
    report = dated_report(con)

    assert report.count("granted") is None
    assert report.head()["granted"] is None
    assert "granted" not in report.finding()
    assert "The register does not state when concessions were granted." in " ".join(report.list_limits())
    assert "1 of 5 concessions do not state when they were applied for." in " ".join(report.list_limits())


def test_a_date_after_the_span_is_counted_and_left_out(con):
    report = dated_report(con, since=dt.date(2024, 1, 1), until=dt.date(2025, 6, 30))

    assert report.rows["id"].tolist() == ["cadastre/C2", "cadastre/C1"]
    assert report.later["applied"] == 2
    assert "2 dates are after June 30, 2025" in " ".join(report.list_limits())


def test_a_register_without_any_date_says_so(files):
    files.add("concessions", concessions(2))
    con = map_database.connect(build(files.space).path)

    assert dated_report(con).finding() == (
        "The register does not state dates, so one snapshot cannot show what is new."
    )


def test_a_source_that_is_not_there_is_refused_with_those_that_are(con):
    with pytest.raises(AnswerError, match="cadastre"):
        dated_report(con, source="other")


def place_feed(con, key):
    reports = compare_all_snapshots(con)
    told = list_register_events(con, None, dt.date(2026, 1, 2), reports=reports)
    return write_place_feed(con, watchlist.find_watched_places(con, [key]), told, reports).decode()


def test_the_feed_of_one_snapshot_has_an_entry_for_each_dated_act(con):
    feed = place_feed(con, "community/lands/C3")

    assert feed.count('term="applied"') == 1
    assert "applied for on July 1, 2025" in feed
    assert "Changes cannot be shown" not in feed


def test_a_concession_that_a_comparison_reports_as_new_has_no_second_entry(files):
    files.add("concessions", concessions(1, applied_on="2020-01-01"), snapshot_on="2025-01-01", id="cadastre")
    later = concessions(2, applied_on=["2020-01-01", "2025-06-01"])
    files.add("concessions", later, snapshot_on="2026-01-01", id="cadastre")
    files.add("communities", concessions(2).drop(columns=["holder", "status"]), id="lands")

    feed = place_feed(map_database.connect(build(files.space).path), "community/lands/C2")

    assert 'term="new"' in feed
    assert 'term="applied"' not in feed


def test_changes_without_a_date_says_what_to_give():
    result = CliRunner().invoke(program, ["changes"])

    assert result.exit_code == 2
    assert "--dated" in result.stderr


def test_near_a_place_are_those_within_the_distance_and_no_others(con):
    report = dated_report(con)
    far, near = Spot("", 0.0, -70.0), Spot("", SOUTH + SIDE / 2, WEST + 2.5 * SIDE)

    assert filter_nearby_acts(report, far, within_km=10).rows.empty
    assert filter_nearby_acts(report, near, within_km=0.1).rows["id"].tolist() == ["cadastre/C3"]
    assert filter_nearby_acts(report, near, within_km=10).rows["id"].tolist() == ["cadastre/C4", "cadastre/C3"]


def test_those_on_community_land_are_of_those_where_communities_are_known(files):
    rows = concessions(4, applied_on="2025-07-01")
    shapes = [*rows.geometry[:2], *rows.geometry[2:].translate(6, -6)]
    files.add("concessions", rows.set_geometry(shapes, crs=rows.crs), snapshot_on="2026-01-01", id="cadastre")
    files.add("communities", rows.drop(columns=["holder", "status"]).iloc[:1], id="lands", coverage="PE-CAJ")
    con = map_database.connect(build(files.space).path)
    report = dated_report(con)

    assert report.finding().endswith("(1 on community land, of the 2 where this map has data on communities).")
    assert sorted(report.rows["communities_data"]) == ["complete", "complete", "none", "none"]
    section = dated_section(con, report)
    assert section.figures["Applied for on community land"].note.startswith("of the 2 ")
    cells = section.table.rows.set_index("name")["communities"]
    assert sorted(cells.str[:7]) == ["", "Peñón Ñ", "no data", "no data"]
