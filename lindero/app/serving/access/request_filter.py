"""
Which requests the server answers: of whoever asks for it by a name of its own, from no page or one of its own pages.

No address is answered that no page asks for, nor what is no path.

Streamlit's own check lets in what it takes for this machine's other names, and looks those up at a service of others
when a page of elsewhere asks. So a page of elsewhere is refused before Streamlit hears of it.
"""

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from lindero.app.serving.access import log
from lindero.layers.errors import N_

LONGEST = 1_000  # characters
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LAST_PORT = 65_535
ANY = "*"  # in place of the names of the server: it answers to all
_HOST = re.compile(r"(?:(?P<name>[^\s:@/?#\[\]]+)|\[(?P<address>[0-9a-f:.]+)\])(?::(?P<port>[0-9]{1,5}))?")


class OwnPages:
    """
    Answers nothing but 400 to who asks for another host, and nothing but 403 to pages of elsewhere.

    `hosts` are the names that requests may be addressed to, so that a page of elsewhere that has its name resolve to
    this machine (DNS rebinding) reads nothing.
    """

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...]) -> None:
        self.app, self.hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] in {"http", "websocket"} and (status := self._refusal(Headers(scope=scope), scope)):
            log.event(N_("A page of elsewhere was refused, or who asked for another host."))
            refusal = Response(status_code=status) if scope["type"] == "http" else WebSocketClose(1008)
            return await refusal(scope, receive, send)
        return await self.app(scope, receive, send)

    def _refusal(self, headers: Headers, scope: Scope) -> int:
        """Give the status to refuse a request with; 0 to answer it."""
        named = headers.getlist("host")
        if len(named) != 1 or not self._is_own(named[0]):
            return 400
        return 0 if _is_of(named[0], headers) and not _is_fetched_elsewhere(headers, scope) else 403

    def _is_own(self, host: str) -> bool:
        name = _without_port(host)
        return name in self.hosts or (ANY in self.hosts and name != "")


def _is_of(host: str, headers: Headers) -> bool:
    """
    Tell whether a request comes from no page or from a page of `host`; there must be one origin at most.

    A form of a page that names itself to nobody (Referrer-Policy) has the origin `null`, as that of a sandbox has; the
    browser tells them apart by Sec-Fetch-Site, which no page can write.
    """
    origins = headers.getlist("origin")
    if origins == ["null"]:
        return headers.get("sec-fetch-site") == "same-origin"
    return not origins or (len(origins) == 1 and _host(origins[0]) == host.lower())


def _is_fetched_elsewhere(headers: Headers, scope: Scope) -> bool:
    """Tell whether a page of elsewhere loads an answer into itself, as an image or a script; a link may lead here."""
    if headers.get("sec-fetch-site", "none") in {"none", "same-origin"}:
        return False
    follows = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return not (follows and scope.get("method") in {"GET", "HEAD"})


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _without_port(host: str) -> str:
    """Give the name or address of a header Host, an IPv6 address without its brackets; empty if it is none."""
    found = _HOST.fullmatch(host.lower())
    return (found["name"] or found["address"]) if found and int(found["port"] or 0) <= _LAST_PORT else ""


class OpenPaths:
    """Answers 404 for what is `closed`, and for paths that are too long or hold what no path holds."""

    def __init__(self, app: ASGIApp, closed: tuple[str, ...]) -> None:
        self.app, self.closed = app, closed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 404."""
        if scope["type"] == "http" and not self._is_answered(scope["path"]):
            return await Response(status_code=404)(scope, receive, send)
        return await self.app(scope, receive, send)

    def _is_answered(self, path: str) -> bool:
        return len(path) <= LONGEST and not _CONTROL.search(path) and not path.startswith(self.closed)
