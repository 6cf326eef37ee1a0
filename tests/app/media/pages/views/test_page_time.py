import base64
import re

import pandas as pd
import pytest

from lindero.app.answers import before_after
from lindero.layers.database import map_database
from lindero.layers.model.schema import CONCESSIONS, INCIDENTS
from tests import small_map
from tests.answered import at_page, typed
from tests.shown_tables import tables


@pytest.fixture(scope="module")
def page(demonstration):
    return at_page(demonstration[0] / "build", "over_time")


def test_the_command_on_the_page_gives_the_rows_on_the_page(page, demonstration, monkeypatch):
    answer = typed(page, demonstration[0], monkeypatch)
    sums, rows = tables(page)[1:3]

    assert [row["id"] for row in answer["attacks"]] == rows["title>"].tolist()
    before = [None if pd.isna(count) else count for count in rows["before"]]  # a 0 is not known where data is in part
    assert [row["before"] for row in answer["attacks"]] == before
    assert (
        [row["observed"] for row in answer["sums"]]
        == sums["observed"].tolist()
        == rows[["before", "after"]].sum().tolist()
    )
    assert [row["expected"] for row in answer["sums"]] == pytest.approx(sums["expected"].tolist(), abs=0.051)
    assert any("This does not show that one caused the other" in part.value.replace("\\", "") for part in page.markdown)


def test_attacks_whose_day_or_place_is_not_known_are_left_out_and_counted(demonstration):
    con = demonstration[1]
    every = map_database.read_layer(con, INCIDENTS)
    report = before_after.timing_report(con, draws=2)

    assert report.attacks + report.left_out == len(every)
    assert report.rows["attacks"].sum() == report.attacks
    assert every.set_index("id").loc[report.rows["id"], "location_precision"].isin(["exact", "locality"]).all()


def test_the_years_are_those_on_the_slider_and_every_one_has_a_row(page, demonstration):
    first, last = page.slider[0].value
    years = tables(page)[0]["year"].str[:4].astype(int)
    titles = map_database.read_layer(demonstration[1], CONCESSIONS)

    assert years.tolist() == list(range(last, first - 1, -1))
    of_last_year = titles["granted_on"].astype(str).str.startswith(str(last)).sum()
    assert tables(page)[0]["granted"].iloc[0] == of_last_year


def test_each_year_has_a_small_map_with_a_coast(page):
    first, last = page.slider[0].value
    html = next(part.proto.body for part in page.get("html") if "Where, year by year" in part.proto.body)
    drawn = base64.b64decode(re.search(r"base64,([^\"]+)", html)[1]).decode()

    assert re.findall(r">(\d{4})</text>", drawn) == [str(year) for year in range(first, last + 1)]
    assert drawn.count('href="#lindero-ground"') == last - first + 1
    assert "Source: Lindero (datos inventados)" in html


def test_farther_around_there_are_more_titles(page):
    near = tables(page)[1]["observed"].sum()
    page.select_slider[0].set_value(50).run()

    assert tables(page)[1]["observed"].sum() > near


def test_a_map_without_attacks_of_known_day_says_so(tmp_path):
    small_map.publish(tmp_path)  # its attack has no day

    page = at_page(tmp_path, "over_time")

    assert any("No attack on record has a place and a date" in part.value for part in page.markdown)
