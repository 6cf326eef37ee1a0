"""The pocket map of a community or region, built when the operator of the map requests it."""

import streamlit as st

from lindero.app.builder.consent import check_no_withdrawn
from lindero.app.media.pages.current import map_layers, open_map, rights
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.phone.about import Subject
from lindero.app.media.site.pack import create_pack
from lindero.app.text.i18n import _, format_number
from lindero.layers.vault import journal
from lindero.layers.workspace.manifest_file import load_workspace
from lindero.machine.clock import local_today

_PACK_KEY = "pack"


def offer_pocket_map(subject: Subject, area_id: str) -> None:
    """Offer a pocket map to the operator of the map; offer none while the vault is open.

    Other readers are told who can make one: a pocket map is a publication, built from the workspace under the rules for
    publications.
    """
    if map_layers.is_private():
        return
    if open_map.operated_workspace(rights.ACCEPT) is None:
        st.write(_("A map for a phone without internet: the people who run this map can make it. Ask them for it."))
        return
    if st.button(_("Make the pocket map (one file, for a phone without internet)"), key=f"pack-{subject}-{area_id}"):
        with show_errors(), st.spinner(_("Making the pocket map …")):
            st.session_state[_PACK_KEY] = (area_id, *_build_pocket_map(subject, area_id))
    made_of, html, name = st.session_state.get(_PACK_KEY, ("", "", ""))
    if made_of != area_id:
        return
    size = format_number(len(html.encode()) / 1000)
    st.download_button(
        _("Download the pocket map ({kb} kB)").format(kb=size),
        html,
        file_name=name,
        mime="text/html",
        on_click="ignore",
    )
    st.write(
        _(
            "It contains the same as a publication without the vault. You can open it from a message, an "
            "SD card or a USB stick."
        )
    )


def _build_pocket_map(subject: Subject, area_id: str) -> tuple[str, str]:
    """Build the pocket map and return its HTML and file name."""
    workspace = open_map.operated_workspace(rights.ACCEPT)
    if workspace is None:  # a reader without the right sees no button
        return "", ""
    space = load_workspace(workspace)
    check_no_withdrawn(space)
    with journal.record_action(space.folder, journal.PUBLISHED, who=rights.current_person().name, folder=area_id):
        pocket_map = create_pack(space, subject, area_id, today=local_today())
    return pocket_map.html, pocket_map.file_name
