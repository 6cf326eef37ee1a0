"""Answers on a page, drawn by Streamlit."""

from collections.abc import Callable, Iterable, Mapping

import streamlit as st

from lindero.app.answers.answer import Figure, Section, Table
from lindero.app.renderers import columns, links
from lindero.app.renderers.html_table import Marks
from lindero.app.text.escape import address_of, with_addresses


def sentence(text: str) -> str:
    """Write a sentence as Markdown, its links with the addresses of this map's pages."""
    return with_addresses(text, links.address)


def show(section: Section, *, picture: Callable[[], None] | None = None, fold: str = "") -> None:
    """Show a section under its title: its table under a picture of it, if there is one, or folded behind words."""
    if section.title:
        st.header(section.title, anchor=False)
    if section.finding:
        st.markdown(sentence(section.finding))
    if section.figures:
        figures(section.figures)
    if section.lines:
        lines(section.lines)
    if picture is not None:
        picture()
    if section.table is not None:
        table(section.table, fold=fold or (columns.of_picture() if picture else ""))
    if section.note:
        st.markdown(sentence(section.note))


def figures(told: Mapping[str, Figure]) -> None:
    """State a few figures side by side, each under what it is of, with how sure it is where that is told, too."""
    for column, (label, figure) in zip(st.columns(len(told)), told.items(), strict=True):
        column.metric(label, figure.value, figure.note or None, delta_color="off", delta_arrow="off")


def lines(told: Iterable[str]) -> None:
    """List sentences."""
    st.markdown("\n".join(f"- {sentence(line)}" for line in told))


def table(told: Table, marks: Marks | None = None, *, fold: str = "") -> None:
    """Show a table, whose links lead to pages of this map; `marks` and `fold` as for `columns.table`."""
    rows = told.rows
    for name in {column.link for column in told.columns.values() if column.link}:
        addresses = {key: address_of(key, links.address) for key in rows[name].unique()}
        rows = rows.assign(**{name: rows[name].map(addresses)})
    columns.table(rows, alt=told.caption, marks=marks, fold=fold, more=told.columns)
