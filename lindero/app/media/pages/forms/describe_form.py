"""A form with which an operator completes the description of a source, as with `lindero describe`."""

import streamlit as st

from lindero.app.builder.description import describe_source
from lindero.app.media.pages import upload
from lindero.app.media.pages.current import open_map, rights
from lindero.app.media.pages.error_message import show_errors
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace, load_workspace
from lindero.layers.workspace.source_options import option_prompt

_DESCRIBED_KEY = "described"
_FORM_FIELDS = (
    *("coverage", "covers_from", "covers_to", "snapshot_on", "published_on"),
    *("publisher", "licence", "title"),
)


def describe_sources() -> None:
    """Show the form to readers who may add files; show nothing to others."""
    if message := st.session_state.pop(_DESCRIBED_KEY, ""):
        st.success(message)
    folder = open_map.operated_workspace(rights.ACCEPT)
    if folder is None:
        return
    with show_errors():
        space = load_workspace(folder)
    if not space.sources:
        return
    st.header(_("Complete the details of a source"), anchor=False)
    by_name = {f"{entry.id} ({entry.snapshot_on})": entry for entry in space.sources}
    entry = by_name[st.selectbox(_("Source"), list(by_name))]
    with st.form("describe"):
        values = _ask_values(entry)
        is_sent = st.form_submit_button(_("Save and build the map"), type="primary")
    if is_sent:
        _save_changes(space, entry, values)


def _ask_values(entry: SourceEntry) -> dict[str, str]:
    """Show controls for the manifest values of a source; return the answers by their key in the manifest."""
    key = f"{entry.id}/{entry.snapshot_on}"
    columns = st.columns(2)
    return {
        name: columns[position % 2]
        .text_input(_(option_prompt(name).label), _manifest_value(entry, name), key=f"{name}-{key}")
        .strip()
        for position, name in enumerate(_FORM_FIELDS)
    }


def _manifest_value(entry: SourceEntry, name: str) -> str:
    is_unstated = name == "snapshot_on" and not entry.snapshot_stated
    return "" if is_unstated else str(getattr(entry, name))


def _save_changes(space: Workspace, entry: SourceEntry, values: dict[str, str]) -> None:
    changed = {name: value for name, value in values.items() if value != _manifest_value(entry, name)}
    if not changed:
        st.info(_("Nothing was changed."))
        return
    with show_errors(), st.spinner(_("Building the map …")):
        person = rights.current_person().name
        # the reader may be on another machine, so files of this machine must not be named
        describe_source(space, entry.id, changed, snapshot_on=entry.snapshot_on, who=person, takes_files=False)
        failed = upload.rebuild_map(space)
    if failed:
        st.error(escape_markdown(failed))
        st.stop()
    st.session_state[_DESCRIBED_KEY] = _("The details of {id} were saved and the map was built.").format(
        id=escape_markdown(entry.id)
    )
    st.rerun()
