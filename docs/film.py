"""
Record a short film of the main task on the demonstration map, with invented data only, into `docs/film.gif`.

`python -m docs.film [LANGUAGE]` uses the Chromium of `docs.screenshots`. In the film a place is typed, the answer is
read, and the map is explored. `docs/map.png` is a larger picture of the answer.
"""

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from docs import screenshots

FILE = Path(__file__).with_name("film.gif")
STILL = Path(__file__).with_name("map.png")
SIZE = {"width": 900, "height": 640}
STILL_SIZE = {"width": 1280, "height": 1000}
SHOWN = (720, 512)  # pixels: size of the film
COLOURS = 96
MOST_BYTES = 1_000_000
LONG, SHORT = 2_600, 180  # milliseconds that a picture is shown


def main(language: str = "en") -> None:
    """Serve the demonstration map, perform the task, and write the film and the picture."""
    with screenshots.serve_demonstration() as (browser, address):
        page = browser.new_context(viewport=SIZE, locale=language).new_page()
        pictures = record_scenes(page, address)
        page.set_viewport_size(STILL_SIZE)
        page.mouse.wheel(0, -2_000)
        screenshots.wait_until_drawn(page)
        still = page.screenshot()
    save_film(pictures)
    Image.open(io.BytesIO(still)).convert("RGB").quantize(COLOURS).save(STILL, optimize=True)


def record_scenes(page: Page, address: str) -> list[tuple[bytes, int]]:
    """Perform the task. Return pictures, each with its duration in milliseconds."""
    taken: list[tuple[bytes, int]] = []
    page.goto(address)
    page.get_by_role("heading", level=1).wait_for(timeout=screenshots.SECONDS * 1000)
    screenshots.wait_until_drawn(page)
    taken.append((page.screenshot(), LONG))
    field = page.locator("input[type=text]").first
    field.click()
    for at in range(0, len(screenshots.PLACE), 4):
        page.keyboard.type(screenshots.PLACE[at : at + 4])
        taken.append((page.screenshot(), SHORT))
    page.keyboard.press("Enter")
    page.locator("[data-testid=stText]").first.wait_for(timeout=screenshots.SECONDS * 1000)
    screenshots.wait_until_drawn(page)
    taken.append((page.screenshot(), LONG))
    for _swipe in range(3):
        page.mouse.move(100, 300)
        page.mouse.wheel(0, 330)
        page.wait_for_timeout(600)
        taken.append((page.screenshot(), LONG))
    return taken


def save_film(pictures: list[tuple[bytes, int]]) -> None:
    """Write the film with one palette. Refuse to write a film that is too large for a slow connection."""
    frames = [Image.open(io.BytesIO(picture)).convert("RGB").resize(SHOWN) for picture, _stands in pictures]
    palette = frames[0].quantize(COLOURS)
    drawn = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    told = io.BytesIO()
    stands = [each for _picture, each in pictures]
    drawn[0].save(told, "GIF", save_all=True, append_images=drawn[1:], duration=stands, loop=0, optimize=True)
    if told.tell() > MOST_BYTES:
        raise SystemExit(f"{told.tell():,} bytes are more than {MOST_BYTES:,}")
    FILE.write_bytes(told.getvalue())
    print(f"{FILE.name}: {told.tell():,} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
