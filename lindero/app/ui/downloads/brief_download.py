"""The printed brief of what a page shows, made when it is asked for."""

from collections.abc import Callable
from contextvars import copy_context

import streamlit as st

from lindero.app.current import map_layers, open_map
from lindero.app.renderers.typst_pdf import Brief, pdf
from lindero.app.text import i18n
from lindero.app.text.escape import file_name
from lindero.app.text.i18n import _
from lindero.layers.database.map_database import Connection


def offer(gathered: Callable[[Connection], Brief], name: str) -> None:
    """
    Offer a brief in the reader's language; none while the vault is open, for a brief leaves the machine.

    Parameters
    ----------
    gathered
        Gives the brief out of a connection to the map.
    name
        Of the file, without its ending.
    """
    if map_layers.private():
        st.write(_("A brief leaves this machine, so none is made while the vault is open."))
        return
    spoken = copy_context()  # the button runs in a thread of its own, which speaks no language
    plain_name = file_name(name)
    st.download_button(
        _("Download the brief (PDF, to print)"),
        lambda: spoken.copy().run(lambda: pdf(gathered(open_map.current().cursor()))),
        file_name=f"{plain_name}-{i18n.current()}.pdf",
        mime="application/pdf",
        on_click="ignore",
        key=f"brief-{plain_name}",
    )
