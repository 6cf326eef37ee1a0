"""Add data: an operator hands over a file, sees what would become of it, and accepts it into the workspace."""

import datetime as dt
from dataclasses import replace

import streamlit as st

from lindero.app.current import map_layers, open_map, rights
from lindero.app.text.error_advice import error_text
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, date
from lindero.app.ui import refused_rows, upload
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import upload_form
from lindero.app.ui.frame import page
from lindero.layers.errors import MappingError
from lindero.layers.workspace.manifest_file import load

page.head(_("Add data"))
folder = open_map.operated()
if folder is None:  # the page is not in the navigation then; this is for whoever types its address
    st.stop()
st.write(
    _(
        "Hand over a file: GeoJSON, a zipped Shapefile, GeoPackage, KML, CSV, XLSX and others. It stays on this"
        " machine. Nothing is added until you accept. Records that are not public belong in the vault."
    )
)
if "added" in st.session_state:
    st.success(st.session_state.pop("added"))
st.html(upload_form.uploader_style())
given = st.file_uploader(
    _("File (at most {most} MB)").format(most=upload.LARGEST_MB),
    max_upload_size=upload.LARGEST_MB,
    key=f"file-{st.session_state.get('files_added', 0)}",
)
options = upload_form.questions()
if given is None:
    st.info(_("Choose a file to see what would become of it."))
    if map_layers.version_or_none():
        refused_rows.table()
    st.stop()

with explained():
    space = load(folder)
handed = upload.Handed(given.name, given.getvalue())
with st.spinner(_("Reading the file …")):
    chosen = upload_form.choices(upload.plan(handed, options, space).proposals)
    plan = upload.plan(handed, options, space, chosen)
if asked := upload.asked_rows(plan):
    same, another = upload_form.same_or_another(asked, of_file=given.file_id)
    if len(same) + len(another) < len(asked):
        st.stop()
    plan = upload.plan(handed, replace(options, same=same, another=another), space, chosen)
if isinstance(plan.refusal, MappingError) and not (options.layer and options.publisher):
    st.info(_("Say above what the file holds and who published it, if its fields do not tell."))
if plan.refusal is not None:
    st.error(plain(error_text(plan.refusal)))
if plan.outline is None:
    st.stop()
upload_form.outcome(plan.outline)

if not rights.may(rights.ACCEPT):
    st.info(_("You may look at what would become of a file. To add it, ask whoever may accept."))
    st.stop()
if st.button(_("Accept: add it and build the map"), type="primary"):
    with explained(), st.spinner(_("Building the map …")):
        entry = upload.accept(handed, plan.outline, space)
        failed = upload.rebuild(space)
    if failed:
        st.error(plain(failed))
        st.stop()
    st.session_state["added"] = _("{id} of {date} is on the map.").format(
        id=plain(entry.id), date=date(dt.date.fromisoformat(entry.snapshot_on))
    )
    st.session_state["files_added"] = st.session_state.get("files_added", 0) + 1
    st.rerun()
