"""
Floods of a server by strangers, and readers who ask beside them and come again when they are told to.

`python -m tests.attacks.floods ADDRESS [PLACE]` attacks a server of yours and says what its readers met.
"""

import asyncio
import re
import sys
import time
from collections import Counter
from contextlib import suppress
from urllib.parse import urlencode

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

PATIENCE_S = 600  # nobody's speed is judged here
ATTACK_S = 10.0
READERS = 20
RERUN = b"\x5a\x00"  # a rerun of what is shown: the shortest message
FORM = {"content-type": "application/x-www-form-urlencoded"}


def rerun(size: int = 0) -> bytes:
    """Return a request for a rerun, whose address has `size` letters."""
    message = BackMsg()
    message.rerun_script.query_string = "a" * size
    return message.SerializeToString()


MESSAGES = {
    "small": rerun(20),
    "two bytes": RERUN,
    "unpacked": rerun(200_000),  # a few hundred bytes as they are sent
    "large": rerun(1_000_000),
    "pings": b"",
}


def connected(address: str) -> connect:
    """Open a connection as a page does."""
    url = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
    return connect(url, subprotocols=["streamlit"], max_size=None, open_timeout=PATIENCE_S, ping_interval=None)


async def flood(address: str, kind: str, seconds: float = ATTACK_S) -> tuple[int, int | None]:
    """Send messages of a kind as fast as one can; return how many, and the code by which the server closed, 0 if it did not."""
    sent, end = 0, time.monotonic() + seconds
    try:
        async with connected(address) as connection:
            while time.monotonic() < end:
                await (connection.ping(str(sent)) if kind == "pings" else connection.send(MESSAGES[kind]))
                sent += 1
                if sent % 50 == 0:
                    await asyncio.sleep(0)
            connection.transport.abort()
            return sent, 0
    except ConnectionClosed as closed:
        return sent, closed.rcvd.code if closed.rcvd else None
    except InvalidStatus as refused:
        return 0, refused.response.status_code


async def hang_up(address: str, messages: int = 1_000) -> None:
    """Send many messages of two bytes, and leave without a word."""
    with suppress(ConnectionClosed, InvalidStatus):
        async with connected(address) as connection:
            for _ in range(messages):
                await connection.send(RERUN)
            connection.transport.abort()


async def finished(connection: ClientConnection) -> None:
    """Receive until a run of the page has ended."""
    while ForwardMsg.FromString(await connection.recv()).WhichOneof("type") != "script_finished":
        pass


async def open_map(address: str) -> tuple[float, int]:
    """Open the map as a page does, again after each refusal; return the seconds until it is shown, and the refusals."""
    start, refused = time.monotonic(), 0
    while True:
        try:
            async with connected(address) as connection:
                await connection.send(rerun())
                await finished(connection)
                return time.monotonic() - start, refused
        except InvalidStatus as status:
            if status.response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                raise
            refused += 1
            await asyncio.sleep(float(status.response.headers["Retry-After"]))


def questions(place: str) -> list[tuple[str, str, bytes]]:
    """Return what readers ask: method, path, and body."""
    longitude = place.partition(", ")[2]
    return [
        ("GET", "/health", b""),
        ("POST", "/aqui", urlencode({"at": place}).encode()),
        ("GET", "/tiles/map/9/149/270", b""),
        ("GET", f"/ogc/collections/concessions/items?limit=10&bbox={longitude},-10,{float(longitude) + 1},-6", b""),
    ]


async def ask(client: httpx.AsyncClient, method: str, path: str, body: bytes) -> tuple[float, int]:
    """Ask until an answer comes, as a page does; return the seconds, and how often one was told to come again."""
    start, again = time.monotonic(), 0
    while True:
        answer = await client.request(method, path, content=body, headers=FORM if body else {})
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            assert answer.status_code in {200, 204}, (path, answer.status_code, answer.text)
            return time.monotonic() - start, again
        again += 1
        await asyncio.sleep(float(answer.headers["Retry-After"]))
        if kept := re.search(r'http-equiv="refresh" content="\d+; ?url=([^"]+)"', answer.text):
            method, path, body = "GET", kept[1], b""  # as a browser without JavaScript does


def client(address: str) -> httpx.AsyncClient:
    """Return a client that opens a connection for each question."""
    nobody_waits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    return httpx.AsyncClient(base_url=address, limits=nobody_waits, timeout=PATIENCE_S)


async def read(address: str, place: str, readers: int = READERS) -> dict[str, tuple[float, int]]:
    """Let readers ask at one instant; return the longest wait for each path, and how often one was sent away."""
    asked = questions(place)
    async with client(address) as asking:
        answers = await asyncio.gather(*(ask(asking, *asked[number % len(asked)]) for number in range(readers)))
    paths = [asked[number % len(asked)][1].partition("?")[0] for number in range(readers)]
    return {path: max(answers[n] for n in range(readers) if paths[n] == path) for path in dict.fromkeys(paths)}


async def attack(address: str, place: str, kind: str, sockets: int) -> str:
    """Return what twenty readers met during and after an attack."""
    start = time.monotonic()
    work = [hang_up(address) if kind == "hang up" else flood(address, kind) for _ in range(sockets)]
    attacks = asyncio.gather(*work)
    await asyncio.sleep(1)
    during = await read(address, place)
    ends = [end for end in await attacks if end]
    after = await read(address, place)
    codes = Counter(code for _sent, code in ends)
    said = f"{sockets} x {kind}: {sum(sent for sent, _code in ends)} sent, closed {dict(codes)}, {time.monotonic() - start:.0f} s"
    for name, waits in (("during", during), ("after", after)):
        said += f"\n  {name}: " + ", ".join(f"{path} {wait:.2f} s" for path, (wait, _again) in waits.items())
    return said


async def instant(address: str, kind: str, count: int, place: str) -> str:
    """Return how long many who come at one instant wait, and how long `/health` takes beside them."""
    asks = {"openings": lambda _: open_map(address), "light pages": lambda asking: ask(asking, *questions(place)[1])}
    health: list[float] = []
    async with client(address) as asking:
        work = asyncio.gather(*(asks[kind](asking) for _ in range(count)), return_exceptions=True)
        while not work.done():
            health.append((await ask(asking, "GET", "/health", b""))[0])
            await asyncio.sleep(0.5)
        ends = await work
    served = sorted(end for end in ends if isinstance(end, tuple))
    again = sum(times for _seconds, times in served)
    waits = [f"{seconds:.0f}" for seconds, _times in (served[len(served) // 2], served[-1])] if served else []
    failed = Counter(repr(end) for end in ends if not isinstance(end, tuple))
    return (
        f"{count} {kind}: {len(served)} served, seconds (median, last) {waits}, sent away {again} times, "
        f"/health {max(health):.2f} s at most, failed: {dict(failed)}"
    )


async def main(address: str, place: str = "-9.97000, -74.93000", *kinds: str) -> None:
    """Attack a server in every way, or in the `kinds` that are named."""
    for kind in (*MESSAGES, "hang up"):
        for sockets in (1, 10, 50) if not kinds or kind in kinds else ():
            sys.stdout.write(await attack(address, place, kind, sockets) + "\n")
    for kind in ("light pages", "openings"):
        for count in (100, 200) if not kinds or kind in kinds else ():
            sys.stdout.write(await instant(address, kind, count, place) + "\n")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
