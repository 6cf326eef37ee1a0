"""A table of a page as HTML, drawn by `app/static/table.js` and sorted and paged on the server.

The table of Streamlit is a canvas with the visible rows: a browser cannot search it, paper shows only ten rows, and a
finger cannot select one. The rows come from third parties and reach the browser only as text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import pandas as pd
import streamlit as st

from lindero.app.answers.answer import Column
from lindero.app.media.text import cells
from lindero.app.media.text.assets import PREFIX
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.layers.model.accents import fold

NAME = "lindero_table"
MAX_ROWS = 200  # rows on a page of a table, and on paper
# Only the address of the script is sent with every table, so that a browser fetches the script once.
SCRIPT = f"""
const ready = import(location.origin + "{PREFIX}table.js");
export default async (part) => (await ready).default(part);
"""  # several lines, otherwise Streamlit takes it for a path
_mount = st.components.v2.component(NAME, js=SCRIPT, isolate_styles=False)


# The order of a table's rows: that of the page, or that chosen by the reader; unknown values come last.


@dataclass(frozen=True)
class TableOrder:
    """The reader's view of a table: the sort column (empty for none), whether it is descending, and the page from 0."""

    by: str = ""
    is_down: bool = False
    page: int = 0

    def sort_by_column(self, name: str, columns: Mapping[str, Column], *, is_down: bool | None = None) -> "TableOrder":
        """Return the order sorted by a column, at its first page.

        Without `is_down`, a column is first sorted as most readers expect: highest number first, latest date first,
        letters from A. The second click reverses it, and the third restores the order of the page.
        """
        if not name or is_down is not None:
            return TableOrder(name, bool(is_down))
        first = columns[name].kind != "text"
        if self.by != name:
            return TableOrder(name, first)
        return TableOrder(name, not first) if self.is_down == first else TableOrder()


def row_order(table: "Table", order: TableOrder) -> list[int]:
    """Return the positions of the rows in their order. Rows that a click on the map put first stay first."""
    positions = pd.Series(range(len(table.rows)))
    if not order.by:
        return positions.tolist()
    keys = _sort_keys(table.rows, order.by, table.columns[order.by]).set_axis(positions)
    sorted_positions = keys.sort_values(ascending=not order.is_down, na_position="last", kind="stable").index.tolist()
    first = table.marks.first if table.marks is not None else 0
    return [position for position in sorted_positions if position < first] + [
        position for position in sorted_positions if position >= first
    ]


def _sort_keys(rows: pd.DataFrame, name: str, column: Column) -> "pd.Series[Any]":
    values = rows[column.sort_column or name]
    if column.kind in {"number", "share"} or pd.api.types.is_numeric_dtype(values):
        return pd.to_numeric(values, errors="coerce")
    if column.kind == "date" or column.sort_column:
        return pd.to_datetime(values, errors="coerce")
    return values.astype(object).map(_fold_text, na_action="ignore").replace("", None)


def _fold_text(text: object) -> str:
    """Return a text without accents and case; a dash becomes empty."""
    return fold(str(text).strip(" –"))


@dataclass(frozen=True)
class Marks:
    """The rows that are marked on a map, by their positions.

    `first` is the number of rows that a click on the map put first. `turn` is called when a row's button is pressed,
    and `key` is the key of the table.
    """

    marked: frozenset[int]
    first: int
    turn: Callable[[int], None]
    key: str


@dataclass(frozen=True)
class Table:
    """Rows and the columns to show of them, by the name of the column in `rows`."""

    rows: pd.DataFrame
    caption: str
    columns: Mapping[str, "Column"]
    key: str
    fold: str = ""
    marks: Marks | None = None


def show_table(table: Table) -> None:
    """Show a table. Clicks sort it, turn its pages, mark a row or open the page of a row."""
    order = _read_order(table)
    positions = row_order(table, order)
    page = positions[order.page * MAX_ROWS : (order.page + 1) * MAX_ROWS]
    answer = _mount(key=table.key, data=build_payload(table, order, page), on_asked_change=lambda: _handle_event(table))
    event = answer.get("asked")
    if isinstance(event, dict) and "open" in event:
        _open_link(table, page, event["open"])


def _read_order(table: Table) -> TableOrder:
    """Return the reader's order of a table. The page is limited to the pages that the table has now."""
    order: TableOrder = st.session_state.get(f"{table.key}-order", TableOrder())
    sort_column = order.by if order.by in table.columns else ""
    return TableOrder(sort_column, order.is_down, min(order.page, (len(table.rows) - 1) // MAX_ROWS))


def _handle_event(table: Table) -> None:
    """Handle a click before the page runs again."""
    event = st.session_state[table.key].get("asked")
    if not isinstance(event, dict):
        return
    order = _read_order(table)
    if "sort" in event and event["sort"] in {"", *table.columns}:
        is_down = event["down"] is True if "down" in event else None
        st.session_state[f"{table.key}-order"] = order.sort_by_column(event["sort"], table.columns, is_down=is_down)
    if event.get("page") in {-1, 1}:
        st.session_state[f"{table.key}-order"] = TableOrder(order.by, order.is_down, max(order.page + event["page"], 0))
    if table.marks is not None and isinstance(event.get("mark"), int):
        table.marks.turn(event["mark"])


def _open_link(table: Table, page: Sequence[int], clicked_cell: Any) -> None:
    """Open the page that a link of a row leads to. The browser sends only the column and row, never the address."""
    name, row_index = clicked_cell
    if name in table.columns and table.columns[name].link and isinstance(row_index, int) and 0 <= row_index < len(page):
        view, _mark, query = str(table.rows[table.columns[name].link].iloc[page[row_index]]).partition("?")
        st.switch_page(f"media/pages/views/{view}.py", query_params=dict(parse_qsl(query)))


def build_payload(table: Table, order: TableOrder, page: Sequence[int]) -> dict[str, Any]:
    """Return the data that the browser draws: texts of each column, and values where there are bars or sums."""
    rows = table.rows.iloc[list(page)]
    columns = [
        cells.format_column(name, column, rows, table.rows) for name, column in table.columns.items() if name in rows
    ]
    data: dict[str, Any] = {
        "caption": table.caption,
        "fold": table.fold,
        "columns": columns,
        "heading": next((entry["name"] for entry in columns if entry["kind"] == "text"), columns[0]["name"]),
        "sort": {"by": order.by, "down": order.is_down},
        "first": order.page * MAX_ROWS + 1,
        "size": MAX_ROWS,
        "total": len(table.rows),
        "words": _payload_texts(table, order, len(rows)),
    }
    if table.marks is not None:
        data["rows"] = list(page)
        data["marked"] = [position in table.marks.marked for position in page]
    return data


def _payload_texts(table: Table, order: TableOrder, shown: int) -> dict[str, str]:
    first, total = order.page * MAX_ROWS, len(table.rows)
    span = {"first": format_number(first + 1), "last": format_number(first + shown), "total": format_number(total)}
    paper = _("Rows {first} to {last} of {total}. The page offers all of them as a file.")
    return {
        "order": _("Sort by"),
        "given": _("Original order"),
        "more": ngettext("Show {n} row", "Show all {n} rows", shown).format(n=format_number(shown)),
        "previous": _("Previous rows"),
        "next": _("Next rows"),
        "shown": _("Rows {first} to {last} of {total}").format(**span),
        "paper": paper.format(**span) if total > shown else "",
        "beyond": _("More columns to the right: scroll sideways →"),
        "map": _("Map"),
        "mark": _("Mark on the map"),
    }
