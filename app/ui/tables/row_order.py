"""The order of a table's rows: as the page gives them, or as the reader sorts them; what is not known comes last."""

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lindero.app.ui.tables.columns import Column
    from lindero.app.ui.tables.html_table import Table


@dataclass(frozen=True)
class Order:
    """How a reader has a table: sorted by which column, if any, from the highest down, and on which page from 0."""

    by: str = ""
    is_down: bool = False
    page: int = 0

    def sorted_by(self, name: str, columns: "Mapping[str, Column]", *, is_down: bool | None = None) -> "Order":
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


def ordered(table: "Table", order: Order) -> list[int]:
    """Give the positions of the rows in their order; what a press on the map put first stays first."""
    positions = pd.Series(range(len(table.rows)))
    if not order.by:
        return positions.tolist()
    keys = _keys(table.rows, order.by, table.columns[order.by]).set_axis(positions)
    found = keys.sort_values(ascending=not order.is_down, na_position="last", kind="stable").index.tolist()
    first = table.marks.first if table.marks is not None else 0
    return [at for at in found if at < first] + [at for at in found if at >= first]


def _keys(rows: pd.DataFrame, name: str, column: "Column") -> "pd.Series[Any]":
    values = rows[column.by or name]
    if column.kind in {"number", "share"} or pd.api.types.is_numeric_dtype(values):
        return pd.to_numeric(values, errors="coerce")
    if column.kind == "date" or column.by:
        return pd.to_datetime(values, errors="coerce")
    return values.astype(object).map(_folded, na_action="ignore").replace("", None)


def _folded(text: object) -> str:
    """Give a text without accents and case; a dash is nothing known."""
    plain = unicodedata.normalize("NFKD", str(text).strip(" –").casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))
