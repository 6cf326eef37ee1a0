"""What stands before every answer where a login is asked for: sessions that begin at the login and end at *Log out*."""

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

from lindero.app.current import rights
from lindero.app.current.rights import NOBODY, Person
from lindero.app.serving.access import log, plain_page
from lindero.app.serving.access.attendance import Attendance
from lindero.app.serving.access.roles import RolesFile
from lindero.app.serving.streamlit_host import inside
from lindero.app.text import i18n
from lindero.app.text.i18n import _
from lindero.layers.errors import N_
from lindero.layers.vault import journal

BEGIN = "/login"
OPEN = frozenset({"/health", BEGIN, inside.LOGIN, inside.CALLBACK, inside.LOGOUT})
_COOKIES = re.compile(rf"{inside.LOGIN_COOKIE}(_\d+)?")  # a long one comes in parts
_NO_MORE: Message = {"type": "websocket.disconnect", "code": 1008, "reason": ""}


def routes() -> list[Route]:
    """Give the route that leads to the provider."""
    return [Route(BEGIN, _begin)]


def _begin(_request: Request) -> Response:
    return RedirectResponse(inside.login_address(), status_code=302)


class Sessions:
    """
    Who is logged in: the hash of each cookie that a login has made, until when it is good, and what its login told.

    What somebody may is asked each time: roles may have changed since. Kept in memory alone: when the server stops,
    everybody has to log in again.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._open: dict[bytes, tuple[float, Mapping[str, object]]] = {}

    def begin(self, cookies: Mapping[str, str]) -> Person | None:
        """Take in the cookies of a login; gives whose they are, None if Streamlit has not signed them."""
        cookie = inside.read_login_cookie(cookies)
        if cookie is None:
            return None
        self._open[_key(cookies)] = self._now() + inside.SESSION_S, json.loads(cookie)
        return self.of(cookies)

    def of(self, cookies: Mapping[str, str]) -> Person | None:
        """Give whose cookies these are; None if they are of no login, or of one that has ended."""
        end, claims = self._open.get(_key(cookies), (0.0, {}))
        return rights.of(claims) if end > self._now() else None

    def end(self, cookies: Mapping[str, str]) -> None:
        """End the session of these cookies, wherever they are kept."""
        self._open.pop(_key(cookies), None)


def _key(cookies: Mapping[str, str]) -> bytes:
    own = sorted(f"{name}={value}" for name, value in cookies.items() if value and _COOKIES.fullmatch(name))
    return hashlib.sha256("\n".join(own).encode()).digest()


class Gate:
    """Answers nothing but where to log in to who has no session; where readers come by TLS, cookies go by it alone."""

    def __init__(
        self, app: ASGIApp, *, has_tls: bool, sessions: Sessions | None = None, roles: RolesFile | None = None
    ) -> None:
        self.app, self.has_tls, self.sessions, self._roles = app, has_tls, sessions or Sessions(), roles
        self._attendance = Attendance()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 401."""
        if scope["type"] not in {"http", "websocket"}:
            return await self.app(scope, receive, send)
        cookies = HTTPConnection(scope).cookies
        if scope["path"] == inside.LOGOUT:
            await self._end(cookies)
        person = self._asking(cookies)
        if scope["path"] not in OPEN and (person is None or _needed(scope["path"]) not in person.rights):
            return await _refusal(scope, status=401 if person is None else 403)(scope, receive, send)
        with rights.asked_by(person or NOBODY):
            if scope["type"] == "websocket":
                return await self.app(scope, self._while_same(person, cookies, receive), send)
            return await self.app(scope, receive, self._with_cookies(scope["path"], send))

    def _asking(self, cookies: Mapping[str, str]) -> Person | None:
        """Give who asks, with what they may by the roles of this moment."""
        if self._roles is not None:
            self._roles.renew()
        return self.sessions.of(cookies)

    async def _begin(self, cookies: Mapping[str, str]) -> None:
        person = self.sessions.begin(cookies)
        log.event(N_("Somebody has logged in.") if person else N_("A login was refused."))
        if person is not None:
            await asyncio.to_thread(self._attendance.note, journal.LOGIN, person)

    async def _end(self, cookies: Mapping[str, str]) -> None:
        if (person := self.sessions.of(cookies)) is not None:
            self.sessions.end(cookies)
            await asyncio.to_thread(self._attendance.note, journal.LOGOUT, person)

    def _while_same(self, person: Person | None, cookies: Mapping[str, str], receive: Receive) -> Receive:
        """Hear a page for as long as its session is open and its reader may do what they might; it then asks anew."""

        async def receive_while_same() -> Message:
            message = await receive()
            return message if person is not None and self._asking(cookies) == person else _NO_MORE

        return receive_while_same

    def _with_cookies(self, path: str, send: Send) -> Send:
        """Begin a session with the cookies that a login makes, and keep cookies to TLS."""

        async def send_with_cookies(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                made = headers.getlist("set-cookie")
                if path == inside.CALLBACK:
                    await self._begin(cookie_parser("; ".join(one.partition(";")[0] for one in made)))
                if self.has_tls and made:
                    del headers["set-cookie"]
                    for one in made:
                        headers.append("set-cookie", one if "; secure" in one.lower() else f"{one}; Secure")
            await send(message)

        return send_with_cookies


def _needed(path: str) -> str:
    """Give the right that an address needs; what else somebody may do is held by what answers there."""
    return rights.ADD if path.startswith(inside.UPLOADS) else rights.SEE


def _refusal(scope: Scope, *, status: int) -> Response | WebSocketClose:
    """Refuse a request: a page says where to log in, or that whoever has logged in has no right here."""
    if scope["type"] == "websocket":
        return WebSocketClose(1008)
    request = Request(scope)
    if "text/html" not in request.headers.get("accept", ""):
        return Response(status_code=status)
    i18n.use(i18n.of_browser(request.headers.get("accept-language", ""), request.query_params.get("lang", "")))
    if status == 403:  # noqa: PLR2004
        sentences = [
            _("You have logged in, and nobody has given you the right to see this. Ask whoever runs this map.")
        ]
        return plain_page.page("Lindero", sentences, [(inside.LOGOUT, _("Log out"))], status=status)
    return plain_page.page(
        "Lindero", [_("Whoever runs this map asks readers to log in.")], [(BEGIN, _("Log in"))], status=status
    )
