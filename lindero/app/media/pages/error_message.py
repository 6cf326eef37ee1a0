"""Expected errors, shown in the reader's language with advice."""

from collections.abc import Generator
from contextlib import contextmanager

import streamlit as st

from lindero.app.text.error_advice import error_text
from lindero.geo import GeoError
from lindero.layers.errors import LayerError


@contextmanager
def show_errors() -> Generator[None]:
    """Show an expected error with its advice and stop the page."""
    try:
        yield
    except (LayerError, GeoError) as error:
        st.error(error_text(error))
        st.stop()
