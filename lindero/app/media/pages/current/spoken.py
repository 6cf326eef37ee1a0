"""The language that the reader of a page has chosen."""

import streamlit as st

from lindero.app.text import i18n

KEY = "lang"  # also in the page's address, so that a link keeps its language


def set_reader_language() -> None:
    """Set the reader's language in a fragment, which Streamlit reruns on its own."""
    locale = st.context.locale or ""
    i18n.set_language(st.session_state.get(KEY) or i18n.choose_language([locale]), locale)
