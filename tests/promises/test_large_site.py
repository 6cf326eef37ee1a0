"""A site of many titles, of 100,000 in `make test-all`: what its first page takes, and how soon it answers; the figures stand in bench/README.md."""

import time

import pytest

from tests.promises.conftest import IN_THE_COUNTRY
from tests.promises.test_site import FIRST_PAINT
from tests.range_server import Ranged, served

MOST_ON_THE_WAY = 3_000_000  # bytes, for one answer


@pytest.mark.slow
def test_the_first_page_of_a_country_takes_few_bytes_and_an_answer_few_more(country, apart):
    paint, answer, seconds = seen(country, apart)

    print(f"first paint {paint:,} bytes, one answer {answer:,} more in {seconds:.2f} s")  # noqa: T201  a figure to note
    assert paint < FIRST_PAINT
    assert answer < MOST_ON_THE_WAY


def seen(folder, browser):
    """Open a site from a server and ask for a place on it: bytes of the first paint, bytes and seconds of the answer."""
    context = browser.new_context(viewport={"width": 1280, "height": 740})
    with served(folder, Ranged) as address:
        page = context.new_page()
        page.on("response", lambda response: sizes.append(int(response.headers.get("content-length", 0))))
        sizes = []
        page.goto(f"{address}/index.html")
        page.wait_for_selector("#place")
        page.wait_for_load_state("networkidle")
        paint = sum(sizes)
        sizes.clear()
        begun = time.perf_counter()
        page.fill("#place", IN_THE_COUNTRY)
        page.press("#place", "Enter")
        page.wait_for_selector("#answer-title")
        seconds = time.perf_counter() - begun
    context.close()
    return paint, sum(sizes), seconds
