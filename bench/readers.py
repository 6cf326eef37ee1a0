"""
Two hundred readers at once, on one server process and on two behind Caddy.

    python -m bench readers [SECONDS] [PROCESSES ...]

First come ten rounds, from the moment when the port is open. In each, 200 light pages, 200 tiles and 40 pages of
Streamlit are requested at one instant, each over a connection of its own. A page is a new session: its connection and
the first run of the page *Near me*.

Then 40 readers of pages and 160 of the light page ask a question and four tiles every ten seconds, at different
moments, for a time. Caddy always sends a reader to the same process.
"""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode, urlsplit

import geopandas as gpd
import httpx
import shapely
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from bench.memory import iter_descendants, watch_memory
from lindero.app.builder.build import build_map
from lindero.layers.model.schema import CRS
from tests import light_reader, small_map
from tests.files import Files

ROUNDS, AT_ONCE = 10, {"light page": 200, "tiles": 200, "pages": 40}
PAGES, LIGHT = 40, 160
SECONDS, EVERY_S = 60.0, 10.0
MOST_S_OF_START, LOOKS, IDLE_S = 120.0, 5, 0.1
TILES = 4  # per reader and answer: some readers of the light page open the map
ZOOM, COLUMNS, ROWS = 9, (140, 160), (260, 280)
_CONNECTION: Any = {"subprotocols": ["streamlit"], "max_size": None, "open_timeout": light_reader.PATIENCE_S}
CADDYFILE = """
{{
	admin off
	auto_https off
}}
http://127.0.0.1:{port} {{
	reverse_proxy {upstreams} {{
		lb_policy cookie
	}}
}}
"""


@dataclass
class LoadTest:
    """The questions of all readers: address, duration, seconds of the answers by kind, and errors."""

    address: str
    seconds: float
    all_here: asyncio.Barrier = field(default_factory=lambda: asyncio.Barrier(PAGES + LIGHT + 1))
    taken: dict[str, list[float]] = field(default_factory=lambda: {"pages": [], "light page": [], "tiles": []})
    wrong: list[str] = field(default_factory=list)


