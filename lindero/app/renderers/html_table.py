"""
A table of a page as HTML, drawn by `app/static/table.js`: sorted and turned page by page here, on the server.

Streamlit's own is a picture of the rows in view: no browser finds a word in it, no paper shows more than ten rows, no
finger selects one. What stands in the rows was written by strangers, and reaches the browser as text alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import pandas as pd
import streamlit as st

from lindero.app.answers.answer import Column
from lindero.app.renderers import cells
from lindero.app.renderers.assets import PREFIX
from lindero.app.text.i18n import _, ngettext, number
from lindero.layers.model.accents import fold

NAME = "lindero_table"
MOST = 200  # rows on a page of a table, and on paper
# The script is fetched once and kept: what is handed to Streamlit is sent again with every table.
SCRIPT = f"""
const ready = import(location.origin + "{PREFIX}table.js");
export default async (part) => (await ready).default(part);
"""  # of more than one line, or Streamlit takes it for a path
_mount = st.components.v2.component(NAME, js=SCRIPT, isolate_styles=False)


# The order of a table's rows: as the page gives them, or as the reader sorts them; what is not known comes last.


@dataclass(frozen=True)
class Order:
    """How a reader has a table: sorted by which column, if any, from the highest down, and on which page from 0."""

    by: str = ""
    is_down: bool = False
    page: int = 0

    def sorted_by(self, name: str, columns: Mapping[str, Column], *, is_down: bool | None = None) -> "Order":
        """
        Sort by a column, from its first page.

        Unless `is_down` says how, a column sorts first as most would: the highest number, the latest day, the letter A;
        pressed again the other way round, and a third time as the page gives the rows.
        """
        if not name or is_down is not None:
            return Order(name, bool(is_down))
        first = columns[name].kind != "text"
        if self.by != name:
            return Order(name, first)
        return Order(name, not first) if self.is_down == first else Order()


def row_order(table: "Table", order: Order) -> list[int]:
    """Give the positions of the rows in their order; what a press on the map put first stays first."""
    positions = pd.Series(range(len(table.rows)))
    if not order.by:
        return positions.tolist()
    keys = _keys(table.rows, order.by, table.columns[order.by]).set_axis(positions)
    found = keys.sort_values(ascending=not order.is_down, na_position="last", kind="stable").index.tolist()
    first = table.marks.first if table.marks is not None else 0
    return [at for at in found if at < first] + [at for at in found if at >= first]


def _keys(rows: pd.DataFrame, name: str, column: Column) -> "pd.Series[Any]":
    values = rows[column.by or name]
    if column.kind in {"number", "share"} or pd.api.types.is_numeric_dtype(values):
        return pd.to_numeric(values, errors="coerce")
    if column.kind == "date" or column.by:
        return pd.to_datetime(values, errors="coerce")
    return values.astype(object).map(_folded, na_action="ignore").replace("", None)


def _folded(text: object) -> str:
    """Give a text without accents and case; a dash is nothing known."""
    return fold(str(text).strip(" –"))


@dataclass(frozen=True)
class Marks:
    """
    Rows marked on a map, by their positions.

    `first` is how many of them a press on the map put first, `turn` what a press on a row's button does, `key` the
    table's.
    """

    marked: frozenset[int]
    first: int
    turn: Callable[[int], None]
    key: str


@dataclass(frozen=True)
class Table:
    """Rows with what is shown of them: `columns` by the names of the rows' columns."""

    rows: pd.DataFrame
    caption: str
    columns: Mapping[str, "Column"]
    key: str
    fold: str = ""
    marks: Marks | None = None


def show(table: Table) -> None:
    """Draw a table; what a reader presses sorts it, turns its pages, marks a row or opens what a row is about."""
    order = _order(table)
    positions = row_order(table, order)
    page = positions[order.page * MOST : (order.page + 1) * MOST]
    answer = _mount(key=table.key, data=payload(table, order, page), on_asked_change=lambda: _heard(table))
    asked = answer.get("asked")
    if isinstance(asked, dict) and "open" in asked:
        _open(table, page, asked["open"])


def _order(table: Table) -> Order:
    """Give how the reader has the table; fewer rows than before may have fewer pages."""
    order: Order = st.session_state.get(f"{table.key}-order", Order())
    by = order.by if order.by in table.columns else ""
    return Order(by, order.is_down, min(order.page, (len(table.rows) - 1) // MOST))


def _heard(table: Table) -> None:
    """Take what was pressed, before the page runs again."""
    asked = st.session_state[table.key].get("asked")
    if not isinstance(asked, dict):
        return
    order = _order(table)
    if "sort" in asked and asked["sort"] in {"", *table.columns}:
        is_down = asked["down"] is True if "down" in asked else None
        st.session_state[f"{table.key}-order"] = order.sorted_by(asked["sort"], table.columns, is_down=is_down)
    if asked.get("page") in {-1, 1}:
        st.session_state[f"{table.key}-order"] = Order(order.by, order.is_down, max(order.page + asked["page"], 0))
    if table.marks is not None and isinstance(asked.get("mark"), int):
        table.marks.turn(asked["mark"])


def _open(table: Table, page: Sequence[int], asked: Any) -> None:
    """Go to the page that a link of a row leads to: the browser says which, never where to."""
    name, at = asked
    if name in table.columns and table.columns[name].link and isinstance(at, int) and 0 <= at < len(page):
        view, _mark, query = str(table.rows[table.columns[name].link].iloc[page[at]]).partition("?")
        st.switch_page(f"views/{view}.py", query_params=dict(parse_qsl(query)))


def payload(table: Table, order: Order, page: Sequence[int]) -> dict[str, Any]:
    """Write what the browser draws: each column's texts, and its values where they have bars or are to be added up."""
    rows = table.rows.iloc[list(page)]
    columns = [cells.column(name, column, rows, table.rows) for name, column in table.columns.items() if name in rows]
    told: dict[str, Any] = {
        "caption": table.caption,
        "fold": table.fold,
        "columns": columns,
        "heading": next((one["name"] for one in columns if one["kind"] == "text"), columns[0]["name"]),
        "sort": {"by": order.by, "down": order.is_down},
        "first": order.page * MOST + 1,
        "size": MOST,
        "total": len(table.rows),
        "words": _words(table, order, len(rows)),
    }
    if table.marks is not None:
        told["rows"] = list(page)
        told["marked"] = [position in table.marks.marked for position in page]
    return told


def _words(table: Table, order: Order, shown: int) -> dict[str, str]:
    first, total = order.page * MOST, len(table.rows)
    span = {"first": number(first + 1), "last": number(first + shown), "total": number(total)}
    paper = _("These are rows {first} to {last} of {total}; the page offers all of them as a file.")
    return {
        "order": _("Sort by"),
        "given": _("The page's own order"),
        "more": ngettext("Show {n} row", "Show all {n} rows", shown).format(n=number(shown)),
        "previous": _("Previous rows"),
        "next": _("Next rows"),
        "shown": _("Rows {first} to {last} of {total}").format(**span),
        "paper": paper.format(**span) if total > shown else "",
        "beyond": _("More columns to the right: scroll sideways →"),
        "map": _("Map"),
        "mark": _("Mark on the map"),
    }
