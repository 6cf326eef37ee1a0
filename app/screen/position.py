"""Where the reader is: pressed on the map, or written as a place's name or a position."""

import streamlit as st

from app.current import cached
from app.wording.country import country_name
from app.wording.i18n import _
from app.wording.words import word
from geo.notation import PositionError, position
from layers.gazetteer import Place

PRESSED, WRITTEN = "pressed", "written"
TOWN = "locality"  # somebody is in a town rather than in the middle of the department of that name


def ask() -> tuple[float, float] | None:
    """Ask for a place or position in words; gives latitude and longitude, or None while there is none."""
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
    try:
        return position(text)
    except PositionError:
        places = sorted(cached.places(text), key=lambda place: (-place.score, place.kind != TOWN))
    if not places:
        st.info(_("No place of that name is known. Press the map, or write latitude and longitude."))
        return None
    place = st.selectbox(_("Which one?"), places, format_func=_told, on_change=_remember, args=(WRITTEN,))
    return place.latitude, place.longitude


def pressed() -> None:
    """Note that the map was pressed: this then counts, whatever was written before."""
    _remember(PRESSED)


def latest(written: tuple[float, float] | None, press: tuple[float, float] | None) -> tuple[float, float] | None:
    """Give what the reader did last: the place written, or the place pressed."""
    return press if st.session_state.get("placed_by") == PRESSED else written


def _remember(how: str) -> None:
    st.session_state["placed_by"] = how


def _told(place: Place) -> str:
    names = (place.name, place.province, place.region, country_name(place.country))
    around = dict.fromkeys(filter(None, names))
    told = ", ".join(around)
    return told if place.kind == TOWN else _("{place} ({area}: its middle)").format(place=told, area=word(place.kind))
