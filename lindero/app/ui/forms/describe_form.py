"""A form with which an operator says of a source what was not said when it was added, as `lindero describe` does."""

import streamlit as st

from lindero.app.current import open_map, rights
from lindero.app.pipeline.description import describe_source
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _
from lindero.app.ui import upload
from lindero.app.ui.error_message import explained
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace, load
from lindero.layers.workspace.source_options import asked

_DESCRIBED = "described"
_ASKED = (
    *("coverage", "covers_from", "covers_to", "snapshot_on", "published_on"),
    *("publisher", "licence", "title"),
)


def describe_sources() -> None:
    """Show the form to whoever may add files; nothing to others."""
    if said := st.session_state.pop(_DESCRIBED, ""):
        st.success(said)
    folder = open_map.operated(rights.ACCEPT)
    if folder is None:
        return
    with explained():
        space = load(folder)
    if not space.sources:
        return
    st.header(_("Say more of a source"), anchor=False)
    by_name = {f"{entry.id} ({entry.snapshot_on})": entry for entry in space.sources}
    entry = by_name[st.selectbox(_("Source"), list(by_name))]
    with st.form("describe"):
        given = _asked(entry)
        is_sent = st.form_submit_button(_("Save and build the map"), type="primary")
    if is_sent:
        _save(space, entry, given)


def _asked(entry: SourceEntry) -> dict[str, str]:
    """Ask for what the manifest says of a source; return the answers by their name in the manifest."""
    key = f"{entry.id}/{entry.snapshot_on}"
    columns = st.columns(2)
    return {
        name: columns[at % 2].text_input(_(asked(name).label), _value(entry, name), key=f"{name}-{key}").strip()
        for at, name in enumerate(_ASKED)
    }


def _value(entry: SourceEntry, name: str) -> str:
    is_unstated = name == "snapshot_on" and not entry.snapshot_stated
    return "" if is_unstated else str(getattr(entry, name))


def _save(space: Workspace, entry: SourceEntry, given: dict[str, str]) -> None:
    changed = {name: value for name, value in given.items() if value != _value(entry, name)}
    if not changed:
        st.info(_("Nothing was changed."))
        return
    with explained(), st.spinner(_("Building the map …")):
        who = rights.whoever_asks().name
        # whoever opens the page may not be at this machine: no file of it may be named
        describe_source(space, entry.id, changed, snapshot_on=entry.snapshot_on, who=who, takes_files=False)
        failed = upload.rebuild(space)
    if failed:
        st.error(plain(failed))
        st.stop()
    st.session_state[_DESCRIBED] = _("{id} was changed, and the map is built.").format(id=plain(entry.id))
    st.rerun()
