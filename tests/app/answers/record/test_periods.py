"""From when to when attacks are on record: as a list says, or by the dates of its rows; outside of it no zero."""

import datetime as dt

import pandas as pd
import pytest

from lindero.app.answers import before_after
from lindero.app.answers.record.commitments import add_attacks_since, read_commitment_steps, summarize_commitments
from lindero.app.answers.record.commitments_text import since_note
from lindero.app.answers.record.incidents import read_record
from lindero.app.answers.record.periods import Period, covers_year, find_periods, periods_text
from lindero.layers.database import map_database
from tests.built import build
from tests.files import concessions, incidents

HEADER = "code,occurred_on,date_precision,region,country,location_precision,visibility"
DAY = dt.date


def listed(files, *days, precision="day", source_id="killings", **entry):
    rows = [f"{source_id}{at},{day},{precision},Junín,PE,region,public_record" for at, day in enumerate(days)]
    files.add("incidents", incidents(*rows, header=HEADER), id=source_id, **entry)
    acts = [f"{source_id}/{source_id}{at},killing" for at in range(len(days))]
    files.add("acts", "\n".join(["incident_id,type", *acts]), id=f"acts-{source_id}")


def built(files):
    return map_database.connect(build(files.space).path)


def test_a_list_covers_the_days_of_its_rows_and_not_the_day_of_its_snapshot(files):
    listed(files, "2012-03-01", "2021-12-19", snapshot_on="2024-03-31")

    assert find_periods(built(files)) == (Period(DAY(2012, 3, 1), DAY(2021, 12, 19)),)


def test_dates_known_by_their_year_cover_whole_years(files):
    listed(files, "2012-01-01", "2021-01-01", precision="year")

    assert find_periods(built(files)) == (Period(DAY(2012, 1, 1), DAY(2021, 12, 31)),)


@pytest.mark.parametrize("precision", ["month", "period"])
def test_dates_known_by_their_month_cover_whole_months(files, precision):
    listed(files, "2012-03-15", "2021-02-10", precision=precision)

    assert find_periods(built(files)) == (Period(DAY(2012, 3, 1), DAY(2021, 2, 28)),)


def test_a_list_covers_the_days_that_it_declares(files):
    listed(files, "2012-03-01", covers_from="2012-01-01", covers_to="2021-12-31")

    assert find_periods(built(files)) == (Period(DAY(2012, 1, 1), DAY(2021, 12, 31)),)


def test_periods_of_several_lists_are_joined_where_they_touch(files):
    listed(files, "2012-01-01", "2014-12-31")
    listed(files, "2015-01-01", "2016-06-01", source_id="other")
    listed(files, "2020-01-01", "2021-01-01", source_id="late")
    con = built(files)

    assert find_periods(con) == (Period(DAY(2012, 1, 1), DAY(2016, 6, 1)), Period(DAY(2020, 1, 1), DAY(2021, 1, 1)))
    assert find_periods(con, source_ids={"late"}) == (Period(DAY(2020, 1, 1), DAY(2021, 1, 1)),)
    assert [covers_year(find_periods(con), year) for year in (2015, 2016, 2018, 2020)] == [True, False, False, True]
    assert periods_text(()) == ""


@pytest.mark.parametrize("declared", [{}, {"covers_from": "2012-01-01", "covers_to": "2021-12-31"}])
def test_no_year_outside_the_record_is_zero(files, declared):
    files.add("concessions", concessions(1, granted_on="2006-05-05"), id="titles", snapshot_on="2026-01-01")
    listed(files, "2012-03-01", "2014-05-05", "2021-12-19", snapshot_on="2026-01-01", **declared)
    counts = before_after.count_by_year(built(files)).set_index("year")["attacks"]

    assert counts.loc[2006:2011].isna().all()
    assert counts.loc[2013] == 0
    assert counts.loc[2012] == counts.loc[2014] == counts.loc[2021] == 1


def test_what_happened_after_the_last_day_of_the_record_is_not_known(files):
    listed(files, "2012-03-01", "2021-12-19", snapshot_on="2024-03-31")
    con = built(files)
    steps = summarize_commitments(read_commitment_steps(con), "PE")
    found = add_attacks_since(steps, read_record(con), country="PE", periods=find_periods(con)).set_index("instrument")
    later = found[found["promised_on"] > pd.Timestamp("2021-12-19")]
    ilo = found.loc["ILO Convention 169"]

    assert len(later)
    assert later["attacks_since"].isna().all()
    assert {since_note(row) for row in later.to_dict("records")} == {
        "not known: the record of attacks ends on December 19, 2021"
    }
    assert ilo["attacks_since"] == 2
    assert since_note(ilo.to_dict()) == "counted from March 1, 2012, when the record begins"
