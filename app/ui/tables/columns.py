"""Tables on a page and their columns: each column has a label in the reader's language, each table says what it is."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from lindero.app.text.i18n import _
from lindero.app.ui.tables import printed

UNSELECTED: Mapping[str, Any] = MappingProxyType({})  # a table in which rows cannot be selected


def table(rows: pd.DataFrame, /, *, alt: str, select: Mapping[str, Any] = UNSELECTED, **columns: ColumnConfig) -> None:
    """
    Show rows in the order given, with the columns named and no others; what is not known is a dash.

    On paper they stand as HTML (`app.ui.tables.printed`). Where there is none, it says so: Streamlit would, in English.

    `select` as `app.ui.maps.linked_table` gives it, for a table whose rows can be selected.
    """
    if rows.empty:
        st.write(_("Nothing to list."))
        return
    order = list(columns)
    st.dataframe(rows, hide_index=True, alt=alt, column_order=order, column_config=columns, placeholder="–", **select)
    st.html(printed.table(rows, columns, alt=alt))


def text(label: str, *, width: int | None = None) -> ColumnConfig:
    """Make a column of text, `width` pixels wide; by default as wide as most of its texts, and the longest are cut."""
    return st.column_config.TextColumn(label, width=width)


def number(label: str) -> ColumnConfig:
    """Make a column of numbers, written as the reader's browser does."""
    return st.column_config.NumberColumn(label, format="localized")


def share(label: str) -> ColumnConfig:
    """Make a column of shares between 0 and 1, as percentages."""
    return st.column_config.NumberColumn(label, format="percent")


def date(label: str) -> ColumnConfig:
    """Make a column of days."""
    return st.column_config.DateColumn(label, format="localized")
