"""
Login, where an operator asks for it: by OpenID Connect, through Streamlit, for the pages and for every other route.

Streamlit keeps who has logged in in a signed cookie, and asks for it on its own pages alone. Here the same cookie is
asked for by the routes beside them: tiles, feeds, downloads.
"""

import json
import tomllib
from pathlib import Path

import streamlit as st
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import (
    _get_signed_cookie_with_chunks as signed_cookie,  # private: tests/test_login.py holds that it is as it was
)

from app.wording.i18n import _
from layers.errors import N_, LayerError

NEEDED = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
SHORTEST_SECRET = 32  # characters: whoever guesses it signs in as anybody

_settings: list[Path] = []  # of the login that is asked for; empty: of none


class LoginError(LayerError):
    """A file of login settings that does not hold what a login needs."""


def use(settings: Path) -> None:
    """
    Ask for a login, with the settings of a TOML file (docs/operating.md).

    Raises
    ------
    LoginError
        If the file cannot be read or lacks something; no secret of it is told.
    """
    try:
        auth = tomllib.loads(settings.read_text(encoding="utf-8")).get("auth", {})
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise LoginError(N_("{file} cannot be read as login settings"), file=settings.name) from error
    if missing := [name for name in NEEDED if not auth.get(name)]:
        raise LoginError(N_("{file} lacks {names} under [auth]"), file=settings.name, names=", ".join(missing))
    if len(str(auth["cookie_secret"])) < SHORTEST_SECRET:
        raise LoginError(
            N_("cookie_secret of {file} is shorter than {count} characters"), file=settings.name, count=SHORTEST_SECRET
        )
    _settings[:] = [settings]


def files() -> list[Path]:
    """Give the files that Streamlit takes the login's secrets from."""
    return [*_settings]


def require() -> None:
    """Stop a page for whoever has not logged in, and offer them to."""
    if not _settings:
        return
    if st.user.is_logged_in:
        st.button(_("Log out"), on_click=st.logout)
        return
    st.title("Lindero", anchor=False)
    st.write(_("Whoever runs this map asks readers to log in."))
    st.button(_("Log in"), on_click=st.login, type="primary")
    st.stop()


def is_asked_for() -> bool:
    """Tell whether readers have to log in."""
    return bool(_settings)


class SignedIn:
    """Refuses what lies under `private` paths to whoever has not logged in."""

    def __init__(self, app: ASGIApp, private: tuple[str, ...]) -> None:
        self.app, self.private = app, private

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 401."""
        if scope["type"] == "http" and scope["path"].startswith(self.private) and not is_signed_in(scope):
            return await Response(status_code=401)(scope, receive, send)
        return await self.app(scope, receive, send)


def is_signed_in(scope: Scope) -> bool:
    """Tell whether a request carries the cookie that Streamlit signed for somebody who logged in."""
    value = signed_cookie(dict(HTTPConnection(scope).cookies), USER_COOKIE_NAME)
    try:
        return bool(value and json.loads(value).get("is_logged_in") is True)
    except ValueError:
        return False
