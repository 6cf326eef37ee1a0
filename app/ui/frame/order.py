"""The order in which a page answers: what is found, a picture, its rows, what else, the choices folded, the method."""

from collections.abc import Iterable
from html import escape
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.text.i18n import _
from lindero.app.ui.frame import page
from lindero.app.ui.frame.page import Figures

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


def say(
    room: DeltaGenerator,
    finding: str,
    besides: Iterable[str] = (),
    figures: Figures | None = None,
    *,
    details: Iterable[str] = (),
) -> None:
    """
    Write what is found in one sentence, a few figures of it, and what has to be read with it.

    Parameters
    ----------
    room
        Where the finding goes.
    finding, besides
        Sentences as Markdown.
    figures
        As `app.ui.frame.page.figures` takes them.
    details
        More sentences, folded on the screen and open on paper (streamlit_host/page/page.css).
    """
    with room:
        st.markdown(f"**{finding}**")
        if figures:
            page.figures(figures)
        if told := " ".join(filter(None, besides)):
            st.markdown(told)
        if listed := "\n".join(f"- {each}" for each in details if each):
            with st.expander(_("How sure this is, and what is not counted")):
                st.container(key="lindero-sure").markdown(listed)


def tell_choices(room: DeltaGenerator, chosen: Iterable[str]) -> None:
    """Say of what the answer is, and lead to where that is chosen otherwise."""
    told = " · ".join(f"<bdi>{escape(each)}</bdi>" for each in chosen if each)  # names may run from right to left
    shown, change = escape(_("Shown: {choices}")).format(choices=told), escape(_("Change it"))
    with room:
        st.html(f'<p class="lindero-chosen">{shown if told else ""} <a href="#lindero-choices">{change}</a></p>')
