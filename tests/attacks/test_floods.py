"""Strangers who flood the server: their sockets are closed with a reason, and everybody else is answered."""

import asyncio
import json
import socket
import time

import pytest
from websockets.exceptions import ConnectionClosed

from lindero.app.serving.access import message_limits
from tests import loop, patience, small_map
from tests.attacks import floods

READERS = 20
PLACE = f"{small_map.IN_BOTH[0]:.5f}, {small_map.IN_BOTH[1]:.5f}"
# Writes how many messages reached Streamlit, and the most threads that there were at the arrival of any.
COUNT = """
import json, os, threading
from streamlit.runtime.app_session import AppSession
told, handle = {{"messages": 0, "threads": 0}}, AppSession.handle_backmsg
def count(self, message):
    told["messages"] += 1
    told["threads"] = max(told["threads"], threading.active_count())
    open({file!r} + ".new", "w").write(json.dumps(told))
    os.replace({file!r} + ".new", {file!r})
    handle(self, message)
AppSession.handle_backmsg = count
"""


@pytest.fixture(scope="module")
def counts(tmp_path_factory):
    return tmp_path_factory.mktemp("floods") / "counts.json"


@pytest.fixture(scope="module")
def server(counts):
    small_map.publish(counts.parent / "build")
    before = COUNT.format(file=str(counts)) + small_map.NOTHING_BEFOREHAND
    with small_map.serving(counts.parent / "build", before=before) as address:
        yield address


def accepted(counts):
    return json.loads(counts.read_text())["messages"] if counts.exists() else 0


async def flood_beside_readers(address, kind, sockets):
    """Return the codes by which sockets that send as fast as they can are closed, while readers are answered."""
    attacks = asyncio.gather(*(floods.flood(address, kind, seconds=floods.PATIENCE_S) for _ in range(sockets)))
    await floods.read(address, PLACE, READERS)
    codes = {code for _sent, code in await attacks}
    await floods.read(address, PLACE, READERS)
    return codes


@pytest.mark.slow
@pytest.mark.servers
@pytest.mark.parametrize("sockets", [1, 10, 50])
@pytest.mark.parametrize(
    ("kind", "code"),
    [("small", 1008), ("two bytes", 1008), ("unpacked", 1008), ("pings", 1008), ("large", 1009)],
)
def test_who_sends_too_much_is_closed_and_readers_are_answered(server, counts, kind, code, sockets):
    before, start = accepted(counts), time.monotonic()
    codes = loop.run(flood_beside_readers(server, kind, sockets))
    assert codes <= {code, 503, None}  # a slow client may miss the code
    allowed = message_limits.MESSAGES + message_limits.MESSAGES_A_SECOND * (time.monotonic() - start)
    assert accepted(counts) - before <= sockets * allowed


@pytest.mark.slow
@pytest.mark.servers
def test_a_thousand_messages_and_a_hang_up_start_no_thousand_threads(server, counts):
    async def hang_up():
        await asyncio.gather(*(floods.hang_up(server) for _ in range(10)))
        await floods.read(server, PLACE, READERS)

    before = accepted(counts)
    loop.run(hang_up())
    assert accepted(counts) - before <= 10 * message_limits.RUNS  # and not 10,000
    assert not counts.exists() or json.loads(counts.read_text())["threads"] < 100


@pytest.mark.slow
@pytest.mark.servers
@pytest.mark.parametrize("count", [100, 200])
def test_who_opens_the_map_at_one_instant_sees_it_in_the_end(server, count):
    async def open_all():
        return await asyncio.gather(*(floods.open_map(server) for _ in range(count)), floods.read(server, PLACE))

    assert len(loop.run(open_all())) == count + 1


@pytest.mark.slow
@pytest.mark.servers
def test_two_hundred_light_pages_at_one_instant_are_answered_by_who_does_what_it_says(server):
    async def ask_all():
        async with floods.client(server) as client:
            question = floods.questions(PLACE)[1]
            return await asyncio.gather(*(floods.ask(client, *question) for _ in range(200)))

    assert len(loop.run(ask_all())) == 200


def test_a_page_of_a_person_stays_open(server):
    """A person's page was measured to send 14 messages in five seconds at most, of 1,150 bytes."""

    async def click():
        async with floods.connected(server) as connection:
            for _ in range(30):
                await connection.send(floods.rerun(1_100))
            await floods.finished(connection)

    loop.run(click())


def test_another_kind_of_message_ends_the_connection(server):
    async def send(message):
        async with floods.connected(server) as connection:
            await connection.send(message)
            await floods.finished(connection)

    files = floods.BackMsg(file_urls_request={"file_names": [""] * 100_000})  # as many addresses would be made
    for message in (floods.BackMsg(clear_cache=True), floods.BackMsg(load_git_info=True), files):
        with pytest.raises(ConnectionClosed) as closed:
            loop.run(send(message.SerializeToString()))
        assert closed.value.rcvd.code == 1002


def test_who_does_not_finish_a_message_is_closed(server):
    host, port = server.removeprefix("http://").split(":")
    hello = f"GET /_stcore/stream HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    hello += "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    begun, more = b"\x02\x80\x00\x00\x00\x00", b"\x00\x80\x00\x00\x00\x00"  # a message of parts that hold nothing
    with socket.create_connection((host, int(port)), patience.END_S) as connection:
        connection.sendall(hello.encode())
        assert connection.recv(1_000).startswith(b"HTTP/1.1 101")
        connection.sendall(begun + more * 500)
        heard = b""
        while (part := connection.recv(1_000)) and b"\x88\x02\x03\xf0" not in (heard := heard + part):
            pass
    assert b"\x88\x02\x03\xf0" in heard  # the frame that closes with 1008
