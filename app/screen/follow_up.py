"""What a page says of an address that names what is not on the map: what became of it, and what is there instead."""

from collections.abc import Callable

import streamlit as st

from app.analysis import succession
from app.analysis.succession import Found
from app.current import served
from app.wording.i18n import _, date
from app.wording.messages import explained
from app.wording.text import code, plain
from layers.schema import LAYERS

VIEWS = {"communities": "community", "incidents": "case"}
"""The page of one row of a layer."""


def find(given: str, layer: str) -> Found | None:
    """Follow an id to where it leads now; None if it is of no layer. Kept nowhere: it tells where somebody looks."""
    if not given or layer not in LAYERS:
        return None
    with explained():
        return succession.find(served.current().cursor(), LAYERS[layer], given)


def tell(given: str, found: Found | None, name: Callable[[str], str], layer: str) -> None:
    """Say what became of what an address names, and lead to what took its place."""
    st.warning(said(given, found))
    for instead in found.instead if found else ():
        label = _("On its ground now: {name}").format(name=plain(name(instead)))
        st.page_link(f"views/{VIEWS[layer]}.py", label=label, query_params={"id": instead})


def said(given: str, found: Found | None) -> str:
    """Say in a sentence what became of what an address names."""
    if found is None or found.gone_on is None:
        text = _("The address of this page names {id}, which is not on this map. Nothing is shown instead: choose one.")
        return text.format(id=code(given))
    text = _("{name} is no longer on the map since {date}: the file of that day does not hold it any more.")
    return text.format(name=plain(found.name) or code(given), date=date(found.gone_on))
