"""The printable brief of a page, written when it is requested."""

from collections.abc import Callable
from contextvars import copy_context

import streamlit as st

from lindero.app.media.pages.current import map_layers, open_map
from lindero.app.media.paper.typst_pdf import Brief, render_pdf
from lindero.app.text import i18n
from lindero.app.text.escape import to_file_name
from lindero.app.text.i18n import _
from lindero.layers.database.map_database import Connection


def offer_brief(build_brief: Callable[[Connection], Brief], name: str) -> None:
    """Offer a brief in the reader's language.

    None is offered while the vault is open, because a brief leaves the machine.
    """
    if map_layers.is_private():
        st.write(_("A brief leaves this computer, so you cannot download one while the vault is open."))
        return
    spoken = copy_context()  # the button runs in another thread, in which no language is set
    plain_name = to_file_name(name)
    st.download_button(
        _("Download the brief (PDF, to print)"),
        lambda: spoken.copy().run(lambda: render_pdf(build_brief(open_map.current_map().open_cursor()))),
        file_name=f"{plain_name}-{i18n.current_language()}.pdf",
        mime="application/pdf",
        on_click="ignore",
        key=f"brief-{plain_name}",
    )
