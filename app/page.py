"""What every page has: its place in the navigation, its head, and the move to a newer map when there is one."""

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from app import cached
from app.i18n import _
from app.messages import explained

HERE = Path(__file__).parent
ICON = HERE / "static" / "icon.png"
STYLE = HERE / "static" / "page.css"
SECONDS_BETWEEN_LOOKS = 10


def pages() -> list[StreamlitPage]:
    """Give the pages, first the one that opens."""
    return [
        st.Page(HERE / "views" / "overview.py", title=_("Map"), url_path="map", default=True),
    ]


def head(title: str) -> None:
    """Begin a page: its title, and a banner if anything on the map is invented. Stops if there is no map."""
    st.html(STYLE)
    follow()
    with explained():
        invented = cached.invented()
    st.title(title, anchor=False)
    if invented:
        st.warning(_("Invented data: this map is a demonstration. Nothing on it is a claim about the world."))


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def follow() -> None:
    """Run the page again when a build has made a newer map."""
    seen = st.session_state.setdefault("map_seen", cached.version_or_none())
    now = cached.version_or_none()
    if now != seen:
        st.session_state["map_seen"] = now
        st.rerun()
