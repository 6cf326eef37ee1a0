"""The common parts of pages: navigation, header, title, choices, and the reload when there is a newer map."""

import datetime as dt
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from html import escape
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage

from lindero.app.answers.answer import Figure
from lindero.app.answers.far import FAR
from lindero.app.media.pages.current import map_layers, open_map
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.frame import language, lost_address
from lindero.app.media.text import assets
from lindero.app.text.i18n import _, format_long_date
from lindero.layers.errors import N_, LayerError

PAGES_FOLDER = Path(__file__).parents[1]
ICON = PAGES_FOLDER.parents[1] / "static" / "icon.png"
SECONDS_BETWEEN_LOOKS = 10
_CHOICE_PREFIX = "chosen: "
Figures = Mapping[str, Figure]  # by label


DOORS: dict[str, dict[str, tuple[str, str]]] = {  # groups of pages by question; each has its pages by path:
    N_("My land"): {  # the module in `views`, and the title; the first page is the one that the door opens
        "": ("near_me", N_("Near me")),
        "community": ("community", N_("Community")),
        "exposure": ("exposure", N_("Most affected communities")),
        "overlaps": ("overlaps", N_("Overlaps")),
        "far": ("far", FAR.title),
        "holder": ("holder", N_("Companies and holders")),
    },
    N_("Changes"): {
        "new": ("new", N_("Latest changes")),
        "time": ("over_time", N_("Time")),
    },
    N_("Attacks and protection"): {
        "attacks": ("attacks", N_("Attacks")),
        "protection": ("protection", N_("Where is protection missing?")),
        "case": ("case", N_("Case")),
        "hotspots": ("hotspots", N_("Hotspots")),
        "commitments": ("commitments", N_("Commitments")),
        "browse": ("browse", N_("By region")),
    },
    N_("Data and methods"): {
        "sources": ("sources", N_("Sources and limits")),
        "methods": ("methods", N_("How figures are computed")),
    },
}
VIEWS = {path: view for door in DOORS.values() for path, view in door.items()}
LAST_DOOR = [*DOORS][-1]
OPERATORS = {"add": ("add_data", N_("Add data"))}
MARK = assets.STATIC / "mark.svg"
HEAD, DOOR_ROW, BEHIND = "lindero-head", "lindero-doors", "lindero-behind"  # streamlit_host/page/page.css, doors.js
OPEN_DOOR = "lindero-here"


def page_titles(*, is_operated: bool) -> dict[str, str]:
    """Return the untranslated titles of the available pages by path."""
    return {path: title for path, (_module, title) in (VIEWS | (OPERATORS if is_operated else {})).items()}


def window_title(title: str) -> str:
    """Return the title of the browser window, which screen readers announce first."""
    return f"{_(title)} – Lindero"


def list_doors() -> dict[str, list[StreamlitPage]]:
    """Return the pages of each navigation group by the group's translated name; the group's first page comes first."""
    groups = DOORS | ({LAST_DOOR: DOORS[LAST_DOOR] | OPERATORS} if open_map.operated_workspace() else {})
    return {_(door): [_build_page(path, *view) for path, view in views.items()] for door, views in groups.items()}


def _build_page(path: str, module: str, title: str) -> StreamlitPage:
    return st.Page(PAGES_FOLDER / "views" / f"{module}.py", title=_(title), url_path=path or "near", default=not path)


def show_head(title: str) -> None:
    """Show the title of a page and the warnings that apply to all of it. Stop the page if there is no map."""
    rerun_on_new_map()
    with show_errors():
        map_layers.counts()
    st.title(title, anchor=False)
    if map_layers.is_private():
        st.error(
            _(
                "The vault is open: this map shows restricted and confidential records. Do not let "
                "anyone see your screen, do not take screenshots, and stop the server (Ctrl+C) when you "
                "leave."
            )
        )
    if open_map.is_behind():
        st.warning(_("The workspace has changed since this map was built. You see the map from before the change."))


