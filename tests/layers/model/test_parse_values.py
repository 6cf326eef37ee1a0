import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindero.layers.model.parse_dates import detect_date_format, detect_day_first, find_oddities, parse_date
from lindero.layers.model.parse_values import (
    build_converter,
    detect_decimal_sign,
    is_missing,
    parse_boolean,
    parse_integer,
    parse_number,
)

DAY = dt.date(1998, 3, 5)


@pytest.mark.parametrize(
    "value",
    [
        DAY,
        dt.datetime(1998, 3, 5, 12, 30, tzinfo=dt.UTC),
        pd.Timestamp("1998-03-05", tz="UTC"),
        "1998-03-05",
        "1998-3-5",
        " 1998-03-05T00:00:00Z ",
        "1998-03-05 10:11:12",
        "Thu Mar 05 1998 00:00:00 GMT-0500 (hora estándar de Perú)",
        "1998/03/05",
        "19980305",
        "5 de marzo de 1998",
        "05-mar-1998",
        "5 March 1998",
        "Mar 5, 1998",
        "jueves, 5 de marzo del 1998",
        "5º de março de 1998",
        "Marzo 5 de 1998",
        "5 mars 1998",
        "05-mar-98",
        889_056_000_000,
        "889056000000",
    ],
)
def test_a_date_is_read_in_every_form_that_ministries_write(value):
    assert parse_date(value, days_first=None) == DAY


@pytest.mark.parametrize(("value", "day"), [("1998", dt.date(1998, 1, 1)), (199803, dt.date(1998, 3, 1))])
def test_a_year_or_month_stands_for_its_first_day(value, day):
    assert parse_date(value, days_first=None) == day


@pytest.mark.parametrize(("days_first", "day"), [(True, DAY), (False, dt.date(1998, 5, 3))])
@pytest.mark.parametrize("value", ["05/03/1998", "5-3-1998", "05.03.1998", "05/03/1998 00:00"])
def test_the_order_of_day_and_month_is_told(value, days_first, day):
    assert parse_date(value, days_first=days_first) == day


def test_an_ambiguous_date_is_not_guessed():
    with pytest.raises(ValueError, match="day or month first"):
        parse_date("05/03/1998", days_first=None)


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["29/12/1967", "05/03/1998"], True),
        (["12/29/1967", "05/03/1998"], False),
        (["05/03/1998", None], None),
        (["29/12/1967", "12/29/1967"], None),
        ([], None),
    ],
)
def test_one_telling_date_tells_for_its_column(values, order):
    assert detect_day_first(pd.Series(values, dtype=object)) is order


OF_OTHER_CALENDARS = ["2559-06-05", "05/06/2559", "1395/03/16", "1437-08-28"]  # Buddhist, Persian, of the Hegira


@pytest.mark.parametrize(
    "value",
    ["ayer", "31/02/1998", "1998-13-01", "29-12-67", "1998.5", True, "inf", "16-01-26", *OF_OTHER_CALENDARS],
)
def test_what_is_no_date_is_refused(value):
    with pytest.raises((ValueError, OverflowError)):
        parse_date(value, days_first=True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1.018,75", 1018.75),
        ("1,018.75", 1018.75),
        ("1018,75", 1018.75),
        ("-7,12", -7.12),
        ("1 018.5", 1018.5),
        (3, 3),
        ("1,018,750", 1_018_750),
        ("1.018.750", 1_018_750),
        ("1'018.5", 1018.5),
    ],
)
def test_a_comma_is_a_decimal_sign_if_it_is_the_last_sign(value, expected):
    assert parse_number(value) == pytest.approx(expected)


@pytest.mark.parametrize("value", ["s/d", "1,018", "1.0,5", "1,01.5", "nan", "inf", float("inf"), True, "12 ha"])
def test_what_is_no_single_number_is_refused(value):
    with pytest.raises(ValueError):  # noqa: PT011  the text is the value itself
        parse_number(value)


def test_a_whole_number_fits_its_column():
    assert parse_integer("1.018,0") == parse_integer("1,018") == 1018
    with pytest.raises(ValueError, match="3000000000"):
        parse_integer("3000000000")


