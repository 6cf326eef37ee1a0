"""The pocket map of a community or a region, made when whoever operates the map asks for it."""

import datetime as dt

import streamlit as st

from lindero.app.current import map_layers, open_map, rights
from lindero.app.pipeline.consent import hold_withdrawn
from lindero.app.products.pocket.about import Subject
from lindero.app.products.publication.pack import pack
from lindero.app.text.i18n import _, number
from lindero.app.ui.error_message import explained
from lindero.layers.vault import journal
from lindero.layers.workspace.manifest_file import load

_MADE = "pack"


def offer(subject: Subject, of: str) -> None:
    """
    Offer a pocket map to who operates the map; none while the vault is open.

    Nobody else is offered one: a pack is a publication, made from the workspace by the rules of one.
    """
    if open_map.operated(rights.ACCEPT) is None or map_layers.private():
        return
    if st.button(_("Make the pocket map (one file, for a phone without a network)"), key=f"pack-{subject}-{of}"):
        with explained(), st.spinner(_("Making the pocket map …")):
            st.session_state[_MADE] = (of, *_made(subject, of))
    made_of, html, name = st.session_state.get(_MADE, ("", "", ""))
    if made_of != of:
        return
    size = number(len(html.encode()) / 1000)
    st.download_button(
        _("Download the pocket map ({kb} kB)").format(kb=size),
        html,
        file_name=name,
        mime="text/html",
        on_click="ignore",
    )
    st.write(
        _(
            "It holds what a publication without the vault would hold, and opens from a message, an SD card or a USB "
            "stick."
        )
    )


def _made(subject: Subject, of: str) -> tuple[str, str]:
    """Make the page and name its file."""
    workspace = open_map.operated(rights.ACCEPT)
    if workspace is None:  # who may not sees no button
        return "", ""
    space = load(workspace)
    hold_withdrawn(space)
    with journal.act(space.folder, journal.PUBLISHED, who=rights.whoever_asks().name, folder=of):
        made = pack(space, subject, of, today=dt.datetime.now(dt.UTC).date())
    return made.html, made.file_name