def select_option(
    label: str,
    options: list[str],
    name: Callable[[str], str],
    *,
    param: str = "id",
    layer: str = "",
    among: str = "",
    first: str = "",
    container: DeltaGenerator | None = None,
) -> str:
    """Show controls for one option. It is kept in the page address as `param`, so that a link opens it again.

    If the address contains an option that is not on the map, a message says what became of it, and the page stops.
    `layer` is the layer of the options: ids of earlier builds are then resolved to present ones. `among` identifies the
    other choices that the options depend on. An option selected under another value of `among` is dropped without a
    message. `first` is selected if the address contains none. `container` is the place for the message; by default it
    is shown before the choice.
    """
    linked = st.query_params.get(param, "")
    successor = lost_address.follow_id(linked, layer) if linked not in options else None
    selected = successor.id if successor and successor.id in options else linked or first
    if selected in options or not linked or _is_superseded(param, among):
        index = options.index(selected) if selected in options else 0
    else:
        index = None
    container = container or st.container()
    option = st.selectbox(
        label, options, index=index, format_func=name, placeholder=_("Choose one") if index is None else None
    )
    if option is None:
        with container:
            lost_address.show_redirect(linked, successor, name, layer)
        st.stop()
    if option != linked:
        st.query_params[param] = option
    st.session_state[_CHOICE_PREFIX + param] = (option, among)
    return option


def _is_superseded(param: str, among: str) -> bool:
    """Return whether the option in the address was selected on this page under another value of `among`."""
    option, before = st.session_state.get(_CHOICE_PREFIX + param, (None, among))
    return bool(option == st.query_params.get(param) and before != among)


def format_snapshot_date(snapshot: str) -> str:
    """Format the date of a snapshot, `ID@YYYY-MM-DD`, in the reader's language."""
    return format_long_date(dt.date.fromisoformat(snapshot.rpartition("@")[2]))


def link_page(view: str, label: str, parameters: dict[str, str]) -> None:
    """Show a link to another page with query parameters; `view` is its file under `app/media/pages/views`."""
    st.page_link(f"media/pages/views/{view}.py", label=label, query_params=parameters)


def stop_if_empty() -> None:
    """Show a message and stop the page if the map has no features."""
    if not map_layers.classes():
        st.info(_("This map is still empty. Add files with `lindero add`, then build the map with `lindero build`."))
        st.stop()


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def rerun_on_new_map() -> None:
    """Run the page again when a build has written a newer map."""
    shown = st.session_state.setdefault("map_seen", map_layers.version_or_none())
    current = map_layers.version_or_none()
    if current != shown:
        st.session_state["map_seen"] = current
        st.rerun()


# The head of every page: the map's name and date, the language switch, and the doors to the other pages.


def draw_header() -> "st.delta_generator.DeltaGenerator":
    """Draw the header with the program name and the language switch. Return the placeholder for the map's name."""
    with st.container(key=HEAD, horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<p class="lindero-name"><img src="{_mark_url()}" alt="" width="32" height="32">Lindero</p>')
        placeholder = st.container(key=f"{HEAD}-map")
        language.choose_language()
    return placeholder


def show_map_name(placeholder: "st.delta_generator.DeltaGenerator") -> None:
    """Show the name of the map, the date of its data, and whether they are invented."""
    with suppress(LayerError):  # the page below explains a damaged map
        if map_layers.version_or_none():
            placeholder.html(map_name_html())


def map_name_html() -> str:
    """Return the name of the map as HTML, with a mark if anything is invented. Each figure states its own dates."""
    is_invented = map_layers.has_invented_data()
    parts = [("strong", "", open_map.title() or (_("Demonstration map") if is_invented else ""))]
    if is_invented:
        parts.append(("span", ' class="lindero-invented"', _("Invented data: a demonstration")))
    elements = (f"<{tag}{attributes}>{escape(text)}</{tag}>" for tag, attributes, text in parts if text)
    return f'<p class="lindero-map">{"".join(elements)}</p>'


def show_door_links(doors: dict[str, list[StreamlitPage]], shown: StreamlitPage) -> None:
    """Show links to the navigation groups and to the pages of the open group."""
    with st.container(key=DOOR_ROW, horizontal=True, gap=None):
        for position, (door, pages) in enumerate(doors.items()):
            is_open = shown in pages
            with st.container(key=OPEN_DOOR if is_open else f"lindero-door-{position}", width="content"):
                st.page_link(pages[0], label=door)
    siblings = next(pages for pages in doors.values() if shown in pages)
    if len(siblings) > 1:
        with st.container(key=BEHIND, horizontal=True, gap=None):
            for entry in siblings:
                st.page_link(entry, width="content")


@cache
def _mark_url() -> str:
    return f"data:image/svg+xml;base64,{b64encode(MARK.read_bytes()).decode()}"
