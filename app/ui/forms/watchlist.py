"""A reader's own list on the page *What is new*: in the page's address, and nowhere on the server."""

from collections.abc import Sequence
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.answers.changes import watchlist
from lindero.app.answers.changes.register_changes import ChangeReport
from lindero.app.answers.changes.watchlist import Watched
from lindero.app.current import cached_answers, open_map
from lindero.app.text import i18n
from lindero.app.text.escape import code, plain
from lindero.app.text.i18n import _, date
from lindero.app.ui.error_message import explained
from lindero.app.ui.frame import succession

KEY = "watch"


def ask(told: DeltaGenerator) -> list[Watched]:
    """
    Let the reader choose communities and regions to watch; the choice stands in the page's address.

    `told` is where it is said what became of places that are on the map no longer.
    """
    with explained():
        known = cached_answers.watchable()
    asked = {key: key if key in known else _led(key, told) for key in st.query_params.get_all(KEY)}
    st.session_state.setdefault(KEY, list(dict.fromkeys(key for key in asked.values() if key in known)))
    keys = st.multiselect(
        _("My list: communities and regions to watch"),
        list(known),
        format_func=lambda key: name(known[key]),
        placeholder=_("All"),
        key=KEY,
        on_change=_write,
    )
    if keys:
        st.write(
            _(
                "Your list is in this page's address: keep it as a bookmark, and it opens as it is now. It tells where "
                "you look, so keep it to yourself: nothing of it is kept on the server."
            )
        )
    if not keys and asked:  # a list of which nothing is left is not the whole country
        told.button(_("Show all changes"), on_click=st.query_params.clear)
        st.stop()
    return [known[key] for key in keys]


def _led(key: str, told: DeltaGenerator) -> str:
    """Follow a key of the reader's own address; say what became of it where it leads nowhere."""
    led, found = watchlist.led(open_map.current().cursor(), key)
    if not led:
        told.warning(_("On your list: {said}").format(said=succession.said(key, found)))
    return led


def _write() -> None:
    st.query_params[KEY] = st.session_state[KEY]


def on_list(report: ChangeReport, watched: Sequence[Watched]) -> npt.NDArray[np.bool_]:
    """Tell which changes concern the reader's list; all, if it is empty."""
    return watchlist.concerning(report, watched) if watched else np.ones(len(report.rows), dtype=bool)


def feeds(watched: Sequence[Watched]) -> None:
    """Offer a feed of each of the reader's list, so that nobody has to remember to look."""
    if not watched:
        return
    st.header(_("To be told of what is new"), anchor=False)
    st.write(_("A feed reader on this machine that is given one of these addresses shows each change once:"))
    links = (f"- [{plain(name(each))}](feed/{quote(each.key)}.atom?lang={i18n.current()})" for each in watched)
    st.markdown("\n".join(links))


def nothing_to_compare() -> None:
    """Say why nothing can be compared: no register of the map has two snapshots."""
    st.info(
        _(
            "Nothing can be compared yet: this map holds one snapshot of each register. When a later file of the same "
            "register has come, add it with `lindero add FILE --id ID --snapshot-on DATE` and build again."
        )
    )
    with explained():
        known = cached_answers.registers()
    if known:
        one = _("{title}: one snapshot, of {date}, called {id}")
        told = (
            one.format(title=plain(each.title), date=date(each.snapshots[-1].snapshot_on), id=code(each.source_id))
            for each in known
        )
        st.markdown("\n".join(f"- {line}" for line in told))


def name(watched: Watched) -> str:
    """Name a community, or a region, which is said to be one."""
    return _("{name} (region)").format(name=watched.name) if watched.is_region else watched.name
