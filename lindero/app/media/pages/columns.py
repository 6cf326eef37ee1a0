"""Tables on a page and their columns. Each column has a label in the reader's language, each table a caption."""

import hashlib
from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd
import streamlit as st

from lindero.app.answers.answer import Column
from lindero.app.media.pages.current import spoken
from lindero.app.media.text import html_table
from lindero.app.media.text.html_table import Marks
from lindero.app.text.i18n import _

NONE: Mapping[str, Column] = MappingProxyType({})


def show_table(
    rows: pd.DataFrame,
    /,
    *,
    alt: str,
    marks: Marks | None = None,
    key: str = "",
    fold: str = "",
    more: Mapping[str, Column] = NONE,
    **columns: Column,
) -> None:
    """Show rows in the given order, with the given columns only. An unknown value is shown as a dash.

    If there are no rows, a sentence says so. Readers can sort the rows, and see them in pages of `html_table.MAX_ROWS`.

    `marks`: for a table with rows marked on a map, as `app.media.pages.maps.linked_table` returns it. Its fragment is
    run again for each click; any other table is a fragment of its own.
    """
    if rows.empty:
        st.write(_("Nothing to list."))
        return
    shown = {**columns, **more}
    content = html_table.Table(rows, alt, shown, marks.key if marks else key or _table_key(alt, shown), fold, marks)
    if marks is None:
        _show_in_fragment(content)
    else:
        html_table.show_table(content)


@st.fragment
def _show_in_fragment(content: html_table.Table) -> None:
    spoken.set_reader_language()
    html_table.show_table(content)


def _table_key(*parts: object) -> str:
    return f"table-{hashlib.sha256(repr(parts).encode()).hexdigest()[:12]}"


def fold_label() -> str:
    """Return the text under which a table is collapsed that repeats a picture."""
    return _("The data of this picture")


def text_column(label: str, *, sort_by: str = "", link: str = "", note: str = "") -> Column:
    """Return a column of text."""
    return Column(label, sort_column=sort_by, link=link, note=note)


def number_column(label: str, *, note: str = "", between: tuple[str, str] | None = None) -> Column:
    """Return a column of numbers, formatted in the reader's language."""
    return Column(label, "number", note=note, between=between)


def share_column(label: str, *, note: str = "", between: tuple[str, str] | None = None) -> Column:
    """Return a column of shares (0 to 1) as percentages. Each has a bar that also shows its range."""
    return Column(label, "share", note=note, between=between)


def date_column(label: str) -> Column:
    """Return a column of dates."""
    return Column(label, "date")
