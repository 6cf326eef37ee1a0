"""Messages for addresses of things that are not on the map: their fate, and their replacements."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from lindero.app.answers.changes import succession
from lindero.app.answers.changes.succession import SuccessionResult
from lindero.app.media.pages import links
from lindero.app.media.pages.current import open_map
from lindero.app.media.pages.error_message import show_errors
from lindero.app.text.escape import escape_markdown, format_code
from lindero.app.text.i18n import _
from lindero.layers.model.schema import LAYERS


def follow_id(id_: str, layer: str) -> SuccessionResult | None:
    """Find the present id for an earlier one; None if it is empty or the layer is unknown.

    The result is not cached, because it shows which places a reader looks at.
    """
    if not id_ or layer not in LAYERS:
        return None
    with show_errors():
        return succession.find_successor(open_map.current_map().open_cursor(), LAYERS[layer], id_)


def show_redirect(id_: str, successor: SuccessionResult | None, name: Callable[[str], str], layer: str) -> None:
    """Show what became of the id in the address, and link to its replacements."""
    st.warning(redirect_text(id_, successor))
    for replacement in successor.instead if successor else ():
        label = _("Now in the same place: {name}").format(name=escape_markdown(name(replacement)))
        st.page_link(f"media/pages/views/{links.PAGES[layer]}.py", label=label, query_params={"id": replacement})


def redirect_text(id_: str, successor: SuccessionResult | None) -> str:
    """Return a sentence on what became of the id in the address."""
    if successor is None or successor.gone_on is None:
        text = _(
            "The address of this page asks for {id}, which is not on this map. Nothing is shown in its "
            "place: choose one."
        )
        return text.format(id=format_code(id_))
    return succession.gone_text(format_code(id_), replace(successor, name=escape_markdown(successor.name)))
