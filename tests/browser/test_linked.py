"""What is selected in a list is marked on the map, and the other way round; what folds hold is found, and downloaded."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import small_map

FOLD = "details:has([data-testid=stExpanderDetails])"
METHOD = "To get the same numbers, run this command in the workspace folder:"


@pytest.fixture
def address(small):
    return small


def pin(page):
    """Give the first row's button, which marks it on the map."""
    return page.locator(".lt-mark button").first


def marked(frame) -> list[str]:
    return sorted(frame.evaluate("lindero.marked()"))


@pytest.mark.slow
def test_the_table_and_the_map_mark_what_the_other_selects_and_the_way_back_leads_to_it(visit, address):
    reader = visit()
    frame = reader.open(f"{address}/overlaps?left=concessions&right=communities")
    reader.settle()
    a_closed_fold_keeps_nothing_from_the_browser_s_search(reader)
    the_shared_ground_is_downloaded_as_features(reader)
    tables_hand_no_formulas_to_spreadsheets(reader)
    a_row_is_marked_by_the_keyboard_and_no_longer_when_it_is_pressed_again(reader, frame)
    a_press_on_the_map_selects_the_rows_of_what_lies_there(reader, frame)
    a_row_selected_in_the_table_is_marked_on_the_map_and_brought_into_view(reader, frame)
    the_way_back_opens_what_was_chosen_before(reader, reader.page)


def the_way_back_opens_what_was_chosen_before(reader, page):
    page.get_by_role("link", name="Change it", exact=True).click()
    choice = page.locator(".st-key-lindero-choices").get_by_role("combobox").nth(1)
    expect(choice).to_be_in_viewport()
    reader.settle()
    reader.choose(choice, "Protected areas")
    page.wait_for_function("location.search.includes('right=protected_areas')", timeout=60_000)
    reader.settle()

    page.go_back()

    page.wait_for_function("location.search.includes('right=communities')", timeout=60_000)
    expect(page.locator(".lindero-table").first).to_be_visible()
    reader.settle()


def a_closed_fold_keeps_nothing_from_the_browser_s_search(reader):
    fold = reader.page.locator(FOLD).filter(has_text=METHOD)
    expect(fold).to_be_attached()

    expect(fold.get_by_text(METHOD)).to_be_hidden()
    expect(reader.page.locator(f"{FOLD} [inert]")).to_have_count(0)  # of what is inert no browser finds a word

    fold.evaluate("fold => { fold.open = true; }")  # as the browser's search does
    expect(fold.get_by_text(METHOD)).to_be_visible()
    fold.evaluate("fold => { fold.open = false; }")
    expect(fold.get_by_text(METHOD)).to_be_hidden()
    fold.locator("summary").click()
    expect(fold.get_by_text(METHOD)).to_be_visible()
    fold.locator("summary").click()


def the_shared_ground_is_downloaded_as_features(reader):
    with reader.page.expect_download(timeout=60_000) as download:
        reader.page.get_by_role("button", name="Download as GeoJSON").click(timeout=60_000)

    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert download.value.suggested_filename == "concessions-communities.geojson"
    assert '"FeatureCollection"' in text
    assert '"certain"' in text


def a_row_selected_in_the_table_is_marked_on_the_map_and_brought_into_view(reader, frame):
    frame.evaluate("window.kept = true; map.setView([0, -60], 5, {animate: false})")
    reader.settle()

    pin(reader.page).click()

    frame.wait_for_function("lindero.marked().length === 2 && window.kept", timeout=60_000)
    assert marked(frame) == ["communities communities/1", "concessions concessions/1"]
    assert frame.evaluate("map.getBounds().contains([-9.97, -74.93]) && map.getZoom() > 8")


def a_row_is_marked_by_the_keyboard_and_no_longer_when_it_is_pressed_again(reader, frame):
    pin(reader.page).focus()
    reader.page.keyboard.press("Enter")
    frame.wait_for_function("lindero.marked().length === 2", timeout=60_000)
    reader.settle()
    expect(pin(reader.page)).to_be_focused()
    expect(pin(reader.page)).to_have_attribute("aria-pressed", "true")
    reader.page.keyboard.press("Space")

    frame.wait_for_function("lindero.marked().length === 0", timeout=60_000)


def a_press_on_the_map_selects_the_rows_of_what_lies_there(reader, frame):
    reader.press(frame, *small_map.IN_BOTH)

    frame.wait_for_function("lindero.marked().length === 2", timeout=60_000)
    expect(reader.page.locator(".lt-mark [aria-pressed=true]")).to_have_count(1)
    reader.press(frame, *small_map.EMPTY_SEA)
    frame.wait_for_function("lindero.marked().length === 0", timeout=60_000)


def tables_hand_no_formulas_to_spreadsheets(reader):
    pin(reader.page).hover()

    expect(reader.page.get_by_role("button", name="Download as CSV", exact=True)).to_have_count(1)  # the page's own
