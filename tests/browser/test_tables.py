"""Tables on pages: found by their words, sorted by a press, turned page by page, opened by their rows, whole on paper."""

import re

import pytest
from playwright.sync_api import expect

SECONDS = 60_000
FIRST_HECTARES = ".lindero-table >> nth=0 >> tbody tr:first-child td[data-label^='Shared hectares']"


@pytest.fixture
def address(invented):
    return invented


def opened(reader, name, title):
    """Open a page from another one, by the name that leads to it."""
    reader.page.emulate_media(media="screen")
    reader.page.get_by_role("link", name=name, exact=True).first.click()
    expect(reader.page.get_by_role("heading", level=1)).to_have_text(title, timeout=SECONDS)
    has_tables(reader)


def has_tables(reader):
    reader.page.locator(".lindero-table > .lt-clip tbody tr").first.wait_for(timeout=SECONDS)
    reader.settle()


@pytest.mark.slow
def test_tables_are_sorted_unfolded_printed_whole_and_open_what_their_rows_are_about(visit, address, axe):
    reader = visit()
    reader.page.goto(f"{address}/overlaps")
    has_tables(reader)
    a_table_of_many_rows_is_printed_and_sorted_whole(reader)
    opened(reader, "Attacks and protection", "Attacks")
    folded_tables_are_printed_and_open_what_their_rows_are_about(reader, address)
    opened(reader, "Where is protection missing?", "Where is protection missing?")
    columns_beyond_the_edge_are_announced_and_reached_by_the_arrow_keys(reader, axe)


def a_table_of_many_rows_is_printed_and_sorted_whole(reader):
    on_paper_every_row_stands_and_no_button(reader)
    reader.page.emulate_media(media="screen")
    a_press_on_a_head_sorts_every_row_and_the_pages_follow(reader)


def a_press_on_a_head_sorts_every_row_and_the_pages_follow(reader):
    largest = reader.page.locator(FIRST_HECTARES).inner_text()
    head = reader.page.get_by_role("columnheader", name="Shared hectares")

    head.get_by_role("button").press("Enter")
    expect(head).to_have_attribute("aria-sort", "descending", timeout=SECONDS)
    expect(head.get_by_role("button")).to_be_focused()
    assert reader.page.locator(FIRST_HECTARES).inner_text() == largest
    head.get_by_role("button").press("Enter")
    expect(head).to_have_attribute("aria-sort", "ascending", timeout=SECONDS)
    smallest = reader.page.locator(FIRST_HECTARES).inner_text()
    assert hectares(smallest) < 1

    reader.page.get_by_role("button", name="Next rows").first.click()
    expect(reader.page.get_by_text(re.compile(r"^Rows 201 to 400 of [\d,]+$")).first).to_be_visible(timeout=SECONDS)
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert hectares(reader.page.locator(FIRST_HECTARES).inner_text()) > hectares(smallest)


def hectares(cell):
    """Hectares as a cell says them over what they may be."""
    return float(cell.splitlines()[0].replace(",", ""))


def folded_tables_are_printed_and_open_what_their_rows_are_about(reader, address):
    a_row_that_is_come_to_out_of_sight_is_shown_with_all_others(reader)
    on_paper_what_is_folded_stands_open(reader)
    reader.page.emulate_media(media="screen")
    what_repeats_a_picture_is_folded_and_no_page_has_more_than_four_tables_open(reader)
    a_row_opens_what_it_is_about_in_the_same_session(reader, address)


def a_row_that_is_come_to_out_of_sight_is_shown_with_all_others(reader):
    last = reader.page.locator(".lindero-table > .lt-clip tbody").first.locator("tr").last.locator("a")

    last.scroll_into_view_if_needed()

    expect(last).to_be_in_viewport()
    expect(reader.page.locator(".lindero-table > .lt-clip").first).to_have_class("lt-clip lt-whole")
    last.focus()
    expect(last).to_be_in_viewport()


def a_row_opens_what_it_is_about_in_the_same_session(reader, address):
    reader.page.evaluate("window.same = true")
    row = reader.page.locator(".lindero-table > .lt-clip tbody a").first
    name, href = row.inner_text(), row.get_attribute("href")
    assert href.startswith(f"{address}/case?id=")

    row.click()

    expect(reader.page.get_by_role("heading", level=1, name="Case")).to_be_visible(timeout=SECONDS)
    expect(reader.page.get_by_text(name).first).to_be_visible(timeout=SECONDS)
    assert reader.page.evaluate("window.same")
    reader.page.goto(href)
    expect(reader.page.get_by_text(name).first).to_be_visible(timeout=SECONDS)


def what_repeats_a_picture_is_folded_and_no_page_has_more_than_four_tables_open(reader):
    tables = reader.page.locator(".lindero-table table")

    fold = reader.page.get_by_text("The data of this picture").first
    assert tables.locator("visible=true").count() <= 4
    fold.click()

    expect(reader.page.locator("details[open] table").first).to_be_visible()


def columns_beyond_the_edge_are_announced_and_reached_by_the_arrow_keys(reader, axe):
    table = reader.page.locator(".lindero-table", has=reader.page.locator("thead th:nth-child(10)")).first
    sign, wide, clip = table.locator(".lt-beyond"), table.locator(".lt-wide"), table.locator(".lt-clip")
    left = "one => Math.round(one.scrollWidth - one.clientWidth - one.scrollLeft)"

    reader.page.set_viewport_size({"width": 1920, "height": 900})
    expect(sign).to_be_hidden()
    assert wide.get_attribute("tabindex") is None
    reader.page.set_viewport_size({"width": 768, "height": 900})

    expect(sign).to_be_visible()
    expect(clip).to_contain_class("lt-further")
    assert wide.evaluate(left) > 1
    assert reader.violations(axe) == []
    wide.focus()
    for _ in range(60):
        reader.page.keyboard.press("ArrowRight")
    expect(clip).not_to_contain_class("lt-further")
    assert wide.evaluate(left) <= 1
    reader.page.emulate_media(media="print")
    expect(sign).to_be_hidden()


def on_paper_every_row_stands_and_no_button(reader):
    reader.page.emulate_media(media="print")

    rows = reader.page.locator(".lindero-table tbody").first.locator("tr")
    assert rows.count() == 200
    expect(rows.last).to_be_visible()
    expect(
        reader.page.get_by_text(
            re.compile(r"^Rows 1 to 200 of [\d,]+\. The page offers all of them as a file\.$")
        ).first
    ).to_be_visible()
    expect(reader.page.locator(".lt-more").first).to_be_hidden()
    expect(reader.page.locator(".lt-pages").first).to_be_hidden()


def on_paper_what_is_folded_stands_open(reader):
    folded = reader.page.locator("details:not([open]) table").first
    expect(folded).to_be_attached()

    reader.page.emulate_media(media="print")

    expect(folded).to_be_visible()