def main(seconds: str = str(SECONDS), *processes: str) -> None:
    """
    Print a table of the seconds of the answers by kind, with processor seconds and the peak memory of the processes.

    Exit with a message if any answer was wrong.
    """
    print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print("| processes | load | | answers | p50 s | p95 s | most s | processor s | MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    wrong = [text for count in map(int, processes or ("1", "2")) for text in _measure(count, float(seconds))]
    print(f"{len(wrong)} wrong")
    if wrong:
        sys.exit(wrong[0])


def _measure(processes: int, seconds: float) -> list[str]:
    """Print the rows of the table for a number of processes, and return what was wrong."""
    wrong: list[str] = []
    with TemporaryDirectory() as folder, watch_memory() as peaks, ExitStack() as stack:
        maps = _build_map(Path(folder) / "space")
        serving = [small_map.serving(maps, anew=True, beforehand=True) for _ in range(processes)]
        served = [stack.enter_context(server) for server in serving]
        address = served[0] if len(served) == 1 else stack.enter_context(_proxy(served, Path(folder)))

        def show(load: str, asked: LoadTest, spent: float) -> None:
            memory = " + ".join(map(str, sorted(peaks.values(), reverse=True)[:processes]))
            for kind, found in asked.taken.items():
                ordered = sorted(found)
                times = [ordered[int(len(ordered) * part)] for part in (0.5, 0.95)]
                shown = " | ".join(f"{time_s:.2f}" for time_s in (*times, ordered[-1], spent))
                print(f"| {processes} | {load} | {kind} | {len(ordered)} | {shown} | {memory} |", flush=True)
            wrong.extend(asked.wrong)

        first, spent = asyncio.run(_run_rounds(address, 1))
        show("first instant", first, spent)
        later, spent = asyncio.run(_run_rounds(address, ROUNDS - 1))
        show(f"{ROUNDS - 1} further instants", later, spent / (ROUNDS - 1))
        _wait_until_idle()
        if seconds:
            asked, spent = asyncio.run(_run_readers(address, seconds))
            show(f"{PAGES + LIGHT} readers, {seconds:.0f} s", asked, spent)
    return wrong


def _build_map(folder: Path) -> Path:
    """Build a map of distant squares, one for each reader of the pages, with all files of a build."""
    side = light_reader.SQUARE
    middles = map(_middle, range(PAGES))
    shapes = [shapely.box(x - side / 2, y - side / 2, x + side / 2, y + side / 2) for x, y in middles]
    names = [f"Square {number} of many" for number in range(PAGES)]
    files = Files(folder)
    files.add("concessions", gpd.GeoDataFrame({"code": names, "name": names}, geometry=shapes, crs=CRS))
    build_map(files.space)
    return files.space.build_folder


def _middle(number: int) -> tuple[float, float]:
    """Return longitude and latitude of the centre of a square, in the forests of Peru."""
    return -77.5 + number % 8 * 0.4, -8.0 - number // 8 * 0.4


@contextmanager
def _proxy(addresses: Sequence[str], folder: Path) -> Generator[str]:
    """Start Caddy in front of several servers, and yield its address."""
    port = small_map.free_port()
    settings = folder / "Caddyfile"
    upstreams = " ".join(address.removeprefix("http://") for address in addresses)
    settings.write_text(CADDYFILE.format(port=port, upstreams=upstreams), encoding="utf-8")
    command = ["caddy", "run", "--config", str(settings), "--adapter", "caddyfile"]
    environment = os.environ | {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    caddy = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address)
        yield address
    finally:
        caddy.terminate()
        caddy.wait(20)


def _wait_for(address: str) -> None:
    end = time.monotonic() + light_reader.PATIENCE_S
    while time.monotonic() < end:
        try:
            httpx.get(address, trust_env=False)
        except httpx.ConnectError:
            time.sleep(0.1)
        else:
            return
    sys.exit("Caddy did not start")


async def _run_rounds(address: str, rounds: int) -> tuple[LoadTest, float]:
    asked = LoadTest(address, 0)
    before = _processor_seconds()
    for _ in range(rounds):
        questions = [(kind, number) for kind, count in AT_ONCE.items() for number in range(count)]
        random.shuffle(questions)
        await asyncio.gather(*(_ask_at_once(asked, kind, number) for kind, number in questions))
    return asked, _processor_seconds() - before


async def _ask_at_once(asked: LoadTest, kind: str, number: int) -> None:
    """Ask one question over a new connection, and record its time and whether the answer was wrong."""
    began = time.monotonic()
    try:
        answer, is_right = await _ask(asked.address, kind, number)
    except (OSError, WebSocketException) as error:  # also if no answer came in time
        answer, is_right = repr(error), False
    asked.taken[kind].append(time.monotonic() - began)
    if not is_right:
        asked.wrong.append(f"{kind} answered {answer[:300]!r}")


async def _ask(address: str, kind: str, number: int) -> tuple[str, bool]:
    """Return the answer to one question, and whether it is right."""
    if kind == "pages":
        async with connect(f"{address.replace('http', 'ws', 1)}/_stcore/stream", **_CONNECTION) as connection:
            reader = light_reader.Reader(number, connection)
            return await reader.run(), bool(reader.map_id)
    if kind == "tiles":
        answer = await _request(address, "GET", _tile_path())
        return answer, answer.split()[1] in {"200", "204"}
    square = number % PAGES
    lon, lat = _middle(square)
    form = urlencode({"place": f"{lat + number // PAGES / 1_000:.4f}, {lon:.4f}"})
    answer = await _request(address, "POST", "/here", form)
    return answer, answer.split()[1] == "200" and f"Square {square} " in answer


async def _request(address: str, method: str, path: str, form: str = "") -> str:
    """Return the response to a request. An HTTP client would take more processor time than the server has."""
    host = urlsplit(address)
    reader, writer = await asyncio.open_connection(host.hostname, host.port)
    headers = f"host: {host.netloc}\r\norigin: {address}\r\nconnection: close\r\ncontent-length: {len(form)}"
    kind = "content-type: application/x-www-form-urlencoded"
    writer.write(f"{method} {path} HTTP/1.1\r\n{headers}\r\n{kind}\r\n\r\n{form}".encode())
    async with asyncio.timeout(light_reader.PATIENCE_S):
        answer = await reader.read()
    writer.close()
    return answer.decode(errors="replace") or "HTTP/1.1 closed"


async def _run_readers(address: str, seconds: float) -> tuple[LoadTest, float]:
    asked = LoadTest(address, seconds)
    every = asyncio.gather(
        *(_read_pages(asked, each) for each in range(PAGES)), *(_read_light_page(asked, n) for n in range(LIGHT))
    )
    await asyncio.wait({every, asyncio.ensure_future(asked.all_here.wait())}, return_when=asyncio.FIRST_COMPLETED)
    before = _processor_seconds()
    await every
    return asked, _processor_seconds() - before


def _wait_until_idle() -> None:
    """Wait until the servers have computed the first answers of their pages, as after a minute in use."""
    quiet, end = 0, time.monotonic() + MOST_S_OF_START
    while quiet < LOOKS and time.monotonic() < end:
        before = _processor_seconds()
        time.sleep(EVERY_S / LOOKS)
        quiet = quiet + 1 if _processor_seconds() - before < IDLE_S else 0


def _processor_seconds() -> float:
    """Return the processor seconds of all running processes that this one started."""
    ticks = 0
    for process in iter_descendants("self"):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


async def _read_pages(asked: LoadTest, number: int) -> None:
    """Press the map repeatedly on the reader's own square."""
    uri = f"{asked.address.replace('http', 'ws', 1)}/_stcore/stream"
    async with connect(uri, **_CONNECTION) as connection, _client(asked.address) as client:
        reader = light_reader.Reader(number, connection)
        await reader.run()
        lon, lat = _middle(number)

        async def press() -> None:
            place = lat + len(asked.taken["pages"]) % 7 / 1_000, lon
            began = time.monotonic()
            response = await reader.run(place)
            asked.taken["pages"].append(time.monotonic() - began)
            asked.wrong += filter(None, [light_reader.wrong(number, place, response, PAGES)])

        await _repeat(asked, client, press)


async def _read_light_page(asked: LoadTest, number: int) -> None:
    """Ask the light page about a square repeatedly."""
    square = number % PAGES
    lon, lat = _middle(square)
    async with _client(asked.address) as client:

        async def ask() -> None:
            began = time.monotonic()
            answer = await client.post("/here", data={"place": f"{lat:.4f}, {lon:.4f}"})
            asked.taken["light page"].append(time.monotonic() - began)
            if answer.status_code != httpx.codes.OK or f"Square {square} " not in answer.text:
                asked.wrong.append(f"the light page answered {answer.status_code} of {square}")

        await _repeat(asked, client, ask)


async def _repeat(asked: LoadTest, client: httpx.AsyncClient, ask: Callable[[], Awaitable[None]]) -> None:
    """Wait for all readers, then ask a question and request some tiles every ten seconds."""
    await asked.all_here.wait()
    end = time.monotonic() + asked.seconds
    await asyncio.sleep(random.random() * EVERY_S)
    while time.monotonic() < end:
        began = time.monotonic()
        await ask()
        for _ in range(TILES):
            await _tile(asked, client)
        await asyncio.sleep(max(0.0, EVERY_S - (time.monotonic() - began)))


async def _tile(asked: LoadTest, client: httpx.AsyncClient) -> None:
    began = time.monotonic()
    answer = await client.get(_tile_path())
    asked.taken["tiles"].append(time.monotonic() - began)
    if answer.status_code not in {httpx.codes.OK, httpx.codes.NO_CONTENT}:
        asked.wrong.append(f"a tile answered {answer.status_code}")


def _tile_path() -> str:
    x, y = random.randrange(*COLUMNS), random.randrange(*ROWS)
    return f"/tiles/{random.choice(('base', 'map'))}/{ZOOM}/{x}/{y}"


def _client(address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=address, headers={"origin": address}, timeout=light_reader.PATIENCE_S, trust_env=False
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
