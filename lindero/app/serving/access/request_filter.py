"""Filter of requests by host name, origin and path.

A request must be for one of the server's host names, and come from no page or from one of its own pages. Invalid and
unused paths are refused, too.

Streamlit's own check accepts what it takes for other names of this machine. It looks these up at an external service
when a foreign page sends a request. Such requests are therefore refused before they reach Streamlit.
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
ANY = "*"  # instead of host names: every host is accepted
_HOST = re.compile(r"(?:(?P<name>[^\s:@/?#\[\]]+)|\[(?P<address>[0-9a-f:.]+)\])(?::(?P<port>[0-9]{1,5}))?")


class OriginFilter:
    """Middleware that answers 400 to requests for a foreign host, and 403 to requests from foreign pages.

    `hosts` are the accepted host names. This prevents DNS rebinding, in which a foreign page resolves its own name to
    this machine.
    """

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...]) -> None:
        self.app, self.hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the request, or refuse it."""
        if scope["type"] in {"http", "websocket"} and (status := self._refusal_status(Headers(scope=scope), scope)):
            log.log_event(N_("A request from a foreign page or for another host was refused."))
            refusal = Response(status_code=status) if scope["type"] == "http" else WebSocketClose(1008)
            return await refusal(scope, receive, send)
        return await self.app(scope, receive, send)

    def _refusal_status(self, headers: Headers, scope: Scope) -> int:
        """Return the status with which to refuse a request; 0 if it is accepted."""
        host_headers = headers.getlist("host")
        if len(host_headers) != 1 or not self._is_accepted_host(host_headers[0]):
            return 400
        return 0 if _is_same_origin(host_headers[0], headers) and not _is_cross_site_load(headers, scope) else 403

    def _is_accepted_host(self, host: str) -> bool:
        name = _remove_port(host)
        return name in self.hosts or (ANY in self.hosts and name != "")


def _is_same_origin(host: str, headers: Headers) -> bool:
    """Return whether a request comes from no page or from a page of `host`.

    A form on a page with the Referrer-Policy no-referrer has the origin `null`, like a sandboxed page. The header
    Sec-Fetch-Site, which no page can set, tells them apart.
    """
    origins = headers.getlist("origin")
    if origins == ["null"]:
        return headers.get("sec-fetch-site") == "same-origin"
    return not origins or (len(origins) == 1 and _origin_host(origins[0]) == host.lower())


def _is_cross_site_load(headers: Headers, scope: Scope) -> bool:
    """Return whether a foreign page loads the response as an image or script. A link to this server is accepted."""
    if headers.get("sec-fetch-site", "none") in {"none", "same-origin"}:
        return False
    is_navigation = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return not (is_navigation and scope.get("method") in {"GET", "HEAD"})


def _origin_host(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _remove_port(host: str) -> str:
    """Return the name or address in a Host header, an IPv6 address without brackets; empty if it is invalid."""
    match = _HOST.fullmatch(host.lower())
    return (match["name"] or match["address"]) if match and int(match["port"] or 0) <= _LAST_PORT else ""


class PathFilter:
    """Middleware that answers 404 to `closed` paths, and to paths that are too long or contain control characters."""

    def __init__(self, app: ASGIApp, closed: tuple[str, ...]) -> None:
        self.app, self.closed = app, closed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the request, or answer 404."""
        if scope["type"] == "http" and not self._is_accepted(scope["path"]):
            return await Response(status_code=404)(scope, receive, send)
        return await self.app(scope, receive, send)

    def _is_accepted(self, path: str) -> bool:
        return len(path) <= LONGEST and not _CONTROL.search(path) and not path.startswith(self.closed)
