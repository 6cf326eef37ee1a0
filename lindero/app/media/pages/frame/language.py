"""The reader's language: that of the browser, or the one selected on the page."""

import streamlit as st

from lindero.app.media.pages.current.spoken import KEY
from lindero.app.text import i18n


def choose_language() -> None:
    """Show controls for a language and use it for the rest of this run."""
    languages = i18n.languages()
    preferred = i18n.choose_language([st.context.locale or ""])
    chosen = st.segmented_control(
        "Idioma / Language",
        languages,
        default=preferred,
        format_func=i18n.own_name,
        key=KEY,
        bind="query-params",
        label_visibility="collapsed",
        required=True,
    )
    i18n.set_language(chosen, st.context.locale or "")
    st.html(f"<style>:root {{ --lindero-language: {chosen}; }}</style>")  # read by streamlit_host/page/voice.js
