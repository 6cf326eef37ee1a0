"""Limits on the messages of a page: their number, size and rate before anything parses them, and the runs they start.

A person's page sends one message for each click and a few at its opening. Without limits one client could occupy the
event loop, which answers everybody, with messages alone.
"""

import asyncio
import time
from contextlib import suppress
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect, WebSocketDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.protocol import OPEN

from lindero.app.serving.access.pools import ClientLeftError, retry_header, wait_turn
from lindero.app.serving.streamlit_host import inside

MESSAGES, MESSAGES_A_SECOND = 60, 4.0
"""Messages and pings of a connection: at once, and for good."""
BYTES, BYTES_A_SECOND = 1024**2, 64 * 1024
"""Bytes of a connection, as sent and as unpacked together: at once, and for good; also what may wait for an answer."""
LARGEST_BYTES = 256 * 1024  # of one message: a page's state is only some kilobytes
SLICE = 2_048  # bytes parsed before the next look at the limits
LINGER_S = 2.0  # in which a client that was refused can read why
RUNS = 8  # pages computed at once: more only make everybody wait for the interpreter
WAITING_RUNS = 100  # connections that wait for their turn; further connections are told to come again
LOOK_S = 0.02
PROTOCOL_ERROR, POLICY_VIOLATION = 1002, 1008


class Allowance:
    """An amount that a client may use up at once, and that fills again."""

    def __init__(self, most: float, a_second: float) -> None:
        self._most, self._a_second = most, a_second
        self._left, self._at = most, time.monotonic()

    def take(self, amount: float) -> bool:
        """Cut an amount from what is left. Return whether there was that much."""
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._at) * self._a_second) - amount
        self._at = now
        return self._left >= 0


class LimitedSocket(WebSocketsSansIOProtocol):
    """A WebSocket of uvicorn that is closed with 1008 when its client sends more than a page does."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._messages, self._bytes = Allowance(MESSAGES, MESSAGES_A_SECOND), Allowance(BYTES, BYTES_A_SECOND)
        self._is_refused = False

    def data_received(self, data: bytes) -> None:
        """Parse the data in slices for as long as the limits allow."""
        for start in range(0, len(data), SLICE):
            part = data[start : start + SLICE]
            if not self._is_refused and not self._bytes.take(len(part)):
                self._refuse()
            if self._is_refused or self.transport.is_closing():
                return
            super().data_received(part)

    def send_receive_event_to_app(self) -> None:
        """Forward a message to the application, if neither it nor what it unpacks to is too much."""
        if self._take_message(sum(map(len, self.frames))):
            super().send_receive_event_to_app()

    def handle_cont(self, event: Frame) -> None:
        """Handle a part of a message."""
        if self._take_message():
            super().handle_cont(event)

    def handle_ping(self) -> None:
        """Answer a ping."""
        if self._take_message():
            super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        """Handle the answer to a ping, or one that nobody asked for."""
        if self._take_message():
            super().handle_pong(event)

    def _take_message(self, unpacked: int = 0) -> bool:
        if not self._is_refused and not (self._messages.take(1) and self._bytes.take(unpacked)):
            self._refuse()
        return not self._is_refused

    def handle_parser_exception(self) -> None:
        """Close the connection of a client whose message is too large, or none."""
        self._stop_reading(self.conn.close_sent.code if self.conn.close_sent else PROTOCOL_ERROR)

    def _refuse(self) -> None:
        if self.conn.state is OPEN:
            self.conn.send_close(POLICY_VIOLATION)
        self._stop_reading(POLICY_VIOLATION)

    def _stop_reading(self, code: int) -> None:
        """Send the client the code, and close the connection without parsing what else comes."""
        self._is_refused = self.disconnected = True
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code})
        if not self.handshake_complete:
            self.transport.abort()
            return
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent, self.read_paused = True, False
        self.transport.pause_reading()
        self.close_timer = self.loop.call_later(LINGER_S, self.transport.abort)


class RunTurns:
    """Turns of page runs in the whole server: at most `RUNS` at once, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._door = asyncio.Lock()
        self._waiting = 0

    def is_full(self) -> bool:
        """Return whether so many connections wait that another one has to come again."""
        return self._waiting >= WAITING_RUNS

    async def wait(self) -> None:
        """Wait for a turn. Nobody else gets one until `end` is called, when the run has started."""
        self._waiting += 1
        try:
            await self._door.acquire()
        finally:
            self._waiting -= 1
        try:
            while inside.count_runs() >= RUNS:  # noqa: ASYNC110  a thread that ends sets no event
                await asyncio.sleep(LOOK_S)
        except asyncio.CancelledError:
            self._door.release()
            raise

    def end(self) -> None:
        """Release the door for the next one."""
        self._door.release()


