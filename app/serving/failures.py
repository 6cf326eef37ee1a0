"""What a reader is told when a page fails that should not: in their language, and nothing of the program's insides."""

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response

from lindero.app.current import open_map
from lindero.app.text.error_advice import said
from lindero.app.text.i18n import _
from lindero.app.ui.frame import language
from lindero.layers.database import integrity
from lindero.layers.errors import NotBuiltError


def told(error: Exception) -> bool:
    """Say on a page that it failed; tells Streamlit that nothing more is to be said."""
    language.speak()
    st.error(_sentence(error))
    return True


def _sentence(error: Exception) -> str:
    if isinstance(error, integrity.DAMAGE):
        try:
            return said(integrity.damaged(open_map.current().path))
        except NotBuiltError as gone:
            return said(gone)
    return _(
        "This part of the page failed. Whoever runs this map finds where in the server's log. The map is as it was."
    )


def damage(_request: Request, _error: Exception) -> Response:
    """Answer for a tile or a feed of a damaged map."""
    return Response(status_code=503)
