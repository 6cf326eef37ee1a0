"""Tables of pages: what is sent of them, how readers sort them and turn their pages, and text only ever as text."""

import datetime as dt

import pandas as pd
import pytest

from lindero.app.media.pages import columns
from lindero.app.media.text import cells, html_table
from lindero.app.media.text.html_table import Marks, Table, TableOrder, row_order
from lindero.app.text import i18n

ROWS = pd.DataFrame(
    {
        "name": ["Uno", "<script>run()</script>", None, "árbol"],
        "area_ha": [1234.5, 10.0, None, 2.0],
        "share": [0.25, None, 1.0, 0.5],
        "since": [dt.date(2011, 5, 1), None, dt.date(2026, 3, 10), dt.date(1999, 1, 1)],
        "page": ["community?id=a%2F1", "", "", ""],
        "range": ["10–12", "9–11", "2–3", "1–1"],
        "low": [10, 9, 2, 1],
        "least": [0.2, None, 1.0, 0.25],
        "most": [0.3, None, 1.0, 1.0],
    }
)
COLUMNS = {
    "name": columns.text_column("Name", link="page", note="range"),
    "area_ha": columns.number_column("Hectares"),
    "share": columns.share_column("Share", between=("least", "most")),
    "since": columns.date_column("Since"),
    "range": columns.text_column("Range", sort_by="low"),
}
AS_GIVEN = TableOrder()


@pytest.fixture(autouse=True)
def _english():
    i18n.set_language("en")


def table(rows=ROWS, marks=None) -> Table:
    return Table(rows, "A & B", COLUMNS, "key", marks=marks)


def sent(order=AS_GIVEN, **told):
    whole = table(**told)
    page = row_order(whole, order)[order.page * html_table.MAX_ROWS : (order.page + 1) * html_table.MAX_ROWS]
    return html_table.build_payload(whole, order, page)


def test_what_is_shown_is_sent_in_the_reader_s_words_and_numbers_and_nothing_else():
    told = {column["name"]: column for column in sent()["columns"]}

    assert list(told) == list(COLUMNS)
    assert told["area_ha"]["texts"] == ["1,234.5", "10.0", cells.UNKNOWN, "2.0"]
    assert told["area_ha"]["values"] == [1234.5, 10.0, None, 2.0]
    assert told["share"]["texts"] == ["25.0%", cells.UNKNOWN, "100%", "50.0%"]
    assert told["since"]["texts"][0] == "May 1, 2011"
    assert told["name"]["texts"][1] == "<script>run()</script>"  # the browser is given it as text
    assert told["name"]["notes"] == ["10–12", "9–11", "2–3", "1–1"]
    assert told["share"]["notes"] == ["20.0%\u00a0–\u00a030.0%", "", "100%", "25.0%\u00a0–\u00a0100%"]
    assert told["share"]["spans"] == [[0.2, 0.3], None, [1.0, 1.0], [0.25, 1.0]]  # which its bar shows
    assert told["name"]["hrefs"] == ["/community?id=a%2F1", None, None, None]


def test_numbers_are_written_as_the_reader_writes_them():
    i18n.set_language("es", "de-DE")

    assert next(one["texts"][0] for one in sent()["columns"] if one["name"] == "area_ha") == "1.234,5"


@pytest.mark.parametrize(
    ("by", "is_down", "expected"),
    [
        ("name", False, [1, 3, 0, 2]),  # accents and case are forgiven, and what is not known comes last
        ("name", True, [0, 3, 1, 2]),
        ("area_ha", True, [0, 1, 3, 2]),
        ("area_ha", False, [3, 1, 0, 2]),
        ("since", True, [2, 0, 3, 1]),
        ("range", False, [3, 2, 1, 0]),  # by its number, not by its letters
        ("", False, [0, 1, 2, 3]),
    ],
)
def test_every_row_is_sorted_whatever_page_it_is_on(by, is_down, expected):
    assert row_order(table(), TableOrder(by, is_down)) == expected


def test_what_was_pressed_on_the_map_stays_first():
    pressed = Marks(frozenset({0, 1}), first=2, turn=lambda _at: None, key="key")

    assert row_order(table(marks=pressed), TableOrder("area_ha", is_down=False)) == [1, 0, 3, 2]
    assert sent(TableOrder("area_ha"), marks=pressed)["marked"] == [True, True, False, False]


def test_a_head_sorts_as_most_would_then_the_other_way_then_as_the_page_does():
    once = TableOrder(page=3).sort_by_column("area_ha", COLUMNS)
    twice = once.sort_by_column("area_ha", COLUMNS)

    assert once == TableOrder("area_ha", is_down=True)
    assert twice == TableOrder("area_ha", is_down=False)
    assert twice.sort_by_column("area_ha", COLUMNS) == TableOrder()
    assert once.sort_by_column("name", COLUMNS) == TableOrder("name", is_down=False)


def test_a_long_table_comes_by_pages_and_says_what_no_sheet_holds():
    many = pd.concat([ROWS] * 70, ignore_index=True)
    first, second = sent(rows=many), sent(TableOrder(page=1), rows=many)

    assert [len(each["columns"][0]["texts"]) for each in (first, second)] == [200, 80]
    assert first["words"]["shown"] == "Rows 1 to 200 of 280"
    assert first["words"]["paper"].startswith("Rows 1 to 200 of 280. The page offers all of them")
    assert second["words"]["shown"] == "Rows 201 to 280 of 280"
    assert sent()["words"]["paper"] == ""
