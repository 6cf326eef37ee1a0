"""Tables on a page and their columns: each column has a label in the reader's language, each table says what it is."""

import hashlib
from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd
import streamlit as st

from lindero.app.answers.answer import Column
from lindero.app.current import spoken
from lindero.app.renderers import html_table
from lindero.app.renderers.html_table import Marks
from lindero.app.text.i18n import _

NONE: Mapping[str, Column] = MappingProxyType({})


def table(
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
    """
    Show rows in the order given, with the columns named and no others; what is not known is a dash.

    Where there is none, it says so. Readers sort the rows, and see them by pages of `html_table.MOST`.

    Parameters
    ----------
    alt
        What the table holds: its caption.
    marks
        Of a table whose rows are marked on a map, as `app.ui.maps.linked_table` gives it. Its fragment is run again
        for each press; any other table is a fragment of its own.
    key
        Tells tables of one page apart that have the same caption and columns.
    fold
        Where given, the table is folded behind these words: it repeats what a picture shows.
    more
        Columns that follow, of which the rows say which there are.
    """
    if rows.empty:
        st.write(_("Nothing to list."))
        return
    shown = {**columns, **more}
    made = html_table.Table(rows, alt, shown, marks.key if marks else key or _key(alt, shown), fold, marks)
    if marks is None:
        _alone(made)
    else:
        html_table.show(made)


@st.fragment
def _alone(made: html_table.Table) -> None:
    spoken.speak()
    html_table.show(made)


def _key(*told: object) -> str:
    return f"table-{hashlib.sha256(repr(told).encode()).hexdigest()[:12]}"


def of_picture() -> str:
    """Give the words that a table is folded behind which repeats a picture."""
    return _("The rows of this picture")


def text(label: str, *, by: str = "", link: str = "", note: str = "") -> Column:
    """Make a column of text."""
    return Column(label, by=by, link=link, note=note)


def number(label: str, *, note: str = "", between: tuple[str, str] | None = None) -> Column:
    """Make a column of numbers, written as the reader's browser does."""
    return Column(label, "number", note=note, between=between)


def share(label: str, *, note: str = "", between: tuple[str, str] | None = None) -> Column:
    """Make a column of shares between 0 and 1, as percentages, each over a bar that shows how far it may reach."""
    return Column(label, "share", note=note, between=between)


def date(label: str) -> Column:
    """Make a column of days."""
    return Column(label, "date")
