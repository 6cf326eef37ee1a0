"""Tables on paper: all their rows, with the words and numbers of the screen, and text only ever as text."""

import datetime as dt

import pandas as pd
import pytest

from lindero.app.text import i18n
from lindero.app.ui.tables import columns, printed

ROWS = pd.DataFrame(
    {
        "name": ["Uno", "<script>run()</script>", None],
        "area_ha": [1234.5, 10.0, None],
        "share": [0.25, None, 1.0],
        "since": [dt.date(2011, 5, 1), None, dt.date(2026, 3, 10)],
        "left_out": [1, 2, 3],
    }
)


def table(rows=ROWS) -> str:
    shown = {"name": columns.text("Name"), "area_ha": columns.number("Hectares")}
    shown |= {"share": columns.share("Share"), "since": columns.date("Since")}
    return printed.table(rows, shown, alt="A & B")


@pytest.fixture(autouse=True)
def _english():
    i18n.use("en")


def test_all_that_the_screen_shows_is_there_and_nothing_else():
    written = table()

    for told in ("<th>Hectares</th>", '"Name">Uno<', '"Hectares">1,234.5<', ">25.0%<", "May 1, 2011", "A &amp; B"):
        assert told in written
    assert written.count(f">{printed.UNKNOWN}</td>") == 4
    assert "left_out" not in written


def test_text_of_strangers_is_only_ever_text():
    assert "<script" not in table()
    assert "&lt;script&gt;" in table()


def test_more_rows_than_the_screen_shows_are_printed_and_what_is_left_out_is_said():
    many = pd.concat([ROWS] * 70, ignore_index=True)

    assert table(many.head(53)).count("<tr>") == 54
    assert table(many).count("<tr>") == printed.MOST + 1
    assert "10 rows more" in table(many)
