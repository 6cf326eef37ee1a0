"""Refused rows by name. An operator accepts the likely reading of a row with a button, as with `lindero accept`."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from lindero.app.answers.coverage.refused_text import refused_line
from lindero.app.media.pages import upload
from lindero.app.media.pages.current import map_layers, open_map, rights
from lindero.app.media.pages.error_message import show_errors
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _
from lindero.layers.workspace import refused_rows
from lindero.layers.workspace.manifest_file import load_workspace

_ACCEPTED = "accepted"


def show_refused_rows() -> None:
    """List refused rows, the largest first; show nothing if there are none."""
    if message := st.session_state.pop(_ACCEPTED, ""):
        st.success(message)
    rows = map_layers.refused()
    if not rows:
        return
    st.header(_("Rejected: not on the map, but they may exist"), anchor=False)
    st.markdown("\n".join(f"- {escape_markdown(refused_line(row))}" for row in rows))
    if open_map.operated_workspace(rights.ACCEPT) is None:
        st.write(
            _("To accept the likely reading of a row, run `lindero accept SOURCE ROW`. The next build includes it.")
        )
    else:
        _show_acceptance_form([row for row in rows if row["geometry"] is not None])


def _show_acceptance_form(readable: Sequence[Mapping[Any, Any]]) -> None:
    """Show controls for the rows with a correct likely reading, and build the map with them."""
    by_key = {f"{row['source_id']}/{row['row_number']}": row for row in readable}
    if not by_key:
        st.write(_("None of these rows has a likely reading. Ask the source to correct them and send them again."))
        return
    chosen = st.multiselect(
        _("Rows to accept (the likely reading is correct)"),
        list(by_key),
        format_func=lambda key: refused_line(by_key[key]),
    )
    if chosen and st.button(_("Accept: keep them and build the map"), type="primary"):
        with show_errors(), st.spinner(_("Building the map …")):
            failed = _accept_rows([by_key[key] for key in chosen])
        if failed:
            st.error(escape_markdown(failed))
            st.stop()
        st.session_state[_ACCEPTED] = _("They are now on the map. Their rows note that a reading was accepted.")
        st.rerun()


def _accept_rows(rows: Sequence[Mapping[Any, Any]]) -> str:
    """Write the accepted rows into the manifest and build the map; return the error message of a failed build."""
    folder = open_map.operated_workspace(rights.ACCEPT)
    if folder is None:  # a reader without the right sees no button
        return ""
    space = load_workspace(folder)
    for source_id, numbers in _group_by_source(rows).items():
        space = refused_rows.accept_rows(space, open_map.current_map().open_cursor(), source_id, numbers)
    return upload.rebuild_map(space)


def _group_by_source(rows: Sequence[Mapping[Any, Any]]) -> Mapping[str, list[int]]:
    numbers_by_source: dict[str, list[int]] = {}
    for row in rows:
        numbers_by_source.setdefault(str(row["source_id"]), []).append(int(row["row_number"]))
    return numbers_by_source
