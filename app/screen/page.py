"""What every page has: its place in the navigation, its head, and the move to a newer map when there is one."""

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from app.current import cached, served
from app.screen import follow_up
from app.wording.i18n import _, date
from app.wording.messages import explained

HERE = Path(__file__).parents[1]
ICON = HERE / "static" / "icon.png"
STYLE = HERE / "static" / "page.css"
SECONDS_BETWEEN_LOOKS = 10
_CHOSEN = "chosen: "


def pages() -> list[StreamlitPage]:
    """Give the pages, first the one that opens."""
    operators = [st.Page(HERE / "views" / "add_data.py", title=_("Add data"), url_path="add")]
    return [
        st.Page(HERE / "views" / "near_me.py", title=_("Near me"), url_path="near", default=True),
        st.Page(HERE / "views" / "community.py", title=_("Community"), url_path="community"),
        st.Page(HERE / "views" / "holder.py", title=_("Holder"), url_path="holder"),
        st.Page(HERE / "views" / "overlaps.py", title=_("Overlaps"), url_path="overlaps"),
        st.Page(HERE / "views" / "new.py", title=_("What is new"), url_path="new"),
        st.Page(HERE / "views" / "exposure.py", title=_("Exposure"), url_path="exposure"),
        st.Page(HERE / "views" / "hotspots.py", title=_("Hotspots"), url_path="hotspots"),
        st.Page(HERE / "views" / "over_time.py", title=_("Time"), url_path="time"),
        st.Page(HERE / "views" / "attacks.py", title=_("Attacks"), url_path="attacks"),
        st.Page(HERE / "views" / "case.py", title=_("Case"), url_path="case"),
        st.Page(HERE / "views" / "commitments.py", title=_("Commitments"), url_path="commitments"),
        st.Page(HERE / "views" / "browse.py", title=_("Browse"), url_path="browse"),
        st.Page(HERE / "views" / "sources.py", title=_("Sources and limits"), url_path="sources"),
        *(operators if served.operated() else []),
    ]


def head(title: str) -> None:
    """Begin a page: its title, and a banner if anything on the map is invented. Stops if there is no map."""
    st.html(STYLE)
    follow()
    with explained():
        invented = cached.invented()
    st.title(title, anchor=False)
    if cached.private():
        st.error(
            _(
                "The vault is open: this map shows restricted and confidential records. Let nobody look over your"
                " shoulder, take no screenshots, and stop the server (Ctrl+C) when you leave."
            )
        )
    if invented:
        st.warning(
            _("Invented data: this map is a demonstration. What is marked as invented is no claim about the world.")
        )


def chosen(
    label: str, options: list[str], name: Callable[[str], str], *, param: str = "id", layer: str = "", among: str = ""
) -> str:
    """
    Let the reader choose one; the choice stands in the page's address as `param`, so that a link opens it again.

    An address that names what is not there says so, and what became of it, and nothing is answered instead. `layer` is
    the layer that the options are rows of: then ids as they were lead to where they are now. `among` says what else on
    the page the options depend on: a choice that goes with another of those is given up without a word.
    """
    linked = st.query_params.get(param, "")
    found = follow_up.find(linked, layer) if linked not in options else None
    at = found.id if found and found.id in options else linked
    if at in options or not linked or _given_up(param, among):
        index = options.index(at) if at in options else 0
    else:
        index = None
    told = st.container()
    option = st.selectbox(
        label, options, index=index, format_func=name, placeholder=_("Choose one") if index is None else None
    )
    if option is None:
        with told:
            follow_up.tell(linked, found, name, layer)
        st.stop()
    if option != linked:
        st.query_params[param] = option
    st.session_state[_CHOSEN + param] = (option, among)
    return option


def _given_up(param: str, among: str) -> bool:
    """Tell whether the page's own choice stands in its address, and went with another choice than now."""
    option, before = st.session_state.get(_CHOSEN + param, (None, among))
    return bool(option == st.query_params.get(param) and before != among)


def figures(told: Mapping[str, str]) -> None:
    """State a few figures side by side, each under what it is of."""
    for column, (label, figure) in zip(st.columns(len(told)), told.items(), strict=True):
        column.metric(label, figure)


def day_of(snapshot: str) -> str:
    """Write the day of a snapshot, `ID@YYYY-MM-DD`, as the reader does."""
    return date(dt.date.fromisoformat(snapshot.rpartition("@")[2]))


def link(view: str, label: str, parameters: dict[str, str]) -> None:
    """Lead to another page, opened on what the parameters name; `view` is its file under `app/views`."""
    st.page_link(f"views/{view}.py", label=label, query_params=parameters)


def stop_if_empty() -> None:
    """Say why a map without features is empty, and stop."""
    if not cached.classes():
        st.info(_("There is nothing on this map yet: `lindero add` takes in files, `lindero build` makes the map."))
        st.stop()


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def follow() -> None:
    """Run the page again when a build has made a newer map."""
    seen = st.session_state.setdefault("map_seen", cached.version_or_none())
    now = cached.version_or_none()
    if now != seen:
        st.session_state["map_seen"] = now
        st.rerun()
