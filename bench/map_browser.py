"""What a reader's browser sees of a map: bytes, first paint, a change of the filter, a press."""

import re
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Frame, Page, Route, sync_playwright
from playwright.sync_api import Error as PlaywrightError

CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
VENDOR = Path(__file__).parents[1] / "app" / "static" / "vendor" / "leaflet"
SHELL = re.compile(r"/(static|_stcore)/|/component/[^?]*\.(js|css)|/$")  # Streamlit's own files, the same on both sides
NEW = 60.0  # seconds without a map that count as none


@contextmanager
def chromium() -> Generator[Browser]:
    """Run Debian's Chromium without a screen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


class Reader:
    """One page of a browser, which counts the bytes that a map takes beyond Streamlit's own files."""

    def __init__(self, browser: Browser) -> None:
        self._context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en")
        self._context.set_default_timeout(600_000)
        self._context.route(re.compile(r"^https?://(?!127\.0\.0\.1)"), _offline)
        self.bytes, self._addresses = 0, {}
        self.page: Page
        self.turn_to_a_new_page()

    def turn_to_a_new_page(self) -> None:
        """Leave the page for a new one of the same browser, which has kept what it may keep."""
        before = getattr(self, "page", None)
        self.page = self._context.new_page()
        if before is not None:
            before.close()
        told = self._context.new_cdp_session(self.page)
        told.send("Network.enable")
        told.on(
            "Network.responseReceived", lambda got: self._addresses.update({got["requestId"]: got["response"]["url"]})
        )
        told.on("Network.loadingFinished", self._count)
        told.on("Network.webSocketFrameReceived", lambda got: self._add(len(got["response"]["payloadData"]) * 3 // 4))

    def _count(self, got: dict) -> None:
        if not SHELL.search(self._addresses.get(got["requestId"], "").split("?")[0]):
            self._add(int(got["encodedDataLength"]))

    def _add(self, count: int) -> None:
        self.bytes += count

    def frame(self, is_drawn: str, *, within: float = 300.0) -> Frame:
        """Wait for the map's frame in which the expression `is_drawn` holds."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            for frame in self.page.frames:
                if "streamlit_folium" in frame.url and _holds(frame, is_drawn):
                    return frame
            self.page.wait_for_timeout(10)
        raise TimeoutError(f"no map within {within:.0f} s")

    def timed(self, do: Callable[[], object], is_drawn: str, *, within: float = 300.0) -> tuple[float, Frame]:
        """Do something and give the seconds until a map is drawn."""
        began = time.perf_counter()
        do()
        frame = self.frame(is_drawn, within=within)
        return time.perf_counter() - began, frame

    def close(self) -> None:
        """Close the page and forget its cache."""
        self._context.close()


def _holds(frame: Frame, expression: str) -> bool:
    try:
        return bool(frame.evaluate(expression))
    except PlaywrightError:  # the frame has gone, or has no map yet
        return False


def _offline(route: Route) -> None:
    """Give folium its Leaflet from here instead of from elsewhere; whatever else it loads is empty, to its favour."""
    name = route.request.url.rsplit("/", 1)[-1]
    file = VENDOR / name
    if name in {"leaflet.js", "leaflet.css"}:
        route.fulfill(path=str(file))
    else:
        route.fulfill(body="", content_type="text/css" if name.endswith("css") else "text/javascript")
