"""Answers on a page of Streamlit."""

from collections.abc import Callable, Iterable, Mapping

import streamlit as st

from lindero.app.answers.answer import Figure, Section, Table
from lindero.app.media.pages import columns, links
from lindero.app.media.text.html_table import Marks
from lindero.app.text.escape import resolve_link_key, resolve_links


def format_sentence(text: str) -> str:
    """Return a sentence as Markdown, with its links resolved to pages of this map."""
    return resolve_links(text, links.resolve_address)


def show_section(section: Section, *, picture: Callable[[], None] | None = None, fold: str = "") -> None:
    """Show a section under its title. Its table is below `picture`, if given, or collapsed under the text `fold`."""
    if section.title:
        st.header(section.title, anchor=False)
    if section.finding:
        st.markdown(format_sentence(section.finding))
    if section.figures:
        show_figures(section.figures)
    if section.lines:
        show_lines(section.lines)
    if picture is not None:
        picture()
    if section.table is not None:
        show_table(section.table, fold=fold or (columns.fold_label() if picture else ""))
    if section.note:
        st.markdown(format_sentence(section.note))


def show_figures(figures_by_label: Mapping[str, Figure]) -> None:
    """Show a few figures side by side, each under its label and with the note on its uncertainty, if any."""
    for column, (label, figure) in zip(st.columns(len(figures_by_label)), figures_by_label.items(), strict=True):
        column.metric(label, figure.value, figure.note or None, delta_color="off", delta_arrow="off")


def show_lines(sentences: Iterable[str]) -> None:
    """Show sentences as a list."""
    st.markdown("\n".join(f"- {format_sentence(line)}" for line in sentences))


def show_table(answer_table: Table, marks: Marks | None = None, *, fold: str = "") -> None:
    """Show a table with links to pages of this map; `marks` and `fold` as for `columns.show_table`."""
    rows = answer_table.rows
    for name in {column.link for column in answer_table.columns.values() if column.link}:
        addresses = {key: resolve_link_key(key, links.resolve_address) for key in rows[name].unique()}
        rows = rows.assign(**{name: rows[name].map(addresses)})
    columns.show_table(rows, alt=answer_table.caption, marks=marks, fold=fold, more=answer_table.columns)
