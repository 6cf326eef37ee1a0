"""
Take pictures of all pages of the demonstration map, at four widths, and of the gallery.

They are written to `docs/screenshots`.

One more picture each shows all pages in dark mode, in forced colours, and on their first printed sheet.

`python -m docs.screenshots [LANGUAGE] [FOLDER]`, with Chromium at /usr/bin/chromium or at the path in `CHROMIUM`. The
pages are taken from the navigation, so new pages are included.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from docs.gallery.parts import PARTS
from lindero.app.builder.build import DATA
from lindero.app.media.pages.frame.page import VIEWS

FOLDER = Path(__file__).parent / "screenshots"
WIDTHS = {"phone": 360, "tablet": 768, "desktop": 1366, "wide": 1920}
OTHERWISE = {"dark": {"color_scheme": "dark"}, "forced": {"forced_colors": "active"}}  # at the width of a desktop
GALLERY: tuple[tuple[str, str, dict[str, str]], ...] = (  # name, width and colour scheme of each picture
    ("phone", "phone", {}),
    ("desktop", "desktop", {}),
    ("dark", "desktop", OTHERWISE["dark"]),
)
SOME = ("", "exposure", "protection", "new")  # pages that are also taken in the other colour schemes
A4 = (718, 1039)  # pixels between the margins of a sheet, at 96 to the inch
SIDES = ("width", "height")
COLUMNS, ON_DESK, GAP = 4, (440, 560), 8  # of a picture of all pages: columns, size of each page, and gap, in pixels
TALLEST = {"phone": 2200, "tablet": 1800, "desktop": 1700, "wide": 1500}
WHOLE = 8_000  # pixels: the gallery shows every state in full
QUALITIES = (60, 45, 35, 25)
MOST_BYTES = 90_000
SECONDS = 240
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LAND = "demo-communities/INV-COM-APU-022"
PLACE = "-12.409, -70.39"  # invented ground: two concessions on a community's land in a park


def main(language: str = "es-PE", folder: str = "") -> None:
    """Serve the demonstration map, and take the pictures."""
    target = Path(folder) if folder else FOLDER
    target.mkdir(parents=True, exist_ok=True)
    with serve_demonstration() as (browser, address):
        _take_light_page(browser, address, language, target)
        _take_pocket_map(browser, language, target)
        for width in ("phone", "desktop"):
            _take_near_me_print(browser, address, language, width, target)
        for path in VIEWS:
            name = path or "near"
            for width in WIDTHS:
                _take(browser, address + path, language, width, target / f"{name}-{width}.jpg")
            for way, asked in OTHERWISE.items() if path in SOME else ():
                _take(browser, address + path, language, "desktop", target / f"{name}-{way}.jpg", **asked)
            print(name, flush=True)
        _take_protection_print(browser, address, language, target)
        for way, asked in {**OTHERWISE, "paper": {}}.items():
            _take_all_pages(browser, address, language, target / f"all-{way}.jpg", is_paper=way == "paper", **asked)
            print(way, flush=True)
    with serve_demonstration("docs.gallery") as (browser, address):
        for part in PARTS:
            for name, width, asked in GALLERY:
                file = target / f"gallery-{part}-{name}.jpg"
                _take(browser, f"{address}?part={part}", language, width, file, tallest=WHOLE, **asked)
            print(part, flush=True)


@contextmanager
def serve_demonstration(*served: str) -> Iterator[tuple[Browser, str]]:
    """
    Serve the demonstration map, never the workspace of the environment.

    Yield a browser and the map's address.

    `served` is the module that serves it and takes a port. The default is the `lindero` command.
    """
    port = free_port()
    order = [sys.executable, "-m", *(served or ("lindero.app.cli", "serve", "--port")), str(port)]
    environment = {name: value for name, value in os.environ.items() if name != "LINDERO_WORKSPACE"}
    server = subprocess.Popen(order, env=environment)
    try:
        wait_until(partial(is_listening, port))
        with sync_playwright() as playwright:
            browser = start_chromium(playwright)
            yield browser, f"http://127.0.0.1:{port}/"
            browser.close()
    finally:
        server.terminate()
        server.wait()


def start_chromium(playwright: Playwright) -> Browser:
    """Start the browser that draws."""
    return playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=OPTIONS)


def _take_light_page(browser: Browser, address: str, language: str, target: Path) -> None:
    """Take the answer of the light page on a phone, and printed from the phone on a sheet of A4."""
    context = browser.new_context(viewport={"width": WIDTHS["phone"], "height": 740}, locale=language)
    shown = context.new_page()
    shown.goto(address + ("aqui" if language.startswith("es") else "here"))
    shown.locator("#place").fill(PLACE)
    shown.keyboard.press("Enter")
    shown.locator(".verdict").wait_for(timeout=SECONDS * 1000)
    shown.locator("svg[role]").wait_for(timeout=SECONDS * 1000)
    (target / "light-phone.jpg").write_bytes(shown.screenshot(type="jpeg", quality=QUALITIES[3], full_page=True))
    shown.emulate_media(media="print")
    shown.set_viewport_size({"width": A4[0], "height": A4[1]})
    (target / "light-paper.jpg").write_bytes(shown.screenshot(type="jpeg", quality=QUALITIES[2]))
    context.close()


def _take_pocket_map(browser: Browser, language: str, target: Path) -> None:
    """Take a pack of the demonstration map, opened from a file, with an answer, at both widths."""
    with TemporaryDirectory() as folder:
        file, space = Path(folder) / "pocket.html", shutil.copytree(DATA / "demo", Path(folder) / "demo")
        for words in (["build", str(space)], ["pack", "community", LAND, "-o", str(file), "--workspace", str(space)]):
            subprocess.run([sys.executable, "-m", "lindero.app.cli", *words], check=True)
        for width in ("phone", "desktop"):
            wide = WIDTHS[width]
            context = browser.new_context(viewport={"width": wide, "height": 900}, locale=language)
            shown = context.new_page()
            shown.goto(file.as_uri())
            shown.locator("canvas.map").press("Enter")  # asks about its centre
            shown.locator("#answer-title").wait_for()
            shown.set_viewport_size({"width": wide, "height": TALLEST[width] - 500})
            shown.evaluate("scrollTo(0, 0)")
            (target / f"pocket-{width}.jpg").write_bytes(shown.screenshot(type="jpeg", quality=QUALITIES[3]))
            context.close()


def _take_near_me_print(browser: Browser, address: str, language: str, width: str, target: Path) -> None:
    """Take the first A4 sheet of an answer of *Near me*, asked at one width and printed."""
    context = browser.new_context(viewport={"width": WIDTHS[width], "height": 900}, locale=language)
    shown = context.new_page()
    shown.goto(f"{address}?map=1")
    shown.locator("input[type=text]").first.wait_for(timeout=SECONDS * 1000)
    shown.locator("input[type=text]").first.fill(PLACE)
    shown.keyboard.press("Enter")
    shown.locator("[data-testid=stText]").first.wait_for(timeout=SECONDS * 1000)
    wait_until_drawn(shown)
    shown.emulate_media(media="print")
    shown.set_viewport_size({"width": A4[0], "height": 2 * A4[1]})
    wait_until_drawn(shown)
    (target / f"near-paper-{width}.jpg").write_bytes(shown.screenshot(type="jpeg", quality=QUALITIES[2]))
    context.close()


def _take_protection_print(browser: Browser, address: str, language: str, target: Path) -> None:
    """Print the two sheets of missing protection, and take both side by side. Requires Poppler's `pdftoppm`."""
    context = browser.new_context(viewport={"width": WIDTHS["desktop"], "height": 900}, locale=language)
    shown = context.new_page()
    shown.goto(f"{address}protection")
    shown.get_by_role("heading", level=1).wait_for(timeout=SECONDS * 1000)
    wait_until_drawn(shown)
    pdf = shown.pdf(format="A4", margin=dict.fromkeys(("top", "bottom", "left", "right"), "10mm"))
    context.close()
    with TemporaryDirectory() as folder:
        subprocess.run(["pdftoppm", "-r", "80", "-png", "-", f"{folder}/sheet"], input=pdf, check=True)
        sheets = [Image.open(each).convert("RGB") for each in sorted(Path(folder).iterdir())]
    both = Image.new("RGB", (sum(each.width for each in sheets), sheets[0].height), "white")
    for at, each in enumerate(sheets):
        both.paste(each, (at * each.width, 0))
    both.save(target / "protection-paper.jpg", quality=QUALITIES[0])


