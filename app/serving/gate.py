"""What stands before every answer where a login is asked for: sessions that begin at the login and end at *Log out*."""

import hashlib
import re
import time
from collections.abc import Callable, Mapping

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request, cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose
from streamlit.auth_util import encode_provider_token
from streamlit.web.server.starlette.starlette_server_config import AUTH_COOKIE_MAX_AGE_SECONDS, USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import (
    _get_signed_cookie_with_chunks as signed_cookie,  # private: tests/test_gate.py holds that it is as it was
)

from app.serving import log, plain
from app.wording import i18n
from app.wording.i18n import _
from layers.errors import N_

BEGIN, CALLBACK, END = "/login", "/oauth2callback", "/auth/logout"
OPEN = frozenset({"/health", BEGIN, "/auth/login", CALLBACK, END})
_COOKIES = re.compile(rf"{USER_COOKIE_NAME}(_\d+)?")  # a long one comes in parts
_NO_MORE: Message = {"type": "websocket.disconnect", "code": 1008, "reason": ""}


def routes() -> list[Route]:
    """Give the route that leads to the provider."""
    return [Route(BEGIN, _begin)]


def _begin(_request: Request) -> Response:
    return RedirectResponse(f"/auth/login?provider={encode_provider_token('default')}", status_code=302)


class Sessions:
    """
    Who is logged in: the hash of each cookie that a login has made, and until when it is good.

    Kept in memory alone: when the server stops, everybody has to log in again.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._ends: dict[bytes, float] = {}

    def begin(self, cookies: Mapping[str, str]) -> bool:
        """Take in the cookies of a login; tells whether Streamlit has signed them."""
        if signed_cookie(dict(cookies), USER_COOKIE_NAME) is None:
            return False
        self._ends[_key(cookies)] = self._now() + AUTH_COOKIE_MAX_AGE_SECONDS
        return True

    def is_open(self, cookies: Mapping[str, str]) -> bool:
        """Tell whether cookies are those of a login that has not ended."""
        return self._ends.get(_key(cookies), 0) > self._now()

    def end(self, cookies: Mapping[str, str]) -> None:
        """End the session of these cookies, wherever they are kept."""
        self._ends.pop(_key(cookies), None)


def _key(cookies: Mapping[str, str]) -> bytes:
    own = sorted(f"{name}={value}" for name, value in cookies.items() if value and _COOKIES.fullmatch(name))
    return hashlib.sha256("\n".join(own).encode()).digest()


class Gate:
    """Answers nothing but where to log in to who has no session; where readers come by TLS, cookies go by it alone."""

    def __init__(self, app: ASGIApp, *, has_tls: bool, sessions: Sessions | None = None) -> None:
        self.app, self.has_tls, self.sessions = app, has_tls, sessions or Sessions()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 401."""
        if scope["type"] not in {"http", "websocket"}:
            return await self.app(scope, receive, send)
        cookies = HTTPConnection(scope).cookies
        if scope["path"] == END:
            self.sessions.end(cookies)
        if scope["path"] not in OPEN and not self.sessions.is_open(cookies):
            return await _refusal(scope)(scope, receive, send)
        if scope["type"] == "websocket":
            return await self.app(scope, self._while_open(cookies, receive), send)
        return await self.app(scope, receive, self._with_cookies(scope["path"], send))

    def _begin(self, cookies: Mapping[str, str]) -> None:
        begun = self.sessions.begin(cookies)
        log.event(N_("Somebody has logged in.") if begun else N_("A login was refused."))

    def _while_open(self, cookies: Mapping[str, str], receive: Receive) -> Receive:
        """Hear a page for as long as its session is open."""

        async def receive_while_open() -> Message:
            message = await receive()
            return message if self.sessions.is_open(cookies) else _NO_MORE

        return receive_while_open

    def _with_cookies(self, path: str, send: Send) -> Send:
        """Begin a session with the cookies that a login makes, and keep cookies to TLS."""

        async def send_with_cookies(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                made = headers.getlist("set-cookie")
                if path == CALLBACK:
                    self._begin(cookie_parser("; ".join(one.partition(";")[0] for one in made)))
                if self.has_tls and made:
                    del headers["set-cookie"]
                    for one in made:
                        headers.append("set-cookie", one if "; secure" in one.lower() else f"{one}; Secure")
            await send(message)

        return send_with_cookies


def _refusal(scope: Scope) -> Response | WebSocketClose:
    """Refuse a request: a page says where to log in."""
    if scope["type"] == "websocket":
        return WebSocketClose(1008)
    asked = Request(scope)
    if "text/html" not in asked.headers.get("accept", ""):
        return Response(status_code=401)
    i18n.use(i18n.of_browser(asked.headers.get("accept-language", ""), asked.query_params.get("lang", "")))
    return plain.page(
        "Lindero", [_("Whoever runs this map asks readers to log in.")], [(BEGIN, _("Log in"))], status=401
    )
