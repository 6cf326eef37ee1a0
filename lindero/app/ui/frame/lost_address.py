"""What a page says of an address that names what is not on the map: what became of it, and what is there instead."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from lindero.app.answers.changes import succession
from lindero.app.answers.changes.succession import Found
from lindero.app.current import open_map
from lindero.app.renderers import links
from lindero.app.text.escape import code, plain
from lindero.app.text.i18n import _
from lindero.app.ui.error_message import explained
from lindero.layers.model.schema import LAYERS


def find(given: str, layer: str) -> Found | None:
    """Follow an id to where it leads now; None if it is of no layer. Kept nowhere: it tells where somebody looks."""
    if not given or layer not in LAYERS:
        return None
    with explained():
        return succession.find(open_map.current().cursor(), LAYERS[layer], given)


def tell(given: str, found: Found | None, name: Callable[[str], str], layer: str) -> None:
    """Say what became of what an address names, and lead to what took its place."""
    st.warning(redirect_text(given, found))
    for instead in found.instead if found else ():
        label = _("On its ground now: {name}").format(name=plain(name(instead)))
        st.page_link(f"views/{links.PAGES[layer]}.py", label=label, query_params={"id": instead})


def redirect_text(given: str, found: Found | None) -> str:
    """Say in a sentence what became of what an address names."""
    if found is None or found.gone_on is None:
        text = _("The address of this page names {id}, which is not on this map. Nothing is shown instead: choose one.")
        return text.format(id=code(given))
    return succession.gone_text(code(given), replace(found, name=plain(found.name)))
