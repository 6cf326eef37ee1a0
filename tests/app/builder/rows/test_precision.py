"""How exact a date and a place are, where a file does not say it."""

import datetime as dt

import pytest

from lindero.layers.model.parse_dates import detect_precision
from tests.app.builder.rows.test_ingest import taken
from tests.files import text

HEADER = "code,occurred_on,region,visibility"


def rows_of(tmp_path, *lines, header=HEADER):
    path = text(tmp_path / "a.csv", "\n".join([header, *lines]) + "\n")
    return taken(path, "incidents").tables["incidents"]


def test_a_region_that_was_found_and_a_full_date_are_known_to_the_region_and_the_day(tmp_path):
    rows = rows_of(tmp_path, "A,2019-05-03,Cajamarca,public_record", "B,2020,Junín,public_record")

    assert rows["location_precision"].tolist() == ["region", "region"]
    assert rows["date_precision"].tolist() == ["day", "year"]
    assert rows["date_precision_received"].isna().all() if "date_precision_received" in rows else True


def test_what_was_not_found_stays_unknown(tmp_path):
    rows = rows_of(tmp_path, "A,,Xqz,public_record", "B,ayer,,public_record", "C,202103,Cusco,public_record")

    assert rows["location_precision"].tolist() == ["country", "country", "region"]
    assert rows["date_precision"].tolist() == ["unknown", "unknown", "month"]


def test_what_a_file_states_is_kept_and_an_empty_cell_is_derived(tmp_path):
    header = f"{HEADER},date_precision,location_precision"
    rows = rows_of(
        tmp_path,
        "A,2019-05-03,Cusco,public_record,month,country",
        "B,2019-05-03,Cusco,public_record,,",
        "C,2019-05-03,Cusco,public_record,más o menos,aprox",
        header=header,
    )

    assert rows["date_precision"].tolist() == ["month", "day", "unknown"]
    assert rows["location_precision"].tolist() == ["country", "region", "country"]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["2018-01-01", "2019-01-01", "2020-01-01"], "year"),
        (["2018-01-01", "2018-02-01", "2018-05-01"], "month"),
        (["2018-01-01", "2018-01-01", "2018-01-01"], "day"),  # one day, three times
        (["2018-01-01", "2019-01-01", "2020-01-02"], "day"),
    ],
)
def test_dates_that_all_begin_a_year_or_a_month_stand_for_it(tmp_path, dates, expected):
    rows = rows_of(tmp_path, *(f"{i},{day},Cusco,public_record" for i, day in enumerate(dates)))

    assert set(rows["date_precision"]) == {expected}


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (dt.date(2020, 1, 1), "", "day"),
        ("15 de enero de 2024", "", "day"),
        (20240305, "", "day"),
        ("2024.0", "", "year"),
        (202400, "", "year"),
        (1_700_000_000_000, "", "day"),
        (45_000, "days_since_1900", "day"),
    ],
)
def test_how_exact_a_written_date_is(value, unit, expected):
    assert detect_precision(value, unit=unit) == expected
