"""
Login, where an operator asks for it: by OpenID Connect, through Streamlit, for all that the server answers.

Streamlit signs a cookie for who has logged in, which stays good for 30 days wherever it is kept, and asks for it on its
own pages alone. Here nothing answers without a session that is still open (`app.serving.access.login_gate`), also no
WebSocket.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from lindero.app.text.i18n import _
from lindero.app.ui.forms import position_form
from lindero.layers.errors import N_, LayerError

NEEDED = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
SHORTEST_SECRET = 32  # characters: whoever guesses it signs in as anybody


@dataclass(frozen=True)
class Login:
    """A login that is asked for: where its settings stand, by which name readers reach the map, and whether by TLS."""

    file: Path
    has_tls: bool
    host: str = ""


_current: list[Login] = []  # empty: of nobody


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
    _current[:] = [_login(settings, str(auth["redirect_uri"]))]


def _login(settings: Path, redirect_uri: str) -> Login:
    try:
        address = urlsplit(redirect_uri)
        return Login(settings, has_tls=address.scheme.lower() == "https", host=(address.hostname or "").lower())
    except ValueError as error:
        raise LoginError(N_("redirect_uri of {file} is no address"), file=settings.name) from error


def current() -> Login | None:
    """Give the login that is asked for; None if nobody is asked."""
    return _current[0] if _current else None


def require() -> None:
    """Stop a page for whoever Streamlit does not know to have logged in, and offer to log out to who has."""
    if not _current:
        return
    if st.user.is_logged_in:
        st.button(_("Log out"), on_click=_log_out)
        return
    st.title("Lindero", anchor=False)
    st.write(_("Whoever runs this map asks readers to log in."))
    st.button(_("Log in"), on_click=st.login, type="primary")
    st.stop()


def _log_out() -> None:
    position_form.forget()  # whoever logs in next in this tab is somebody else
    st.logout()