def _take_all_pages(browser: Browser, address: str, language: str, file: Path, *, is_paper: bool, **asked: Any) -> None:
    """Take every page, and combine them side by side in one picture."""
    with TemporaryDirectory() as folder:
        pages = []
        for path in VIEWS:
            page = Path(folder) / f"{path or 'near'}.jpg"
            _take(browser, address + path, language, "desktop", page, is_paper=is_paper, **asked)
            pages.append(Image.open(page).convert("RGB"))
    across, down = ON_DESK
    desk = Image.new("RGB", (COLUMNS * across, -(-len(pages) // COLUMNS) * down), "grey")
    for at, each in enumerate(pages):
        small = each.resize((across - GAP, each.height * (across - GAP) // each.width), Image.Resampling.LANCZOS)
        desk.paste(
            small.crop((0, 0, small.width, min(small.height, down - GAP))),
            (at % COLUMNS * across, at // COLUMNS * down),
        )
    desk.save(file, quality=QUALITIES[0])


def _take(
    browser: Browser,
    address: str,
    language: str,
    width: str,
    file: Path,
    *,
    tallest: int = 0,
    is_paper: bool = False,
    **asked: Any,
) -> None:
    context = browser.new_context(viewport={"width": WIDTHS[width], "height": 900}, locale=language, **asked)
    shown = context.new_page()
    shown.goto(address)
    shown.get_by_role("heading", level=1).wait_for(timeout=SECONDS * 1000)
    wait_until_drawn(shown)
    if address.endswith("/"):
        shown.locator("input[type=text]").first.fill(PLACE)
        shown.keyboard.press("Enter")
        shown.locator("[data-testid=stText]").first.wait_for(timeout=SECONDS * 1000)
        wait_until_drawn(shown)
    height = max(600, min(_wait_for_height(shown), tallest or TALLEST[width]))
    if is_paper:
        shown.emulate_media(media="print")
    shown.set_viewport_size(dict(zip(SIDES, A4 if is_paper else (WIDTHS[width], height), strict=True)))
    wait_until_drawn(shown)
    for quality in QUALITIES:
        file.write_bytes(shown.screenshot(type="jpeg", quality=quality))
        if file.stat().st_size <= MOST_BYTES:
            break
    context.close()


def _wait_for_height(shown: Page) -> int:
    """Measure the page when it no longer grows. On a busy machine its parts appear one after the other."""
    before = -1
    while (height := int(shown.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight"))) != before:
        before = height
        wait_until_drawn(shown)
    return height


def wait_until_drawn(shown: Page) -> None:
    """Wait until the page has run and its maps are drawn."""
    shown.wait_for_function("!document.querySelector('[data-test-script-state=running]')", timeout=SECONDS * 1000)
    maps = [frame for frame in shown.frames if "streamlit_folium" in frame.url]
    wait_until(lambda: all(map(_is_drawn, maps)))
    shown.wait_for_timeout(2_000)  # until everything is painted


def _is_drawn(frame: object) -> bool:
    try:
        return bool(frame.evaluate("Boolean(window.lindero && lindero.loads > 0)"))  # type: ignore[attr-defined]
    except PlaywrightError:  # the frame has gone in the meantime
        return True


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until a condition is true."""
    end = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.2)


def free_port() -> int:
    """Return a port that no process listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_listening(port: int) -> bool:
    """Return whether a process listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    main(*sys.argv[1:])
