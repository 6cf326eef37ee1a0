"""Where the reader is: pressed on the map, or written as a place's name or a position."""

import streamlit as st

from app.analysis import place_text
from app.analysis.position_search import Asked, Found, Unknown, found_at
from app.current import cached
from app.wording.i18n import _
from app.wording.text import plain

PRESSED, WRITTEN = "pressed", "written"


def ask() -> Found | None:
    """Ask for a place or position in words; gives the one that is meant, or None while there is none."""
    text = st.text_input(
        _("Place, or latitude and longitude"),
        key="written",
        placeholder=_("Huancayo  ·  -12.07, -75.21  ·  18L 477000 8666000"),
        autocomplete="off",  # or a browser keeps what was written, for the day that it is started again
        on_change=_remember,
        args=(WRITTEN,),
    ).strip()
    if not text:
        return None
    answer = cached.find_place(text)
    if isinstance(answer, Unknown) and answer.abroad and st.checkbox(_("Look in other countries, too"), key="abroad"):
        answer = cached.find_place(text, abroad=True)
    if isinstance(answer, Unknown):
        st.info(plain(place_text.unknown(answer, text)))
        return None
    return _chosen(answer, text) if isinstance(answer, Asked) else answer


def pressed() -> None:
    """Note that the map was pressed: this then counts, whatever was written before."""
    _remember(PRESSED)


def latest(written: Found | None, press: tuple[float, float] | None) -> Found | None:
    """Give what the reader did last: the place written, or the place pressed."""
    if st.session_state.get("placed_by") != PRESSED:
        return written
    return found_at(*press) if press else None


def _chosen(asked: Asked, text: str) -> Found | None:
    """Show every place that may be meant, in full, and take none unless the reader chooses it."""
    told = [plain(place_text.choice(found)) for found in asked.choices]
    chosen: int | None = st.radio(
        plain(place_text.question(asked, text)),
        range(len(told)),
        index=None,
        format_func=told.__getitem__,
        key=f"which-{text}",
        on_change=_remember,
        args=(WRITTEN,),
    )
    if more := place_text.left_out(asked):
        st.caption(more)
    return None if chosen is None else asked.choices[chosen]


def _remember(how: str) -> None:
    st.session_state["placed_by"] = how
