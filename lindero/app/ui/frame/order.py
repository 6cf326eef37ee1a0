"""The order in which a page answers: what is found, a picture, its rows, what else, the choices folded, the method."""

from collections.abc import Iterable
from html import escape
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.answer import Section
from lindero.app.renderers import streamlit_page
from lindero.app.text.i18n import _

PARTS = ("finding", "picture", "rows", "more", "choices", "method")  # streamlit_host/page/page.css, doors.js


class Order(NamedTuple):
    """Where each part of a page goes, in the order that it is read in, whatever the order that it is made in."""

    finding: DeltaGenerator
    picture: DeltaGenerator
    rows: DeltaGenerator
    more: DeltaGenerator
    choices: DeltaGenerator
    method: DeltaGenerator


def begin() -> Order:
    """Lay out a page; what is put into `choices` stands folded."""
    finding, picture, rows, more, choices, method = parts(*PARTS)
    return Order(finding, picture, rows, more, fold(choices), method)


def parts(*names: str) -> list[DeltaGenerator]:
    """Make room for some of the parts, in their order, where the page or a fragment of it stands."""
    return [st.container(key=f"lindero-{name}") for name in PARTS if name in names]


def fold(room: DeltaGenerator) -> DeltaGenerator:
    """Make a fold for choices, with the way back to what they change."""
    with room:
        expander = st.expander(_("Change what is shown"))
        with expander:
            back = escape(_("Back to the answer"))
            st.html(f'<p class="lindero-chosen"><a href="#lindero-finding">{back}</a></p>')
    return expander


def say(room: DeltaGenerator, section: Section, doubts: Section | None = None) -> None:
    """Write what is found in one sentence, its figures, and what has to be read with it; doubts are folded."""
    with room:
        st.markdown(f"**{streamlit_page.sentence(section.finding)}**")
        if section.figures:
            streamlit_page.figures(section.figures)
        if section.note:
            st.markdown(streamlit_page.sentence(section.note))
        if doubts is not None and doubts.lines:
            with st.expander(doubts.title), st.container(key="lindero-sure"):
                streamlit_page.lines(doubts.lines)


def tell_choices(room: DeltaGenerator, chosen: Iterable[str]) -> None:
    """Say of what the answer is, and lead to where that is chosen otherwise."""
    told = " · ".join(f"<bdi>{escape(each)}</bdi>" for each in chosen if each)  # names may run from right to left
    shown, change = escape(_("Shown: {choices}")).format(choices=told), escape(_("Change it"))
    with room:
        st.html(f'<p class="lindero-chosen">{shown if told else ""} <a href="#lindero-choices">{change}</a></p>')
