"""Where the reader is: pressed on the map, or written as a place's name or a position."""

import secrets
from urllib.parse import urlsplit

import streamlit as st

from lindero.app.answers.place import place_text
from lindero.app.answers.place.position_search import Candidates, Found, Unknown, found_at
from lindero.app.answers.place.topic_search import HOLDER
from lindero.app.current import map_layers
from lindero.app.current.tab_memory import HEADER, TABS, Question
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _
from lindero.app.ui.frame import page

PRESSED, WRITTEN = "pressed", "written"


def recall() -> None:
    """Take up what was asked last in this tab, where the page is opened anew."""
    if "written" in st.session_state or (asked := TABS.last(_tab())) is None:
        return
    st.session_state.update(
        {"written": asked.text, "abroad": asked.abroad, "placed_by": asked.by, "pressed_at": asked.press}
    )
    if asked.which is not None:
        st.session_state[f"which-{asked.text.strip()}"] = asked.which


def keep(press: tuple[float, float] | None) -> None:
    """Keep what is asked now for this tab, for as long as `app.current.tab_memory` keeps anything."""
    told = st.session_state
    text = told.get("written", "")
    TABS.keep(
        _tab(),
        Question(
            text=text,
            abroad=bool(told.get("abroad", False)),
            which=told.get(f"which-{text.strip()}"),
            press=press,
            by=told.get("placed_by", ""),
        ),
    )


def forget() -> None:
    """Keep nothing of this tab."""
    TABS.forget(_tab())


def press() -> tuple[float, float] | None:
    """Give where the map was pressed last, in latitude and longitude; None if it was not."""
    point = st.session_state.get("territory", {}).get("last_clicked")
    return (point["lat"], point["lng"]) if point else st.session_state.get("pressed_at")


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
    if not may_locate(st.context.url or ""):
        st.caption(
            plain(
                _(
                    "This page cannot ask your phone where it is. Open its map or compass, and type what it shows, for"
                    " example -6.9117, -78.2551 or 17M 803000 9235000."
                )
            )
        )
    if not text:
        return None
    answer = map_layers.find_place(text)
    if not isinstance(answer, Found) and answer.abroad and st.checkbox(_("Look in other countries, too"), key="abroad"):
        answer = map_layers.find_place(text, abroad=True)
    if isinstance(answer, Unknown):
        st.info(plain(place_text.unknown(answer, text)))
        return None
    return _chosen(answer, text) if isinstance(answer, Candidates) else answer


def may_locate(address: str) -> bool:
    """Tell whether a browser lets a page at this address ask the device where it is; unknown addresses may."""
    asked = urlsplit(address)
    return asked.scheme != "http" or asked.hostname in {"localhost", "127.0.0.1", "::1"}


def note_press() -> None:
    """Note that the map was pressed: this then counts, whatever was written before."""
    _remember(PRESSED)


def latest(written: Found | None, press: tuple[float, float] | None) -> Found | None:
    """Give what the reader did last: the place written, or the place pressed."""
    if st.session_state.get("placed_by") != PRESSED:
        return written
    return found_at(*press) if press else None


def _tab() -> str:
    """Give the token of the tab; a page without its own script has one for as long as it is open."""
    return st.context.headers.get(HEADER) or str(st.session_state.setdefault("tab", secrets.token_hex(16)))


def _chosen(asked: Candidates, text: str) -> Found | None:
    """Show every place that may be meant, in full, and take none unless the reader chooses it."""
    told = list(map(plain, place_text.choices(asked)))
    if not told:
        st.write(plain(place_text.question(asked, text)))
        _topics(asked)
        return None
    chosen: int | None = st.radio(
        plain(place_text.question(asked, text)),
        range(len(told)),
        index=None,
        format_func=told.__getitem__,
        key=f"which-{text}",
        on_change=_remember,
        args=(WRITTEN,),
    )
    _topics(asked)
    if more := place_text.left_out(asked):
        st.caption(more)
    return None if chosen is None else asked.choices[chosen]


def _topics(asked: Candidates) -> None:
    """Lead to the holders and cases that may be meant."""
    codes = map_layers.codes_of_holders() if asked.topics else {}
    for topic in asked.topics:
        id_ = codes.get(topic.id) if topic.kind == HOLDER else topic.id
        if id_:
            page.link(topic.kind, plain(place_text.topic(topic)), {"id": id_})


def _remember(how: str) -> None:
    st.session_state["placed_by"] = how