class MessageFilter:
    """Middleware that forwards only messages of Streamlit's page. A message that starts a run waits for its turn.

    A message of another kind ends the connection, without a log entry.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app, self._turns = app, RunTurns()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the connection, or answer 503 if too many wait."""
        if scope["type"] != "websocket":
            return await self.app(scope, receive, send)
        if self._turns.is_full():
            return await Response(status_code=503, headers=retry_header())(scope, receive, send)
        inbox = _Inbox(receive, send, self._turns)
        reading = asyncio.create_task(inbox.read_ahead())
        try:
            with suppress(WebSocketDisconnect, WebSocketDisconnected):  # the client has left
                await self.app(scope, inbox.receive, inbox.send)
        finally:
            reading.cancel()
            inbox.end_turn()


class _Inbox:
    """The messages of a connection, read ahead: those of a client that has left are dropped."""

    def __init__(self, receive: Receive, send: Send, turns: RunTurns) -> None:
        self._receive, self._send, self._turns = receive, send, turns
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._left = asyncio.Event()
        self._has_turn = False
        self._waiting_bytes = 0

    async def read_ahead(self) -> None:
        """Receive messages as they come, until the client leaves or too many wait for an answer."""
        message: Message = {"type": ""}
        while message["type"] != "websocket.disconnect":
            message = await self._receive()
            self._waiting_bytes += _size(message)
            is_full = self._messages.qsize() >= MESSAGES or self._waiting_bytes > BYTES
            if is_full and message["type"] == "websocket.receive":
                message = await self._close(POLICY_VIOLATION)
            if message["type"] == "websocket.disconnect":
                self._left.set()
                while not self._messages.empty():
                    self._messages.get_nowait()
            self._messages.put_nowait(message)

    async def receive(self) -> Message:
        """Return the next message, if it starts a run when its turn has come."""
        self.end_turn()  # the message before this one has been handled
        message = await self._messages.get()
        self._waiting_bytes -= _size(message)
        if message["type"] != "websocket.receive":
            return message
        kind = inside.message_kind(message.get("bytes"))
        if kind not in inside.KINDS:
            return await self._close(PROTOCOL_ERROR)
        if kind == inside.RERUN:
            try:
                self._has_turn = await wait_turn(self._turns.wait(), self._left.wait())
            except ClientLeftError:
                return await self._messages.get()
        return message

    async def send(self, message: Message) -> None:
        """Send a message to the client, unless its connection was closed."""
        if self._left.is_set():
            raise ConnectionResetError
        if message["type"] == "websocket.close":
            self._left.set()
        await self._send(message)

    def end_turn(self) -> None:
        """Release the turn, if this connection has it, for the next run of another one."""
        if self._has_turn:
            self._has_turn = False
            self._turns.end()

    async def _close(self, code: int) -> Message:
        with suppress(OSError):  # it is closed, or its client has left
            await self.send({"type": "websocket.close", "code": code})
        return {"type": "websocket.disconnect", "code": code, "reason": ""}


def _size(message: Message) -> int:
    return len(message.get("bytes") or message.get("text") or "")
