"""What a connection may send, up to the byte and the message, without a server or a clock."""

import asyncio
from unittest.mock import MagicMock

import pytest
import uvicorn
from uvicorn.server import ServerState

from lindero.app.serving.access import message_limits
from lindero.app.serving.access.message_limits import LimitedSocket, MessageFilter
from tests import loop

HELLO = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
MESSAGE, LEAVING = b"\x82\x82\x00\x00\x00\x00\x5a\x00", b"\x88\x80\x00\x00\x00\x00"
NO_FRAME = b"\xff\xff"


async def close_at_first(_scope, receive, send):
    """Answer as the server does to a message of another kind."""
    await receive()
    await send({"type": "websocket.accept"})
    await receive()
    await send({"type": "websocket.close", "code": message_limits.PROTOCOL_ERROR})


async def written(*parts: bytes) -> bytes:
    """Return what a connection writes that receives these parts, each before the application goes on."""
    config = uvicorn.Config(close_at_first, ws=LimitedSocket, log_config=None)
    config.load()
    transport = MagicMock()
    transport.is_closing.return_value = False
    transport.get_extra_info.return_value = None
    connection = LimitedSocket(config, ServerState(), {})
    connection.connection_made(transport)
    for part in parts:
        connection.data_received(part)
        for _ in range(5):
            await asyncio.sleep(0)
    connection.connection_lost(None)
    return b"".join(call.args[0] for call in transport.write.call_args_list)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((HELLO, MESSAGE * 1_000), 1008),
        ((HELLO, MESSAGE, MESSAGE * 1_000), 1002),  # closed by the application, and the client goes on
        ((HELLO, MESSAGE * 100 + LEAVING), 1000),  # all of it parsed before the limit is met
        ((HELLO, NO_FRAME), 1002),
    ],
)
def test_who_sends_too_much_is_told_so_once(parts, code):
    closed = [code.to_bytes(2) for code in (1000, 1002, 1008)]
    said = loop.run(written(*parts)).partition(b"\r\n\r\n")[2]
    assert [end for end in closed if end in said] == ([code.to_bytes(2)] if code != 1000 else [])


def test_what_is_no_frame_before_the_answer_to_the_greeting_ends_the_connection():
    assert loop.run(written(HELLO + NO_FRAME)) == b""


async def left_waiting(size: int) -> tuple[int, list[object]]:
    """Return how many messages of a size are taken in that nobody handles, and the codes that their client is sent."""
    received, sent = [], []
    closed = asyncio.Event()

    async def receive():
        await asyncio.sleep(0)
        received.append(size)
        return {"type": "websocket.receive", "bytes": bytes(size)}

    async def send(message):
        sent.append(message["code"])
        closed.set()

    async def app(_scope, _receive, _send):
        await closed.wait()

    await MessageFilter(app)({"type": "websocket"}, receive, send)
    return len(received), sent


@pytest.mark.parametrize(
    ("size", "most"),
    [
        (1, message_limits.MESSAGES),
        (message_limits.LARGEST_BYTES, message_limits.BYTES // message_limits.LARGEST_BYTES),
    ],
)
def test_messages_that_wait_for_an_answer_are_bounded_in_number_and_size(size, most):
    assert loop.run(left_waiting(size)) == (most + 1, [1008])
