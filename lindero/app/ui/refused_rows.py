"""What was refused, by name; an operator accepts the likely reading of a row by a press, as `lindero accept` does."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from lindero.app.current import map_layers, open_map, rights
from lindero.app.pipeline.rows.refused_text import refused_line
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _
from lindero.app.ui import upload
from lindero.app.ui.error_message import explained
from lindero.layers.workspace import refused_rows
from lindero.layers.workspace.manifest_file import load

_ACCEPTED = "accepted"


def table() -> None:
    """List what was refused, the largest first; nothing if nothing was."""
    if said := st.session_state.pop(_ACCEPTED, ""):
        st.success(said)
    told = map_layers.refused()
    if not told:
        return
    st.header(_("Refused: on no map, though they may hold here"), anchor=False)
    st.markdown("\n".join(f"- {plain(refused_line(row))}" for row in told))
    if open_map.operated(rights.ACCEPT) is None:
        st.write(_("`lindero accept SOURCE ROW` takes the likely reading of a row; the next build keeps it."))
    else:
        _ask([row for row in told if row["geometry"] is not None])


def _ask(readable: Sequence[Mapping[Any, Any]]) -> None:
    """Let the operator choose rows whose likely reading is right, and build the map with them."""
    by_key = {f"{row['source_id']}/{row['row_number']}": row for row in readable}
    if not by_key:
        st.write(_("None of them can be read in a likely way: the source must send them anew."))
        return
    chosen = st.multiselect(
        _("Rows whose likely reading is right"), list(by_key), format_func=lambda key: refused_line(by_key[key])
    )
    if chosen and st.button(_("Accept: keep them and build the map"), type="primary"):
        with explained(), st.spinner(_("Building the map …")):
            failed = _accept([by_key[key] for key in chosen])
        if failed:
            st.error(plain(failed))
            st.stop()
        st.session_state[_ACCEPTED] = _("They are on the map: their rows tell that a reading was accepted.")
        st.rerun()


def _accept(rows: Sequence[Mapping[Any, Any]]) -> str:
    """Write into the manifest what was accepted, and build; gives what the build said if it failed."""
    folder = open_map.operated(rights.ACCEPT)
    if folder is None:  # who may not sees no button
        return ""
    space = load(folder)
    for source_id, numbers in _by_source(rows).items():
        space = refused_rows.accept(space, open_map.current().cursor(), source_id, numbers)
    return upload.rebuild(space)


def _by_source(rows: Sequence[Mapping[Any, Any]]) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(str(row["source_id"]), []).append(int(row["row_number"]))
    return found
