"""Connections that are closed when what was begun on them does not go on: else anybody could hold them for good."""

import asyncio

import h11
from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from lindero.app.current.tab_memory import HEADER, TOKEN
from lindero.app.serving.streamlit_host import inside

HEADERS_S = 20.0
"""In which a request must have told its headers; a phone on a slow line tells them in two."""
BODY_S = 60.0
"""After which a request is given up that has told its headers, and nothing more of what it was to bring."""
LARGEST_BYTES = 2 * 1024**2  # a page's state is some kilobytes
NO_MESSAGE: Message = {"type": "websocket.disconnect", "code": 1002, "reason": ""}


class Connection(H11Protocol):
    """Uvicorn's connection, with an end to waiting."""

    _end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Wait for the first request."""
        super().connection_made(transport)
        self._wait(HEADERS_S)

    def data_received(self, data: bytes) -> None:
        """Take what has come, and wait for what is to come."""
        super().data_received(data)
        is_upgraded = self.transport.get_protocol() is not self  # to a WebSocket, which looks after itself
        if not is_upgraded and self.conn.their_state is h11.SEND_BODY:
            self._wait(BODY_S)
        elif is_upgraded or self.conn.their_state is not h11.IDLE:
            self._wait_no_more()
        elif self._end is None:
            self._wait(HEADERS_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self, seconds: float) -> None:
        self._wait_no_more()
        self._end = self.loop.call_later(seconds, self.transport.close)

    def _wait_no_more(self) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None


# What a browser says to a page: messages of Streamlit's. Anything else ends the connection, and fills no log.


class Frames:
    """Passes on messages of Streamlit's alone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the connection on, and each message that is one."""

        async def receive_message() -> Message:
            message = await receive()
            if message["type"] != "websocket.receive" or inside.is_message(message.get("bytes")):
                return message
            await send({"type": "websocket.close", "code": NO_MESSAGE["code"]})
            return NO_MESSAGE

        await self.app(scope, receive_message if scope["type"] == "websocket" else receive, send)


# Which tab a connection comes from: its page says so in the address, and the pages read it as a header.


class Tab:
    """Gives connections the header of their tab, and takes it from whoever sends it unasked."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the connection on."""
        if scope["type"] == "websocket":
            headers = MutableHeaders(raw=[*Headers(scope=scope).raw])
            del headers[HEADER]
            token = QueryParams(scope["query_string"]).get("tab", "")
            if TOKEN.fullmatch(token):
                headers[HEADER] = token
            scope = {**scope, "headers": headers.raw}
        await self.app(scope, receive, send)


# Files handed over in the browser: as many as memory has room for.
#
# Streamlit bounds each file, and takes any number of them.


class Uploads:
    """
    Refuses a file that does not tell its size, or for which there is no room: 411, 413 or 507.

    At most `of_one` bytes are kept for a session, and `of_all` for all of them.
    """

    def __init__(self, app: ASGIApp, of_one: int, of_all: int) -> None:
        self.app, self.of_one, self.of_all = app, of_one, of_all
        self._coming: dict[object, tuple[str, int]] = {}  # of what is on its way: the session and the bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse the file that it brings."""
        if scope["type"] != "http" or scope["method"] != "PUT" or not scope["path"].startswith(inside.UPLOADS):
            return await self.app(scope, receive, send)
        session, length = (
            scope["path"].removeprefix(inside.UPLOADS).partition("/")[0],
            Headers(scope=scope).get("content-length"),
        )
        if length is None or not length.isdecimal():
            return await Response(status_code=411)(scope, receive, send)
        if refusal := self._refusal(session, int(length)):
            return await Response(status_code=refusal)(scope, receive, send)
        ticket = object()
        self._coming[ticket] = session, int(length)
        try:
            return await self.app(scope, receive, send)
        finally:
            del self._coming[ticket]

    def _refusal(self, session: str, more: int) -> int:
        """Give the status to refuse a file with; 0 to take it."""
        kept = [*inside.kept_files(), *self._coming.values()]
        if more + sum(size for owner, size in kept if owner == session) > self.of_one:
            return 413
        return 507 if more + sum(size for _, size in kept) > self.of_all else 0
