"""Back, reload and coming back keep the place that was asked about, in no address and in nothing that a browser stores."""

import pytest
from playwright.sync_api import expect

from tests import small_map

WHERE = f"{small_map.IN_BOTH[0]}, {small_map.IN_BOTH[1]}"


@pytest.fixture
def address(small):
    return small


def is_answered(page):
    expect(page.get_by_role("textbox").first).to_have_value(WHERE)
    expect(page.get_by_text("The communities row").first).to_be_visible()


@pytest.mark.slow
def test_the_place_is_kept_for_its_tab_and_nowhere_else(visit, address):
    reader = visit()
    page = reader.page
    page.goto(address)
    reader.enter(page.get_by_role("textbox").first, WHERE)
    is_answered(page)
    reader.settle()

    page.get_by_role("link", name="Community", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Community")
    reader.settle()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Near me")
    is_answered(page)
    reader.settle()
    page.reload()
    is_answered(page)
    reader.settle()

    assert "9.97" not in page.url
    stored = page.evaluate(
        "JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), document.cookie])"
    )
    assert "9.97" not in stored
    other = visit().page
    assert other.context == page.context
    other.goto(address)
    expect(other.get_by_role("textbox").first).to_have_value("")
    a_press_is_kept_too(reader)


def a_press_is_kept_too(reader):
    there = reader.page.get_by_text("This map has no data on concessions").first
    expect(there).to_have_count(0)
    reader.press(reader.map(), *small_map.EMPTY_SEA)
    expect(there).to_be_visible()
    reader.settle()

    reader.page.reload()

    expect(there).to_be_visible()
    reader.map()
    reader.settle()
