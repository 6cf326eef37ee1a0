"""The head of every page: whose map it is, of what day, in which language, and the doors to the other pages."""

from base64 import b64encode
from contextlib import suppress
from functools import cache
from html import escape

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from lindero.app.current import map_layers, open_map
from lindero.app.text.i18n import _, date
from lindero.app.ui.frame import language
from lindero.app.ui.maps import offline_folium
from lindero.layers.errors import LayerError

MARK = offline_folium.STATIC / "mark.svg"
HEAD, DOORS, BEHIND = "lindero-head", "lindero-doors", "lindero-behind"  # app/static/page.css, app/static/doors.js
HERE = "lindero-here"


def begin() -> "st.delta_generator.DeltaGenerator":
    """Name the program, and let the reader choose a language; gives where to name the map, for whoever may see it."""
    with st.container(key=HEAD, horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<p class="lindero-name"><img src="{_mark()}" alt="" width="32" height="32">Lindero</p>')
        told = st.container(key=f"{HEAD}-map")
        language.choose()
    return told


def name(told: "st.delta_generator.DeltaGenerator") -> None:
    """Say whose map it is, of what day its data are, and whether they are invented."""
    with suppress(LayerError):  # of a damaged map the page below says what is wrong
        if map_layers.version_or_none():
            told.html(said())


def said() -> str:
    """Write the map's name and the day of its data as HTML; with a mark if anything on the map is invented."""
    is_invented = map_layers.invented()
    parts = [
        ("strong", "", open_map.title() or (_("Demonstration map") if is_invented else "")),
        ("span", "", _as_of()),
    ]
    if is_invented:
        parts.append(("span", ' class="lindero-invented"', _("Invented data: a demonstration")))
    told = (f"<{tag}{attributes}>{escape(text)}</{tag}>" for tag, attributes, text in parts if text)
    return f'<p class="lindero-map">{"".join(told)}</p>'


def lead(doors: dict[str, list[StreamlitPage]], shown: StreamlitPage) -> None:
    """Lead to the other doors, and to the pages behind the one that is open."""
    with st.container(key=DOORS, horizontal=True, gap=None):
        for at, (door, pages) in enumerate(doors.items()):
            is_open = shown in pages
            with st.container(key=HERE if is_open else f"lindero-door-{at}", width="content"):
                st.page_link(pages[0], label=door)
    behind = next(pages for pages in doors.values() if shown in pages)
    if len(behind) > 1:
        with st.container(key=BEHIND, horizontal=True, gap=None):
            for each in behind:
                st.page_link(each, width="content")


def _as_of() -> str:
    """Say of what day the newest data are; of sources whose day nobody stated nothing is known."""
    days = [source.as_of for source in map_layers.sources() if source.is_current and source.as_of]
    return _("data as of {date}").format(date=date(max(days))) if days else _("date of the data not stated")


@cache
def _mark() -> str:
    return f"data:image/svg+xml;base64,{b64encode(MARK.read_bytes()).decode()}"
