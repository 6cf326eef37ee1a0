"""Middleware that requires an open session for every request. A session lasts from the login to *Log out*."""

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request, cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from lindero.app.media.pages.current import rights
from lindero.app.media.pages.current.rights import NOBODY, Person
from lindero.app.serving.access import log, plain_page
from lindero.app.serving.access.attendance import LoginJournal
from lindero.app.serving.access.roles import RolesFile
from lindero.app.serving.streamlit_host import inside
from lindero.app.text import i18n
from lindero.app.text.i18n import _
from lindero.layers.errors import N_
from lindero.layers.vault import journal

LOGIN_PATH = "/login"
OPEN = frozenset({"/health", LOGIN_PATH, inside.LOGIN, inside.CALLBACK, inside.LOGOUT})
_COOKIES = re.compile(rf"{inside.LOGIN_COOKIE}(_\d+)?")  # a long cookie is split into parts
_POLICY_DISCONNECT: Message = {"type": "websocket.disconnect", "code": 1008, "reason": ""}


def routes() -> list[Route]:
    """Return the route that redirects to the login provider."""
    return [Route(LOGIN_PATH, _redirect_to_provider)]


def _redirect_to_provider(_request: Request) -> Response:
    return RedirectResponse(inside.login_address(), status_code=302)


class Sessions:
    """The open sessions: the hash of each login cookie, its end, and the claims of the login.

    Rights are determined at each request, because the roles may have changed. Sessions are stored in memory only: when
    the server stops, everybody must log in again.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._open: dict[bytes, tuple[float, Mapping[str, object]]] = {}

    def start(self, cookies: Mapping[str, str]) -> Person | None:
        """Open a session for the cookies of a login. Return its person, or None if Streamlit did not sign them."""
        cookie = inside.read_login_cookie(cookies)
        if cookie is None:
            return None
        self._open[_hash_cookies(cookies)] = self._now() + inside.SESSION_S, json.loads(cookie)
        return self.find_person(cookies)

    def find_person(self, cookies: Mapping[str, str]) -> Person | None:
        """Return the person of these cookies; None without a login or after its end."""
        end, claims = self._open.get(_hash_cookies(cookies), (0.0, {}))
        return rights.person_from_claims(claims) if end > self._now() else None

    def end(self, cookies: Mapping[str, str]) -> None:
        """End the session of these cookies, wherever they are stored."""
        self._open.pop(_hash_cookies(cookies), None)


def _hash_cookies(cookies: Mapping[str, str]) -> bytes:
    login_cookies = sorted(f"{name}={value}" for name, value in cookies.items() if value and _COOKIES.fullmatch(name))
    return hashlib.sha256("\n".join(login_cookies).encode()).digest()


class LoginGate:
    """Middleware that answers requests without a session only with the login.

    If readers use TLS, cookies are sent over TLS only.
    """

    def __init__(
        self, app: ASGIApp, *, has_tls: bool, sessions: Sessions | None = None, roles: RolesFile | None = None
    ) -> None:
        self.app, self.has_tls, self.sessions, self._roles = app, has_tls, sessions or Sessions(), roles
        self._attendance = LoginJournal()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the request, or refuse it with 401 (no session) or 403 (no right)."""
        if scope["type"] not in {"http", "websocket"}:
            return await self.app(scope, receive, send)
        cookies = HTTPConnection(scope).cookies
        if scope["path"] == inside.LOGOUT:
            await self._end_session(cookies)
        person = self._find_person(cookies)
        if scope["path"] not in OPEN and (person is None or _required_right(scope["path"]) not in person.rights):
            return await _build_refusal(scope, status=401 if person is None else 403)(scope, receive, send)
        with rights.use_person(person or NOBODY):
            if scope["type"] == "websocket":
                return await self.app(scope, self._limit_to_session(person, cookies, receive), send)
            return await self.app(scope, receive, self._handle_cookies(scope["path"], send))

    def _find_person(self, cookies: Mapping[str, str]) -> Person | None:
        """Return the person of the cookies, with the rights of the current roles."""
        if self._roles is not None:
            self._roles.reload()
        return self.sessions.find_person(cookies)

    async def _start_session(self, cookies: Mapping[str, str]) -> None:
        person = self.sessions.start(cookies)
        log.log_event(N_("Somebody logged in.") if person else N_("A login was refused."))
        if person is not None:
            await asyncio.to_thread(self._attendance.note, journal.LOGIN, person)

    async def _end_session(self, cookies: Mapping[str, str]) -> None:
        if (person := self.sessions.find_person(cookies)) is not None:
            self.sessions.end(cookies)
            await asyncio.to_thread(self._attendance.note, journal.LOGOUT, person)

    def _limit_to_session(self, person: Person | None, cookies: Mapping[str, str], receive: Receive) -> Receive:
        """Wrap `receive` so that a WebSocket ends with its session or when the rights of its reader change.

        The page then connects again.
        """

        async def receive_in_session() -> Message:
            message = await receive()
            return message if person is not None and self._find_person(cookies) == person else _POLICY_DISCONNECT

        return receive_in_session

    def _handle_cookies(self, path: str, send: Send) -> Send:
        """Wrap `send` to open a session for the cookies of a login, and to restrict cookies to TLS."""

        async def send_with_cookies(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                cookies = headers.getlist("set-cookie")
                if path == inside.CALLBACK:
                    await self._start_session(cookie_parser("; ".join(cookie.partition(";")[0] for cookie in cookies)))
                if self.has_tls and cookies:
                    del headers["set-cookie"]
                    for cookie in cookies:
                        headers.append("set-cookie", cookie if "; secure" in cookie.lower() else f"{cookie}; Secure")
            await send(message)

        return send_with_cookies


def _required_right(path: str) -> str:
    """Return the right that an address requires. Other rights are checked by the code that answers there."""
    return rights.ADD if path.startswith(inside.UPLOADS) else rights.SEE


def _build_refusal(scope: Scope, *, status: int) -> Response | WebSocketClose:
    """Build the response to a refused request. A page offers the login, or says that the reader lacks the right."""
    if scope["type"] == "websocket":
        return WebSocketClose(1008)
    request = Request(scope)
    if "text/html" not in request.headers.get("accept", ""):
        return Response(status_code=status)
    i18n.set_language(
        i18n.choose_browser_language(request.headers.get("accept-language", ""), request.query_params.get("lang", ""))
    )
    if status == 403:  # noqa: PLR2004
        sentences = [_("You are logged in, but nobody has given you the right to see this. Ask whoever runs this map.")]
        return plain_page.render_page("Lindero", sentences, [(inside.LOGOUT, _("Log out"))], status=status)
    return plain_page.render_page(
        "Lindero", [_("You need to log in to see this map.")], [(LOGIN_PATH, _("Log in"))], status=status
    )
