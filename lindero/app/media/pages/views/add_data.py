"""Add data: an operator uploads a file, reviews the result, and accepts it into the workspace."""

import datetime as dt
from dataclasses import replace
from functools import partial

import streamlit as st

from lindero.app.media.pages import refused_rows, upload
from lindero.app.media.pages.current import map_layers, open_map, rights
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.forms import upload_form, watch_form
from lindero.app.media.pages.frame import page
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _, format_long_date
from lindero.layers.workspace.manifest_file import load_workspace

page.show_head(_("Add data"))
folder = open_map.operated_workspace()
if folder is None:  # the page is then not in the navigation, but its address can be typed
    st.stop()
st.write(
    _(
        "Choose a file: GeoJSON, zipped Shapefile, GeoPackage, KML, CSV, XLSX or others. It stays on "
        "this computer, and nothing is added until you accept. Records that are not public belong in the vault."
    )
)
if "added" in st.session_state:
    st.success(st.session_state.pop("added"))
st.html(upload_form.uploader_style())
uploaded_file = st.file_uploader(
    _("File (at most {most} MB)").format(most=upload.LARGEST_MB),
    max_upload_size=upload.LARGEST_MB,
    key=f"file-{st.session_state.get('files_added', 0)}",
)
options = upload_form.ask_options()
if uploaded_file is None:
    st.info(_("Choose a file to see a preview."))
    if map_layers.version_or_none():
        refused_rows.show_refused_rows()
        watch_form.show_watches()
    st.stop()

with show_errors():
    space = load_workspace(folder)
received_file = upload.ReceivedFile(uploaded_file.name, uploaded_file.getvalue())
with st.spinner(_("Reading the file …")):
    chosen = upload_form.ask_proposals(upload.plan_upload(received_file, options, space).proposals)
    plan = upload.plan_upload(received_file, options, space, chosen)
if asked := upload.undecided_rows(plan):
    same, another = upload_form.ask_withdrawn_rows(asked, of_file=uploaded_file.file_id)
    if len(same) + len(another) < len(asked):
        st.stop()
    options = replace(options, same=same, another=another)
    plan = upload.plan_upload(received_file, options, space, chosen)
plan_again = partial(upload.plan_upload, received_file, space=space, chosen=chosen)
plan = upload_form.complete_plan(plan, options, plan_again, of_file=uploaded_file.file_id)
if plan.outline is None:
    st.stop()
upload_form.show_outcome(plan.outline)

if not rights.has_right(rights.ACCEPT):
    st.info(_("You can preview a file here. To add it, ask a person who is allowed to accept files."))
    st.stop()
doubt = plan.outline.doubt
is_doubted = bool(doubt[0]) and not upload_form.ask_doubt(doubt, of_file=uploaded_file.file_id)
if st.button(_("Accept: add it and build the map"), type="primary", disabled=is_doubted):
    with show_errors(), st.spinner(_("Building the map …")):
        entry = upload.accept_upload(received_file, plan.outline, space)
        failed = upload.rebuild_map(space)
    if failed:
        st.error(escape_markdown(failed))
        st.stop()
    st.session_state["added"] = _("{id} of {date} is on the map.").format(
        id=escape_markdown(entry.id), date=format_long_date(dt.date.fromisoformat(entry.snapshot_on))
    )
    st.session_state["files_added"] = st.session_state.get("files_added", 0) + 1
    st.rerun()
