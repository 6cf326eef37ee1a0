"""Twenty readers at once, each at a place of its own: no error, and no reader gets another's answer."""

import asyncio
import json
import os
import time

import pytest
from playwright.async_api import async_playwright, expect

from tests import small_map
from tests.browser.conftest import CHROMIUM, QUIET

READERS = 20
SECONDS = float(os.environ.get("LINDERO_SESSIONS_SECONDS", "60"))  # after the last of them has come
AT_ONCE = 4  # pages that open at the same time: a browser on two cores cannot open twenty
PATIENCE_MS = 300_000
SQUARE = 0.02  # degrees


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sessions") / "build"
    small_map.publish_squares(folder, READERS, side=SQUARE)
    with small_map.serving(folder) as address:
        yield address


async def _read(
    browser, address: str, number: int, opening: asyncio.Semaphore, everybody
) -> tuple[list[float], list[str]]:
    """Write a place of one's own again and again; seconds that each answer took, and what was wrong with any."""
    context = await browser.new_context(viewport={"width": 900, "height": 700}, locale="en")
    page = await context.new_page()
    taken, wrong = [], []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("response", lambda got: wrong.append(f"{got.status} {got.url}") if got.status >= 500 else None)
    box = page.get_by_role("textbox", name="Place, or latitude and longitude")
    async with opening:
        await page.goto(address, timeout=PATIENCE_MS, wait_until="commit")
        await box.wait_for(timeout=PATIENCE_MS)
    await everybody(number)
    end = time.monotonic() + SECONDS
    lon, lat = small_map.square_middle(number, side=SQUARE)
    turn = 0
    while time.monotonic() < end or not taken:
        turn += 1
        place = f"{lat + turn % 7 / 10_000:.5f}, {lon:.5f}"
        began = time.monotonic()
        await box.fill(place)
        await box.press("Enter")
        await expect(page.get_by_test_id("stCode").first).to_contain_text(
            place[: -len(f", {lon:.5f}") - 1], timeout=PATIENCE_MS
        )
        taken.append(time.monotonic() - began)
        text = await page.locator("[data-testid=stMain]").inner_text()
        others = [other for other in range(READERS) if other != number and f"Square {other} " in text]
        if f"Square {number} " not in text or others:
            wrong.append(f"reader {number} was told of {others}")
    await context.close()
    return taken, wrong


async def _all(address: str) -> list[tuple[list[float], list[str]]]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", *QUIET]
        )
        opening, here, all_here = asyncio.Semaphore(AT_ONCE), set(), asyncio.Event()

        async def everybody(number: int) -> None:
            here.add(number)
            if len(here) == READERS:
                all_here.set()
            await all_here.wait()

        answers = await asyncio.gather(
            *(_read(browser, address, number, opening, everybody) for number in range(READERS))
        )
        await browser.close()
        return answers


def test_twenty_readers_at_once_get_their_own_answers(address, record_property, capsys):
    answers = asyncio.run(_all(address))

    taken = sorted(seconds for some, _ in answers for seconds in some)
    p50, p95 = taken[len(taken) // 2], taken[int(len(taken) * 0.95)]
    record_property("answers", json.dumps({"count": len(taken), "p50": p50, "p95": p95}))
    with capsys.disabled():
        print(f"\n{READERS} readers, {len(taken)} answers: p50 {p50:.2f} s, p95 {p95:.2f} s")  # noqa: T201
    assert [wrong for _, some in answers for wrong in some] == []
    assert all(some for some, _ in answers)
