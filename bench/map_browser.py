"""What a reader's browser sees of a map: bytes, first paint, a change of the filter, a press."""

import re
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Frame, Page, Route, sync_playwright

CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
VENDOR = Path(__file__).parents[1] / "app" / "static" / "vendor" / "leaflet"
SHELL = re.compile(r"/(static|_stcore)/|/component/[^?]*\.(js|css)|/$")  # Streamlit's own files, the same on both sides
# Asked of the page, which looks into the map's frame: a frame that is asked while it comes may never answer.
LOOK = """(expression) => [...document.querySelectorAll("iframe")].some((frame) => {
  try { return frame.contentWindow.location.href.includes("streamlit_folium") && frame.contentWindow.eval(expression); }
  catch { return false; }
})"""


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

    def timed(self, do: Callable[[], object], is_drawn: str, *, within: float = 300.0) -> tuple[float, Frame]:
        """Do something and give the seconds until a map is drawn, with its frame."""
        began = time.perf_counter()
        do()
        self.page.wait_for_function(LOOK, arg=is_drawn, polling=10, timeout=within * 1000)
        taken = time.perf_counter() - began
        return taken, next(frame for frame in reversed(self.page.frames) if "streamlit_folium" in frame.url)

    def close(self) -> None:
        """Close the page and forget its cache."""
        self._context.close()


def _offline(route: Route) -> None:
    """Give folium its Leaflet from here instead of from elsewhere; whatever else it loads is empty, to its favour."""
    name = route.request.url.rsplit("/", 1)[-1]
    file = VENDOR / name
    if name in {"leaflet.js", "leaflet.css"}:
        route.fulfill(path=str(file))
    else:
        route.fulfill(body="", content_type="text/css" if name.endswith("css") else "text/javascript")