@pytest.mark.parametrize("value", ["1.018,4", "1,5", 2.5])
def test_what_has_a_fraction_counts_no_people(value):
    with pytest.raises(ValueError, match=r"\d\.\d"):
        parse_integer(value)


@pytest.mark.parametrize(("value", "expected"), [("Sí", True), (True, True), ("1", True), ("no", False), (0, False)])
def test_yes_and_no_are_read_in_spanish_too(value, expected):
    assert parse_boolean(value) is expected


def test_perhaps_is_neither_yes_nor_no():
    with pytest.raises(ValueError, match="quizás"):
        parse_boolean("Quizás")


@pytest.mark.parametrize("value", [None, "", "  ", float("nan"), pd.NaT, pd.NA])
def test_nothing_received_is_missing(value):
    assert is_missing(value)


@pytest.mark.parametrize(
    ("values", "sign"),
    [
        (["1.018,75", "2.500"], ","),
        (["1,018.75", "2,500"], "."),
        (["12,5", "1.250"], ","),
        (["1,250"], None),
        (["1,250,000", "12.5"], "."),
        (["12,5", "12.5"], None),
        ([12.5, None], None),
    ],
)
def test_one_telling_number_tells_the_decimal_sign_of_its_column(values, sign):
    assert detect_decimal_sign(pd.Series(values, dtype=object)) == sign


def test_thousands_are_not_taken_for_decimals_where_the_column_tells():
    values = pd.Series(["1.018,75", "2.500"], dtype=object)

    assert [build_converter("DOUBLE", values)(value) for value in values] == [1018.75, 2500]


@given(day=st.dates(min_value=dt.date(1500, 1, 1), max_value=dt.date(2200, 12, 31)))
def test_every_day_is_read_back_from_how_it_is_written(day):
    assert parse_date(day.isoformat(), days_first=None) == day
    assert parse_date(day.strftime("%d/%m/%Y").rjust(10, "0"), days_first=True) == day
    assert parse_date(day.strftime("%m/%d/%Y").rjust(10, "0"), days_first=False) == day


@given(value=st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_number_is_read_back_with_either_decimal_sign(value):
    assert parse_number(repr(value)) == value
    assert parse_number(repr(value).replace(".", ","), decimal=",") == value


@given(value=st.text())
def test_text_is_never_more_than_refused(value):
    for kind in ("DATE", "DOUBLE", "INTEGER", "BOOLEAN", "VARCHAR"):
        try:
            build_converter(kind, pd.Series([value], dtype=object))(value)
        except (ValueError, OverflowError):
            continue


@pytest.mark.parametrize(("name", "month"), [("juin", 6), ("juillet", 7), ("août", 8), ("déc.", 12), ("fevereiro", 2)])
def test_months_have_names_in_french_and_portuguese(name, month):
    assert parse_date(f"1 {name} 2020", days_first=None) == dt.date(2020, month, 1)


@pytest.mark.parametrize(
    ("values", "day", "told"),
    [
        (["42385", 42400], dt.date(2016, 1, 16), "days_since_1900"),
        ([42385.5], dt.date(2016, 1, 16), "days_since_1900"),
        ([1453766400, 1453852800], dt.date(2016, 1, 26), "seconds_since_1970"),
        (["26/01/16"], dt.date(2016, 1, 26), "year_of_two_digits"),
        (["01/26/16", "02/03/16"], dt.date(2016, 1, 26), "year_of_two_digits"),
    ],
    ids=["serials", "serials with hours", "seconds", "short", "short, month first"],
)
def test_a_column_tells_how_its_dates_are_written(values, day, told):
    column = pd.Series(values, dtype=object)
    form = detect_date_format(column)

    assert parse_date(values[0], days_first=form.days_first, unit=form.unit) == day
    assert [name for name, _example in find_oddities(column, form)] == [told]


def test_an_order_that_nothing_tells_is_asked_about():
    column = pd.Series(["05/06/2016", "07/08/2016"], dtype=object)

    assert find_oddities(column, detect_date_format(column)) == [("day_or_month_first", "05/06/2016")]
    assert not find_oddities(column, detect_date_format(column, days_first=False))
