"""What the first page costs on a slow line: half of what the trial of 2026-11-25 counted, in bytes and in requests."""

import pytest
from playwright.sync_api import expect

MOST_BYTES = 1_711_809 // 2
MOST_REQUESTS = 142 // 2


@pytest.fixture
def address(invented):
    return invented


@pytest.fixture
def loaded():
    return {}


def count(page, loaded) -> None:
    """Count every request of a page and of its frames, and the bytes of its answer as they come, with their headers."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on(
        "Network.requestWillBeSent", lambda sent: loaded.setdefault(sent["requestId"], [sent["request"]["url"], 0])
    )
    session.on("Network.loadingFinished", lambda done: _finished(loaded, done))


def _finished(loaded, done) -> None:
    if done["requestId"] in loaded:
        loaded[done["requestId"]][1] = done["encodedDataLength"]


@pytest.mark.parametrize("width", ["phone", "desktop"])
def test_the_first_visit_costs_half_of_what_it_did(visit, address, loaded, width):
    reader = visit(width, "es", first=True)
    count(reader.page, loaded)

    reader.open(f"{address}/?map=1")
    reader.settle()

    asked = [(url, size) for url, size in loaded.values() if url.startswith("http")]
    assert len(asked) <= MOST_REQUESTS, sorted(url for url, _ in asked)
    assert sum(size for _, size in asked) <= MOST_BYTES, sorted(asked, key=lambda one: -one[1])[:10]


def test_a_browser_without_import_maps_opens_the_page_too(visit, address):
    reader = visit("phone", "es")
    reader.page.add_init_script("HTMLScriptElement.supports = undefined")

    reader.open(f"{address}/?map=1")

    expect(reader.page.get_by_role("heading", level=1, name="Cerca de mí")).to_be_visible()


def test_what_comes_is_told_until_it_is_there(visit, address):
    reader = visit("phone", "es")
    reader.page.route("**/first.*.json", lambda _route: None)  # never comes
    reader.page.goto(f"{address}/?map=1")

    coming = reader.page.locator("#lindero-coming")
    expect(coming).to_contain_text("Cerca de mí")
    expect(coming.get_by_role("link")).to_have_attribute("href", "/aqui")

    reader.page.unroute("**/first.*.json")
    reader.open(f"{address}/?map=1")
    expect(coming).to_have_count(0)
