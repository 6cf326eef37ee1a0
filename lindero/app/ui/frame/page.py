"""What every page has: the door that it stands behind, its title, and the move to a newer map when there is one."""

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
from lindero.app.current import map_layers, open_map
from lindero.app.renderers import assets
from lindero.app.text.i18n import _, date
from lindero.app.ui.error_message import explained
from lindero.app.ui.frame import language, lost_address
from lindero.layers.errors import N_, LayerError

HERE = Path(__file__).parents[2]
ICON = HERE / "static" / "icon.png"
SECONDS_BETWEEN_LOOKS = 10
_CHOSEN = "chosen: "
Figures = Mapping[str, Figure]  # by what each is of


DOORS: dict[str, dict[str, tuple[str, str]]] = {  # what people come for; each with its pages, by their path:
    N_("My land"): {  # the module under `app/views`, and the title; first the page that the door opens
        "": ("near_me", N_("Near me")),
        "community": ("community", N_("Community")),
        "exposure": ("exposure", N_("Most affected communities")),
        "overlaps": ("overlaps", N_("Overlaps")),
        "holder": ("holder", N_("Companies and holders")),
    },
    N_("What is new"): {
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
        "methods": ("methods", N_("How figures are made")),
    },
}
VIEWS = {path: view for door in DOORS.values() for path, view in door.items()}
LAST_DOOR = [*DOORS][-1]
OPERATORS = {"add": ("add_data", N_("Add data"))}
MARK = assets.STATIC / "mark.svg"
HEAD, DOOR_ROW, BEHIND = "lindero-head", "lindero-doors", "lindero-behind"  # streamlit_host/page/page.css, doors.js
OPEN_DOOR = "lindero-here"


def titles(*, is_operated: bool) -> dict[str, str]:
    """Give the titles of the pages that there are, untranslated, by their path."""
    return {path: title for path, (_module, title) in (VIEWS | (OPERATORS if is_operated else {})).items()}


def title_of(title: str) -> str:
    """Give what a browser calls a page, and a screen reader says first."""
    return f"{_(title)} – Lindero"


def doors() -> dict[str, list[StreamlitPage]]:
    """Give the pages behind each door, by the door's name in the reader's language; first the page that opens."""
    every = DOORS | ({LAST_DOOR: DOORS[LAST_DOOR] | OPERATORS} if open_map.operated() else {})
    return {_(door): [_page(path, *view) for path, view in views.items()] for door, views in every.items()}


def _page(path: str, module: str, title: str) -> StreamlitPage:
    return st.Page(HERE / "views" / f"{module}.py", title=_(title), url_path=path or "near", default=not path)


def head(title: str) -> None:
    """Begin a page: its title, and what has to be known before anything on it is read. Stops if there is no map."""
    follow()
    with explained():
        map_layers.counts()
    st.title(title, anchor=False)
    if map_layers.private():
        st.error(
            _(
                "The vault is open: this map shows restricted and confidential records. Let nobody look over your"
                " shoulder, take no screenshots, and stop the server (Ctrl+C) when you leave."
            )
        )
    if open_map.behind():
        st.warning(
            _("The workspace has changed since this map was built: what is shown here is of the map before that.")
        )


def chosen(
    label: str,
    options: list[str],
    name: Callable[[str], str],
    *,
    param: str = "id",
    layer: str = "",
    among: str = "",
    told: DeltaGenerator | None = None,
) -> str:
    """
    Let the reader choose one; the choice stands in the page's address as `param`, so that a link opens it again.

    An address that names what is not there says so, and what became of it, and nothing is answered instead. `layer` is
    the layer that the options are rows of: then ids as they were lead to where they are now. `among` says what else on
    the page the options depend on: a choice that goes with another of those is given up without a word. `told` is where
    it is said: before the choice, if that is not folded.
    """
    linked = st.query_params.get(param, "")
    found = lost_address.find(linked, layer) if linked not in options else None
    at = found.id if found and found.id in options else linked
    if at in options or not linked or _given_up(param, among):
        index = options.index(at) if at in options else 0
    else:
        index = None
    told = told or st.container()
    option = st.selectbox(
        label, options, index=index, format_func=name, placeholder=_("Choose one") if index is None else None
    )
    if option is None:
        with told:
            lost_address.tell(linked, found, name, layer)
        st.stop()
    if option != linked:
        st.query_params[param] = option
    st.session_state[_CHOSEN + param] = (option, among)
    return option


def _given_up(param: str, among: str) -> bool:
    """Tell whether the page's own choice stands in its address, and went with another choice than now."""
    option, before = st.session_state.get(_CHOSEN + param, (None, among))
    return bool(option == st.query_params.get(param) and before != among)


def day_of(snapshot: str) -> str:
    """Write the day of a snapshot, `ID@YYYY-MM-DD`, as the reader does."""
    return date(dt.date.fromisoformat(snapshot.rpartition("@")[2]))


def link(view: str, label: str, parameters: dict[str, str]) -> None:
    """Lead to another page, opened on what the parameters name; `view` is its file under `app/views`."""
    st.page_link(f"views/{view}.py", label=label, query_params=parameters)


def stop_if_empty() -> None:
    """Say why a map without features is empty, and stop."""
    if not map_layers.classes():
        st.info(_("There is nothing on this map yet: `lindero add` takes in files, `lindero build` makes the map."))
        st.stop()


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def follow() -> None:
    """Run the page again when a build has made a newer map."""
    seen = st.session_state.setdefault("map_seen", map_layers.version_or_none())
    now = map_layers.version_or_none()
    if now != seen:
        st.session_state["map_seen"] = now
        st.rerun()


# The head of every page: whose map it is, of what day, in which language, and the doors to the other pages.


def begin_head() -> "st.delta_generator.DeltaGenerator":
    """Name the program, and let the reader choose a language; gives where to name the map, for whoever may see it."""
    with st.container(key=HEAD, horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f'<p class="lindero-name"><img src="{_mark()}" alt="" width="32" height="32">Lindero</p>')
        told = st.container(key=f"{HEAD}-map")
        language.choose()
    return told


def name_map(told: "st.delta_generator.DeltaGenerator") -> None:
    """Say whose map it is, of what day its data are, and whether they are invented."""
    with suppress(LayerError):  # of a damaged map the page below says what is wrong
        if map_layers.version_or_none():
            told.html(map_name())


def map_name() -> str:
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


def lead_doors(doors: dict[str, list[StreamlitPage]], shown: StreamlitPage) -> None:
    """Lead to the other doors, and to the pages behind the one that is open."""
    with st.container(key=DOOR_ROW, horizontal=True, gap=None):
        for at, (door, pages) in enumerate(doors.items()):
            is_open = shown in pages
            with st.container(key=OPEN_DOOR if is_open else f"lindero-door-{at}", width="content"):
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
