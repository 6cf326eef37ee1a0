"""The operator's watches: list, add, change, confirm and remove, as with `lindero watch`. No address has any of it."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import streamlit as st

from lindero.app.media.pages import upload
from lindero.app.media.pages.current import open_map, rights
from lindero.app.media.pages.error_message import show_errors
from lindero.app.media.pages.upload import ReceivedFile
from lindero.app.text import i18n
from lindero.app.text.codes import translate_code
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _
from lindero.app.watch import watch_setup
from lindero.app.watch.due_messages import preview_message
from lindero.app.watch.watch_run import copy_watch
from lindero.app.watch.watch_setup import WatchDraft
from lindero.layers.watch.watches_file import (
    EMAIL,
    EVERYTHING,
    FOLDER,
    FORMS,
    FREQUENCIES,
    KINDS,
    POLYGON,
    Watch,
    needs_confirmation,
    read_watches,
    save_watch,
)
from lindero.layers.workspace.manifest_file import load_workspace
from lindero.machine.clock import local_now, local_today

_DRAFT, _SAVED = "watch-draft", "watch-saved"
_LARGEST_MB = 10  # of an own polygon


def show_watches() -> None:
    """Show the section to an operator who may accept files; show nothing to others."""
    folder = open_map.operated_workspace(rights.ACCEPT)
    if folder is None:
        return
    today = local_today()
    st.header(_("Watches"), anchor=False)
    st.write(
        _(
            "A watch tells somebody what changes on their land: every week, for example. The list is only on this "
            "computer. It is not on the map, and nothing is sent until `lindero watch --send` runs."
        )
    )
    if message := st.session_state.pop(_SAVED, ""):
        st.success(message)
    with show_errors():
        watches = read_watches(folder)
    for watch in watches:
        _show_watch(folder, watch, today)
    if not watches:
        st.info(_("There are no watches."))
    _show_form(folder, today)


def _show_watch(folder: Path, watch: Watch, today: dt.date) -> None:
    con = open_map.current_map().open_cursor()
    names = i18n.join_texts([watch_setup.area_name(con, key) for key in watch.areas])
    with st.container(border=True):
        st.markdown(f"**{escape_markdown(watch.name)}**: {escape_markdown(names)}")
        st.write(escape_markdown(watch_setup.watch_text(watch)))
        if needs_confirmation(watch, today):
            st.warning(_("This watch is over a year old. Is it still wanted?"))
            if st.button(_("Yes, keep it"), key=f"watch-keep-{watch.slug}"):
                with show_errors():
                    save_watch(folder, replace(watch, confirmed_on=today))
                _finish(_("Confirmed: {name}. Lindero asks again in a year."), watch)
        _show_preview(folder, watch, key=f"watch-preview-{watch.slug}")
        with st.popover(_("Remove")):
            st.write(_("Messages that are not sent yet are dropped."))
            if st.button(_("Remove this watch"), key=f"watch-remove-{watch.slug}"):
                with show_errors():
                    watch_setup.remove_with_messages(folder, watch)
                _finish(_("Removed: {name}."), watch)


def _show_form(folder: Path, today: dt.date) -> None:
    """Show the questions about a watch, its estimate, and the button that saves it."""
    st.subheader(_("Add a watch, or change one"), anchor=False)
    st.write(_("With the name of an existing watch you change that watch."))
    with st.form("watch", border=False):
        asked = _ask_watch(today)
        is_sent = st.form_submit_button(_("Estimate how many messages"))
    if is_sent:
        st.session_state.pop(_DRAFT, None)
        with show_errors(), st.spinner(_("Counting the changes of the last 12 months …")):
            space = load_workspace(folder)
            watch, texts, outline_file = asked
            keys = [key for area in watch_setup.list_areas(space, texts) for key in area.keys]
            if outline_file is not None:
                keys.append(POLYGON)
                with upload.temporary_file(outline_file) as path:
                    watch = replace(watch, polygon=watch_setup.read_polygon(path))
            watch = replace(watch, areas=tuple(dict.fromkeys(keys)))
            st.session_state[_DRAFT] = watch_setup.draft_watch(space, watch, today=today)
    if (draft := st.session_state.get(_DRAFT)) is not None:
        _show_draft(folder, draft)


def _ask_watch(today: dt.date) -> tuple[Watch, list[str], ReceivedFile | None]:
    """Show the questions about a watch; return it without areas, the areas as they were typed, and the own polygon."""
    name = st.text_input(_("Name of the watch"), autocomplete="off")
    areas = st.text_area(_("Areas, one per line: communities, regions, protected areas or holders"))
    outline = st.file_uploader(
        _("A file with your own polygon, such as GeoJSON, KML or a Shapefile in a ZIP."), max_upload_size=_LARGEST_MB
    )
    left, right = st.columns(2)
    frequency = left.selectbox(_("How often"), FREQUENCIES, index=1, format_func=translate_code)
    language = right.selectbox(_("Language of the messages"), i18n.languages(i18n.DIGEST), format_func=i18n.own_name)
    form = left.selectbox(_("What is sent"), FORMS, format_func=translate_code)
    address = right.text_input(
        _("Who is told (empty: only files in a folder)"), placeholder=_("e-mail address"), autocomplete="off"
    ).strip()
    kinds = st.multiselect(_("Only these changes"), KINDS, format_func=translate_code, placeholder=_("all changes"))
    channel = address if not address or "://" in address else f"{EMAIL}{address}"
    watch = Watch(name.strip(), (), "", tuple(kinds), frequency, language, channel or FOLDER, form, today, today)
    return watch, areas.splitlines(), ReceivedFile(outline.name, outline.getvalue()) if outline else None


def _show_draft(folder: Path, draft: WatchDraft) -> None:
    con = open_map.current_map().open_cursor()
    names = [watch_setup.area_name(con, key) for key in draft.watch.areas]
    st.markdown(f"**{escape_markdown(draft.watch.name)}**: {escape_markdown(i18n.join_texts(names))}")
    for text in watch_setup.draft_texts(draft):
        st.write(escape_markdown(text))
    _show_preview(folder, draft.watch, key="watch-preview")
    is_sure = EVERYTHING not in draft.watch.areas or st.checkbox(
        _("It is on everything on the map, and that is what I want."), key="watch-everything"
    )
    if st.button(_("Save this watch"), type="primary", disabled=not is_sure):
        with show_errors():
            watch_setup.save_draft(load_workspace(folder), draft)
        del st.session_state[_DRAFT]
        _finish(_("Saved: {name}."), draft.watch)


def _show_preview(folder: Path, watch: Watch, *, key: str) -> None:
    """Offer the message as it would be today. Nothing is stored or sent."""
    if not st.button(_("See the message as it would be today"), key=key):
        return
    with show_errors(), st.spinner(_("Counting the changes of the last 12 months …")):
        with copy_watch(load_workspace(folder)) as trial:
            text = preview_message(trial, watch, local_now())
        st.write(_("With the last 12 months, by the dates of the events. Nothing is sent."))
        st.container(border=True).text(text)


def _finish(template: str, watch: Watch) -> None:
    st.session_state[_SAVED] = template.format(name=escape_markdown(watch.name))
    st.rerun()
