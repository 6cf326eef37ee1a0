"""
The first pages on a slow phone: 360×740, touch, a processor six times slower, 400 kbit/s and 400 ms latency.

    python -m bench front_door [WORKSPACE|ADDRESS] [PLACE]

The script serves a workspace (the demonstration map by default), or measures the server at an address. Seconds are
counted from the press, or from the navigation to the address, until the named element is visible. Bytes include
headers. Pages are in Spanish, and each visit starts with an empty cache.
"""

import os
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field

from playwright.sync_api import Browser, CDPSession, Locator, Page

from bench import map_served
from bench.map_browser import chromium

SLOWER = 6  # factor by which the processor is slowed down
BYTES_A_SECOND = 400_000 / 8
LATENCY_MS = 400
WIDE, HIGH = 360, 740
PLACE = "-12.409, -70.39"  # invented ground: two concessions on a community's land
PATIENCE_MS = 240_000
DRAWN = """() => [...document.querySelectorAll("iframe")].some((frame) => {
  try { return frame.contentWindow.lindero.loads > 0; } catch { return false; }
})"""
WORDS = "() => document.body && document.body.innerText.trim().length > 20"


@dataclass
class Line:
    """The traffic of a page: requests and bytes, with the messages of the WebSocket counted separately."""

    session: CDPSession
    asked: int = 0
    received: int = 0
    messages: int = 0
    _own: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.session.send("Network.enable")
        self.session.on("Network.requestWillBeSent", self._count_request)
        self.session.on("Network.loadingFinished", self._count_response)
        self.session.on("Network.webSocketFrameReceived", self._count_message)

    def slow_down(self) -> None:
        """Limit the connection and the processor to those of the slow phone."""
        slow = {"offline": False, "latency": LATENCY_MS}
        slow |= {"downloadThroughput": BYTES_A_SECOND, "uploadThroughput": BYTES_A_SECOND}
        self.session.send("Network.emulateNetworkConditions", slow)
        self.session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})

    def _count_request(self, event: dict) -> None:
        if event["request"]["url"].startswith("http"):
            self._own.add(event["requestId"])
            self.asked += 1

    def _count_response(self, event: dict) -> None:
        self.received += int(event["encodedDataLength"]) if event["requestId"] in self._own else 0

    def _count_message(self, event: dict) -> None:
        self.messages += len(event["response"]["payloadData"])


def main(target: str = "", place: str = PLACE) -> None:
    """Print a table of waiting times, requests and bytes of a reader on the slow phone."""
    served = nullcontext(target.rstrip("/")) if target.startswith("http") else serve_workspace(target)
    with served as address, chromium() as browser:
        print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        _light_page(browser, address, place)
        _near_me(browser, address, place)


@contextmanager
def serve_workspace(workspace: str) -> Generator[str]:
    """Serve a workspace, or the demonstration map if it is empty, and yield its address."""
    port = map_served.free_port()
    order = [sys.executable, "-m", "lindero.app.cli", "serve", *([workspace] if workspace else []), "--port", str(port)]
    with map_served.run_server(order, port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _visit(browser: Browser) -> Generator[tuple[Page, Line]]:
    context = browser.new_context(
        viewport={"width": WIDE, "height": HIGH}, locale="es-PE", has_touch=True, is_mobile=True
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    line = Line(context.new_cdp_session(page))
    line.slow_down()
    yield page, line
    context.close()


def _light_page(browser: Browser, address: str, place: str) -> None:
    with _visit(browser) as (page, line):
        began = time.perf_counter()
        page.goto(f"{address}/aqui", wait_until="commit")
        _print_line("light page: readable", _wait_until(page, WORDS, began), line)
        page.locator("#place").fill(place)
        began = time.perf_counter()
        page.locator("button.first").tap()  # the one press besides the field
        verdict = page.locator(".verdict")
        verdict.wait_for()
        _print_line(f"light page: place to answer, {_describe_position(verdict)}", time.perf_counter() - began, line)
        began = time.perf_counter()
        page.locator("button[name=map]").tap()
        page.locator("svg[role]").wait_for()
        _print_line("light page: map on demand", time.perf_counter() - began, line)


def _near_me(browser: Browser, address: str, place: str) -> None:
    with _visit(browser) as (page, line):
        began = time.perf_counter()
        page.goto(f"{address}/?map=1", wait_until="commit")
        _print_line("Near me: first words", _wait_until(page, WORDS, began), line)
        page.get_by_role("heading", level=1).wait_for()
        _print_line("Near me: heading", time.perf_counter() - began, line)
        page.locator("input[type=text]").first.wait_for()
        _print_line("Near me: field", time.perf_counter() - began, line)
        _print_line("Near me: map drawn", _wait_until(page, DRAWN, began), line)
        page.locator("input[type=text]").first.fill(place)
        began = time.perf_counter()
        page.keyboard.press("Enter")
        verdict = page.locator("[data-testid=stMarkdownContainer] strong").filter(has_text=":").first
        verdict.wait_for()
        _print_line(f"Near me: place to answer, {_describe_position(verdict)}", time.perf_counter() - began, line)


def _wait_until(page: Page, condition: str, began: float) -> float:
    _retry_once(lambda: page.wait_for_function(condition, polling=50))
    return time.perf_counter() - began


def _retry_once(action: Callable[[], object]) -> None:
    """Run an action, and repeat it once if the page was replaced meanwhile."""
    try:
        action()
    except Exception:  # noqa: BLE001  the page was left while it was asked: it has another one now
        action()


def _describe_position(answer: Locator) -> str:
    box = answer.bounding_box()
    end = box["y"] + box["height"] if box else float("inf")
    return f"ends at {end:.0f} of {HIGH} px"


def _print_line(label: str, seconds: float, line: Line) -> None:
    print(f"{label}: {seconds:.1f} s, {line.asked} requests, {line.received:,} B, {line.messages:,} B of messages")


if __name__ == "__main__":
    main(*sys.argv[1:])
