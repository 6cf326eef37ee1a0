"""Connections that are closed when what was begun on them does not go on: else anybody could hold them for good."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADERS_S = 20.0
"""In which a request must have told its headers; a phone on a slow line tells them in two."""
BODY_S = 60.0
"""After which a request is given up that has told its headers, and nothing more of what it was to bring."""


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
