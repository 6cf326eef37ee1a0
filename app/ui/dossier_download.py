"""The dossier of a community, made and signed when whoever operates the map asks for it."""

import datetime as dt
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from lindero.app.current import map_layers, open_map, rights
from lindero.app.dossier import folder, signature
from lindero.app.pipeline.consent import hold_withdrawn
from lindero.app.text.escape import file_name
from lindero.app.text.i18n import _
from lindero.app.ui.error_message import explained
from lindero.layers.vault import journal
from lindero.layers.workspace.manifest_file import load

_MADE = "dossier"


def offer(community: str, name: str) -> None:
    """
    Offer a dossier to who operates the map, in the reader's language; none while the vault is open.

    Nobody else is offered one: it is signed with the operator's key, and received files are in it.
    """
    if open_map.operated(rights.ACCEPT) is None or map_layers.private():
        return
    if not signature.usual_file().is_file():
        st.write(_("A dossier for a court is signed: `lindero keys init` makes the key, and then it is made here."))
        return
    plain_name = file_name(name)
    if st.button(_("Make the dossier (for a court, signed)"), key=f"dossier-{plain_name}"):
        with explained(), st.spinner(_("Making the dossier …")):
            st.session_state[_MADE] = (community, *_made(community, plain_name))
    of, packed, fingerprint = st.session_state.get(_MADE, ("", b"", ""))
    if of != community:
        return
    st.download_button(
        _("Download the dossier (ZIP)"),
        packed,
        file_name=f"{plain_name}.zip",
        mime="application/zip",
        on_click="ignore",
    )
    st.write(_("Look through the received files that are in it before you give it away: they are as they came."))
    told = _("Tell whoever gets it the fingerprint of your key by another way: {fingerprint}")
    st.write(told.format(fingerprint=fingerprint))


def _made(community: str, name: str) -> tuple[bytes, str]:
    """Make the dossier and pack it as one file; gives it with the fingerprint of the key that signed it."""
    workspace = open_map.operated(rights.ACCEPT)
    if workspace is None:  # who may not sees no button
        return b"", ""
    space = load(workspace)
    hold_withdrawn(space)
    key = signature.load(signature.usual_file())
    today = dt.datetime.now(dt.UTC).date()
    who = rights.whoever_asks().name
    with TemporaryDirectory() as scratch, journal.act(space.folder, journal.PUBLISHED, who=who, folder=f"{name}.zip"):
        folder.write(space, community, Path(scratch) / name, key, today=today)
        packed = shutil.make_archive(str(Path(scratch) / "packed"), "zip", scratch, name)
        return Path(packed).read_bytes(), signature.fingerprint(signature.public(key))
