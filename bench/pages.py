"""
Times of every page on a laptop: to the first paint, to its title and finding, and to the complete page.

    python -m bench pages [WORKSPACE|ADDRESS]

The script serves a workspace (the demonstration map by default), or measures the server at an address. Cold is a new
browser, warm is the same page opened again in it. The filter test unticks a class of the map that has rows in the list.
It measures the time until the map is painted and until the list is updated. Seconds are medians of `VISITS`.
"""

import os
import statistics
import sys
import time
from collections.abc import Iterable
from contextlib import nullcontext

from playwright.sync_api import Browser, Page

from bench.front_door import DRAWN, serve_workspace
from bench.map_browser import chromium
from lindero.app.media.pages.frame.page import VIEWS

VISITS = 3
PATIENCE_MS = 240_000
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000"
READ = "[class*='st-key-lindero-finding'] strong, .st-key-lindero-page h1"
WHOLE = "[data-test-script-state='notRunning']"
UNTICK = """async () => {
  const frame = [...document.querySelectorAll("iframe")].find((one) => one.contentWindow.lindero);
  const page = frame.contentWindow;
  const began = page.performance.now();
  const classes = [...page.document.querySelectorAll(".lindero-legend label")];
  classes.find((one) => one.innerText.trim() === "Mining").querySelector("input").click();
  await new Promise((go) => page.requestAnimationFrame(() => page.requestAnimationFrame(go)));
  return (page.performance.now() - began) / 1000;
}"""


LIST = "document.querySelector('.lindero-table')?.innerText"  # with the number of rows; undefined while it is replaced


def main(target: str = "") -> None:
    """Print a table of the pages, and the times of a filter."""
    served = nullcontext(target.rstrip("/")) if target.startswith("http") else serve_workspace(target)
    with served as address, chromium() as browser:
        print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        print("| page | cold: painted, read, whole (s) | warm (s) |\n|---|---|---|")
        for path in VIEWS:
            visits = [_visits(browser, f"{address}/{path}") for _ in range(VISITS)]
            cold, warm = (_medians(each) for each in zip(*visits, strict=True))
            print(f"| {path or 'near'} | {_format_seconds(cold)} | {_format_seconds(warm)} |", flush=True)
        print(f"a filter of the map, painted and listed: {_format_seconds(_filter(browser, address))} s")


def _medians(visits: Iterable[list[float]]) -> list[float]:
    return [statistics.median(one) for one in zip(*visits, strict=True)]


def _visits(browser: Browser, address: str) -> tuple[list[float], list[float]]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en")
    context.set_default_timeout(PATIENCE_MS)
    try:
        page = context.new_page()
        return _visit(page, address), _visit(page, address)
    finally:
        context.close()


def _visit(page: Page, address: str) -> list[float]:
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator(READ).first.wait_for()
    read = time.perf_counter() - began
    page.locator(WHOLE).wait_for(state="attached")
    return [float(page.evaluate(PAINTED)), read, time.perf_counter() - began]


def _filter(browser: Browser, address: str) -> list[float]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(f"{address}/overlaps")
    page.wait_for_function(DRAWN, polling=50)
    page.locator(WHOLE).wait_for(state="attached")
    page.locator(".lindero-table tbody").first.wait_for()
    before = page.evaluate(LIST)
    began = time.perf_counter()
    painted = float(page.evaluate(UNTICK))
    page.wait_for_function(f"before => {LIST} && {LIST} !== before", arg=before, polling=20)
    listed = time.perf_counter() - began
    context.close()
    return [painted, listed]


def _format_seconds(seconds: list[float]) -> str:
    return ", ".join(f"{one:.2f}" for one in seconds)


if __name__ == "__main__":
    main(*sys.argv[1:])
