"""The reading order of a page: finding, picture, rows, more sections, folded choices, method."""

from collections.abc import Iterable
from html import escape
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.answer import Section
from lindero.app.media.pages import streamlit_page
from lindero.app.text.i18n import _

PARTS = ("finding", "picture", "rows", "more", "choices", "method")  # also in streamlit_host/page/page.css and doors.js


class Order(NamedTuple):
    """Placeholders that fix the reading order of a page, independent of the order in which its parts are computed."""

    finding: DeltaGenerator
    picture: DeltaGenerator
    rows: DeltaGenerator
    more: DeltaGenerator
    choices: DeltaGenerator
    method: DeltaGenerator


def create_order() -> Order:
    """Create the placeholders of a page; `choices` is folded."""
    finding, picture, rows, more, choices, method = create_parts(*PARTS)
    return Order(finding, picture, rows, more, create_fold(choices), method)


def create_parts(*names: str) -> list[DeltaGenerator]:
    """Create the placeholders of some parts, in reading order, at the present position of the page or fragment."""
    return [st.container(key=f"lindero-{name}") for name in PARTS if name in names]


def create_fold(room: DeltaGenerator) -> DeltaGenerator:
    """Create an expander for choices, with a link back to the answer."""
    with room:
        expander = st.expander(_("Change what is shown"))
        with expander:
            back = escape(_("Back to the answer"))
            st.html(f'<p class="lindero-chosen"><a href="#lindero-finding">{back}</a></p>')
    return expander


def show_finding(room: DeltaGenerator, section: Section, doubts: Section | None = None) -> None:
    """Show the finding in one sentence, its figures and its note; doubts are folded."""
    with room:
        st.markdown(f"**{streamlit_page.format_sentence(section.finding)}**")
        if section.figures:
            streamlit_page.show_figures(section.figures)
        if section.note:
            st.markdown(streamlit_page.format_sentence(section.note))
        if doubts is not None and doubts.lines:
            with st.expander(doubts.title), st.container(key="lindero-sure"):
                streamlit_page.show_lines(doubts.lines)


def show_choices(room: DeltaGenerator, choices: Iterable[str]) -> None:
    """Show the choices that the answer depends on, and link to the place where they are changed."""
    text = " · ".join(
        f"<bdi>{escape(choice)}</bdi>" for choice in choices if choice
    )  # names may be written from right to left
    shown, change = escape(_("Shown: {choices}")).format(choices=text), escape(_("Change it"))
    with room:
        st.html(f'<p class="lindero-chosen">{shown if text else ""} <a href="#lindero-choices">{change}</a></p>')
