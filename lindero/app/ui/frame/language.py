"""The reader's language: the browser's, or what was chosen on the page."""

import streamlit as st

from lindero.app.current.spoken import KEY
from lindero.app.text import i18n

OWN_NAMES = {"es": "Español", "en": "English", "qu": "Runasimi"}


def choose() -> None:
    """Let the reader choose a language, and speak it from here on in this run."""
    languages = i18n.languages()
    preferred = i18n.choose([st.context.locale or ""])
    chosen = st.segmented_control(
        "Idioma / Language",
        languages,
        default=preferred,
        format_func=lambda code: OWN_NAMES.get(code, code),
        key=KEY,
        bind="query-params",
        label_visibility="collapsed",
        required=True,
    )
    i18n.use(chosen, st.context.locale or "")
    st.html(f"<style>:root {{ --lindero-language: {chosen}; }}</style>")  # for streamlit_host/page/voice.js
