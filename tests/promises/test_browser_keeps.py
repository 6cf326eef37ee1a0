"""What is found in the browser of somebody who used the map: that it was used, not where they looked."""

import re
import zlib
from contextlib import suppress

import pytest

from lindero.app.media.pages.current import open_map
from tests import app_page, small_map
from tests.browser.conftest import DRAWN, QUIET, Visit, foreign_hosts

LAT, LON = small_map.IN_BOTH
GZIP = b"\x1f\x8b\x08"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept") / "build"
    small_map.publish(folder)
    with small_map.serving(folder) as address:
        yield address


@pytest.fixture(scope="module")
def kept(chromium_with_a_profile, address, tmp_path_factory):
    """
    All bytes of a browser's profile, what is compressed in it too, after a place was asked about, near and far.

    And on the light page, whose map was asked for, too.
    """
    folder = tmp_path_factory.mktemp("profile")
    log = tmp_path_factory.mktemp("log") / "net-log.json"
    browser = chromium_with_a_profile(
        str(folder), args=["--no-sandbox", "--disable-gpu", f"--log-net-log={log}", *QUIET]
    )
    page = browser.new_page()
    page.goto(address)
    visit = Visit(page)
    visit.enter(page.get_by_role("textbox").first, f"{LAT}, {LON}")
    page.get_by_test_id("stText").first.wait_for(timeout=60_000)
    frame = visit.map()
    for zoom in (13, 4):
        frame.evaluate("([lat, lon, z]) => map.setView([lat, lon], z, {animate: false})", [LAT, LON, zoom])
        frame.wait_for_function(DRAWN, timeout=60_000)
    page.get_by_test_id("stDownloadButton").first.wait_for(state="attached", timeout=60_000)
    visit.settle()
    page = browser.new_page()
    page.goto(f"{address}/aqui")
    page.locator("#place").fill(f"{LAT}, {LON}")
    page.keyboard.press("Enter")
    page.locator(".verdict").wait_for(timeout=60_000)
    page.locator("svg[role]").wait_for(timeout=60_000)
    browser.close()  # which brings to the disk what it has not yet
    assert foreign_hosts(log) == set()  # of a browser with all that it has besides pages, which other tests do without
    return of_profile(folder)


def of_profile(folder):
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return b"\n".join([*files, *(text for content in files for text in uncompressed(content))])


def uncompressed(content):
    """Texts that lie compressed in a file, as a browser keeps what came so."""
    at = content.find(GZIP)
    while at >= 0:
        with suppress(zlib.error):
            yield zlib.decompressobj(31).decompress(content[at:])
        at = content.find(GZIP, at + 1)


def test_scripts_are_kept_so_that_the_cache_has_been_looked_into(kept):
    assert b"/map.js" in kept
    assert b"lindero.show" in kept  # what the script says, which came compressed


@pytest.mark.parametrize("text", [f"{LAT:.6f}", f"{LON:.6f}", f"{LAT}, {LON}", f"{LAT:.4f},{LON:.4f}", "lindero near"])
def test_nothing_that_says_the_place_is_kept(kept, text):
    assert text.encode() not in kept


@pytest.mark.parametrize("text", [f"{LAT:.5f}", f"{LON:.5f}", f"{LAT}, {LON}", f"{LAT}%2C", "Ciudad Constituci"])
def test_nothing_that_was_asked_of_the_light_page_is_kept(kept, text):
    assert b"/aqui" in kept
    assert text.encode() not in kept
    assert text.encode("utf-16-le") not in kept


def test_no_address_is_kept_that_leads_to_where_somebody_looked(kept, address):
    leads = re.compile(
        re.escape(address).encode() + rb"/(?:tiles/|feed/|media/\w+\.(?!png))"
    )  # the page's icon is a PNG

    assert leads.findall(kept) == []


@pytest.mark.parametrize("view", ["near_me", "overlaps"])
def test_no_browser_is_to_remember_what_is_written(tmp_path, view):
    small_map.publish(tmp_path / "build")
    open_map.use_folder(tmp_path / "build")
    page = app_page.at_page(view)

    assert [box.proto.autocomplete for box in page.text_input] == ["off"]
