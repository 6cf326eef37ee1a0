"""An address of a page opens the same view again, which is printed whole."""

import pytest
from playwright.sync_api import expect

SECONDS = 60_000


@pytest.fixture
def address(small):
    return small


def opened(reader, address: str, path: str) -> None:
    reader.page.goto(f"{address}/{path}")
    reader.page.get_by_role("heading", level=1).wait_for(timeout=SECONDS)


@pytest.mark.parametrize(
    ("path", "stays", "is_printed"),
    [
        ("community?id=communities%2F1", "The communities row", True),
        ("overlaps?left=concessions&right=protected_areas", "The two layers do not overlap.", False),
        ("browse?by=attacks", "Attacks on record", True),
    ],
)
def test_a_link_opens_the_same_view_again_and_it_is_printed_whole(visit, address, path, stays, is_printed):
    reader = visit()
    opened(reader, address, path)

    # A table drawn on a canvas has the same words in elements that nobody sees.
    expect(reader.page.get_by_text(stays).locator("visible=true").first).to_be_visible(timeout=SECONDS)
    assert all(part in reader.page.url for part in path.split("?")[1].split("&"))
    if is_printed:
        reader.settle()
        printed_whole_and_without_its_buttons(reader)


def printed_whole_and_without_its_buttons(reader) -> None:
    reader.page.emulate_media(media="print")

    whole = "document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight"
    assert reader.page.evaluate(f"document.documentElement.scrollHeight >= {whole}")
    expect(reader.page.get_by_test_id("stDownloadButton").first).to_be_hidden()
    expect(reader.page.get_by_test_id("stHeader")).to_be_hidden()
    expect(reader.map().locator(".leaflet-control-zoom")).to_be_hidden()
