"""Limits on connections: time to receive a request, and memory for uploads.

Without them a client could keep connections open indefinitely.
"""

import asyncio

import h11
from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from lindero.app.media.pages.current.tab_memory import HEADER, TOKEN
from lindero.app.serving.streamlit_host import inside

HEADERS_S = 20.0
"""In which a request must have told its headers; a phone on a slow line tells them in two."""
BODY_S = 60.0
"""After which a request is given up that has told its headers, and nothing more of what it was to bring."""
KEEP_ALIVE_S = 150
"""
In which a connection is kept open after an answer.

A web server in front of this one keeps a connection for up to two minutes. If this server closed it first, a request
that was just being sent over it would be answered with 502.
"""


class LimitedConnection(H11Protocol):
    """An HTTP connection of uvicorn with time limits."""

    _end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Start the timer for the first request."""
        super().connection_made(transport)
        self._start_timer(HEADERS_S)

    def data_received(self, data: bytes) -> None:
        """Handle the data, and set the timer for the next part."""
        super().data_received(data)
        is_upgraded = self.transport.get_protocol() is not self  # to a WebSocket, which has timers of its own
        if not is_upgraded and self.conn.their_state is h11.SEND_BODY:
            self._start_timer(BODY_S)
        elif is_upgraded or self.conn.their_state is not h11.IDLE:
            self._cancel_timer()
        elif self._end is None:
            self._start_timer(HEADERS_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timer."""
        self._cancel_timer()
        super().connection_lost(exc)

    def _start_timer(self, seconds: float) -> None:
        self._cancel_timer()
        self._end = self.loop.call_later(seconds, self.transport.close)

    def _cancel_timer(self) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None


# The tab of a connection: its page sends it in the address, and the pages read it as a header.


class TabHeader:
    """Middleware that sets the header with the tab of a connection, and removes such a header sent by the client."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the connection."""
        if scope["type"] == "websocket":
            headers = MutableHeaders(raw=[*Headers(scope=scope).raw])
            del headers[HEADER]
            token = QueryParams(scope["query_string"]).get("tab", "")
            if TOKEN.fullmatch(token):
                headers[HEADER] = token
            scope = {**scope, "headers": headers.raw}
        await self.app(scope, receive, send)


# Uploads in the browser, limited by free memory.
#
# Streamlit limits the size of each file, but not their number.


class UploadLimits:
    """Middleware that refuses uploads without a stated size, or for which there is no room: 411, 413 or 507.

    At most `of_one` bytes are stored per session, and `of_all` for all sessions.
    """

    def __init__(self, app: ASGIApp, of_one: int, of_all: int) -> None:
        self.app, self.of_one, self.of_all = app, of_one, of_all
        self._coming: dict[object, tuple[str, int]] = {}  # uploads in progress: session and bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the request, or refuse its file."""
        if scope["type"] != "http" or scope["method"] != "PUT" or not scope["path"].startswith(inside.UPLOADS):
            return await self.app(scope, receive, send)
        session, length = (
            scope["path"].removeprefix(inside.UPLOADS).partition("/")[0],
            Headers(scope=scope).get("content-length"),
        )
        if length is None or not length.isdecimal():
            return await Response(status_code=411)(scope, receive, send)
        if refusal := self._refusal_status(session, int(length)):
            return await Response(status_code=refusal)(scope, receive, send)
        ticket = object()
        self._coming[ticket] = session, int(length)
        try:
            return await self.app(scope, receive, send)
        finally:
            del self._coming[ticket]

    def _refusal_status(self, session: str, new_bytes: int) -> int:
        """Return the status with which to refuse a file; 0 if it is accepted."""
        stored = [*inside.list_uploads(), *self._coming.values()]
        if new_bytes + sum(size for owner, size in stored if owner == session) > self.of_one:
            return 413
        return 507 if new_bytes + sum(size for _, size in stored) > self.of_all else 0
