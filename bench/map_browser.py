"""Measurements of a map in a browser: first paint, a change of the filter, a press."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from playwright.sync_api import Browser, Frame, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"  # names of other hosts are not resolved
# Asked through the page, which looks into the map's frame: a frame may never answer while it loads.
LOOK = """(expression) => [...document.querySelectorAll("iframe")].some((frame) => {
  try { return frame.contentWindow.location.href.includes("streamlit_folium") && frame.contentWindow.eval(expression); }
  catch { return false; }
})"""


@contextmanager
def chromium() -> Generator[Browser]:
    """Start Debian's Chromium without a screen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, ALONE])
        yield browser
        browser.close()


class Reader:
    """
    One page of a browser.

    Its requests are not intercepted, because Playwright then disables the browser's cache.
    """

    def __init__(self, browser: Browser) -> None:
        self._context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en")
        self._context.set_default_timeout(600_000)
        self.page: Page = self._context.new_page()

    def open_new_page(self) -> None:
        """Replace the page by a new one of the same browser, with the same cache."""
        before, self.page = self.page, self._context.new_page()
        before.close()

    def time_drawing(self, do: Callable[[], object], is_drawn: str, *, within: float = 300.0) -> tuple[float, Frame]:
        """Run an action, and return the seconds until a map is drawn, with the map's frame."""
        began = time.perf_counter()
        do()
        self.page.wait_for_function(LOOK, arg=is_drawn, polling=10, timeout=within * 1000)
        taken = time.perf_counter() - began
        return taken, next(frame for frame in reversed(self.page.frames) if "streamlit_folium" in frame.url)

    def close(self) -> None:
        """Close the page and delete its cache."""
        self._context.close()
