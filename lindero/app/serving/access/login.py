"""Login with OpenID Connect, through Streamlit, for everything that the server answers, if the operator requires it.

Streamlit signs a cookie for each login, which is valid for 30 days on any machine, and checks it on its own pages only.
Here every request needs a session that is still open (`app.serving.access.login_gate`), including WebSockets.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from lindero.app.media.pages.forms import position_form
from lindero.app.text.i18n import _
from lindero.layers.errors import N_, LayerError

REQUIRED_SETTINGS = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
SHORTEST_SECRET = 32  # characters: anyone who guesses the secret can log in as anybody


@dataclass(frozen=True)
class LoginSettings:
    """The settings of a required login: their file, the host by which readers reach the map, and whether by TLS."""

    file: Path
    has_tls: bool
    host: str = ""


_current: list[LoginSettings] = []  # empty if no login is required


class LoginError(LayerError):
    """A file of login settings is invalid."""


def use_settings(settings: Path) -> None:
    """Require a login, with the settings of a TOML file (docs/operating.md)."""
    try:
        auth = tomllib.loads(settings.read_text(encoding="utf-8")).get("auth", {})
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise LoginError(N_("{file} could not be read as login settings (TOML)"), file=settings.name) from error
    if missing := [name for name in REQUIRED_SETTINGS if not auth.get(name)]:
        raise LoginError(N_("missing under [auth] in {file}: {names}"), file=settings.name, names=", ".join(missing))
    if len(str(auth["cookie_secret"])) < SHORTEST_SECRET:
        raise LoginError(
            N_("cookie_secret in {file} is shorter than {count} characters; make it longer"),
            file=settings.name,
            count=SHORTEST_SECRET,
        )
    _current[:] = [_parse_settings(settings, str(auth["redirect_uri"]))]


def _parse_settings(settings: Path, redirect_uri: str) -> LoginSettings:
    try:
        address = urlsplit(redirect_uri)
        return LoginSettings(settings, has_tls=address.scheme.lower() == "https", host=(address.hostname or "").lower())
    except ValueError as error:
        raise LoginError(N_("redirect_uri in {file} is not a URL"), file=settings.name) from error


def current_settings() -> LoginSettings | None:
    """Return the settings of the required login; None if no login is required."""
    return _current[0] if _current else None


def require_login() -> None:
    """Stop a page for readers who are not logged in, and offer the others to log out."""
    if not _current:
        return
    if st.user.is_logged_in:
        st.button(_("Log out"), on_click=_log_out)
        return
    st.title("Lindero", anchor=False)
    st.write(_("You need to log in to see this map."))
    st.button(_("Log in"), on_click=st.login, type="primary")
    st.stop()


def _log_out() -> None:
    position_form.delete_question()  # the next person to log in in this tab is somebody else
    st.logout()
