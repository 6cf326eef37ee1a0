import pytest
from playwright.sync_api import expect
from shapely import Point

from tests import small_map


@pytest.fixture
def address(small):
    return small


def pin(page):
    """Give the first row's button, which marks it on the map."""
    return page.locator(".lt-mark button").first


def marked(frame) -> list[str]:
    return sorted(frame.evaluate("lindero.marked()"))


def unfold(frame) -> None:
    frame.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")


@pytest.mark.slow
def test_the_table_and_the_map_mark_what_the_other_selects(visit, address):
    reader = visit()
    frame = reader.open(f"{address}/overlaps")
    reader.settle()
    tables_hand_no_formulas_to_spreadsheets(reader)
    a_row_is_marked_by_the_keyboard_and_no_longer_when_it_is_pressed_again(reader, frame)
    a_press_on_the_map_selects_the_rows_of_what_lies_there(reader, frame)
    a_row_selected_in_the_table_is_marked_on_the_map_and_brought_into_view(reader, frame)


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


def test_what_the_map_s_filter_leaves_out_is_left_out_of_the_list(visit, address, width):
    reader = visit(width)
    frame = reader.open(address)
    reader.press(frame, *small_map.IN_BOTH)
    expect(reader.page.get_by_text("Here lies 1 concession")).to_be_visible()
    frame.evaluate("window.kept = true")
    unfold(frame)

    frame.get_by_label("from").select_option("2009")
    frame.get_by_label("also without a year").uncheck()

    expect(reader.page.get_by_text("filter leaves 1 record out of the lists")).to_be_visible()
    assert frame.evaluate("window.kept")
    frame.get_by_label("also without a year").check()
    expect(reader.page.get_by_text("filter leaves 1 record out of the lists")).to_have_count(0)


def test_the_filter_acts_in_the_browser_alone_and_the_counts_far_out_follow_it(visit, address):
    reader = visit()
    frame = reader.open(address)
    frame.evaluate("map.setView([-9.97, -74.93], 9, {animate: false})")
    frame.wait_for_function("lindero.under(L.latLng(-9.97, -74.93)).length === 2")
    asked = []
    reader.page.on("request", lambda request: asked.append(request.url))

    frame.get_by_label("Mining", exact=True).uncheck()

    frame.wait_for_function("lindero.under(L.latLng(-9.97, -74.93)).length === 1")
    assert asked == []
    frame.get_by_label("Mining", exact=True).check()
    far_out_the_counts_follow_the_filter(frame)


def far_out_the_counts_follow_the_filter(frame):
    frame.evaluate("map.setView([-9.97, -74.93], 4, {animate: false})")
    cell = "lindero.counted(L.latLng(-9.97, -74.93))"
    frame.wait_for_function(f"{cell} === 3")

    frame.get_by_label("Mining", exact=True).uncheck()
    frame.wait_for_function(f"{cell} === 2")
    frame.get_by_label("Mining", exact=True).check()
    unfold(frame)
    frame.get_by_label("also without a year").uncheck()

    frame.wait_for_function(f"{cell} === 2")  # the attack has no year on record


# How many points of the map have the colour of mining as small features have it: half seen through, without an outline.
ORANGE = """[...document.querySelectorAll('.leaflet-tile-pane canvas')].reduce((sum, canvas) => {
  const { width, height } = canvas;
  const ink = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d', { willReadFrequently: true });
  ink.drawImage(canvas, 0, 0);
  const points = new Uint32Array(ink.getImageData(0, 0, width, height).data.buffer);
  return sum + points.filter((abgr) => Math.abs((abgr & 255) - 213) < 5 && Math.abs((abgr >> 8 & 255) - 94) < 5
    && Math.abs((abgr >>> 24) - 128) < 5).length;
}, 0)"""


@pytest.fixture(scope="module")
def of_a_holder(tmp_path_factory):
    """A map whose concession has a holder, with an attack that lies not over it."""
    folder = tmp_path_factory.mktemp("holder")
    small_map.publish(folder, text="Minera Ejemplo", shapes={**small_map.SHAPES, "incidents": Point(-73, -9.95)})
    with small_map.serving(folder) as address:
        yield address


def test_what_is_small_on_the_screen_follows_the_filter_too(visit, of_a_holder):
    reader = visit()
    frame = reader.open(of_a_holder)
    frame.evaluate("map.setView([-9.97, -74.93], 6, {animate: false})")
    frame.wait_for_function(f"{ORANGE} > 3", timeout=60_000)
    unfold(frame)

    frame.evaluate("linderoRules.seen.years = [2010, 2010]")  # the concession is of 2009, and nothing is later
    frame.get_by_label("also without a year").uncheck()
    frame.wait_for_function(f"{ORANGE} === 0", timeout=60_000)
    frame.evaluate("linderoRules.seen.years = null")
    frame.get_by_label("also without a year").check()
    frame.wait_for_function(f"{ORANGE} > 3", timeout=60_000)
    frame.get_by_label("Mining", exact=True).uncheck()
    frame.wait_for_function(f"{ORANGE} === 0", timeout=60_000)


def tables_hand_no_formulas_to_spreadsheets(reader):
    pin(reader.page).hover()

    expect(reader.page.get_by_role("button", name="Download as CSV", exact=True)).to_have_count(1)  # the page's own


def test_far_out_a_holder_s_own_titles_are_still_seen_and_follow_the_filter(visit, of_a_holder):
    reader = visit()
    frame = reader.open(f"{of_a_holder}/holder")
    reader.settle()

    frame.evaluate("map.setView([-9.95, -74.95], 4, {animate: false})")
    frame.wait_for_function("lindero.far().length === 1", timeout=60_000)
    assert frame.evaluate("lindero.far()[0].distanceTo([-9.95, -74.95])") < 100  # metres

    frame.get_by_label("Mining", exact=True).uncheck()
    frame.wait_for_function("lindero.far().length === 0", timeout=60_000)
    frame.get_by_label("Mining", exact=True).check()
    frame.wait_for_function("lindero.far().length === 1", timeout=60_000)
    frame.evaluate("map.setView([-9.95, -74.95], 10, {animate: false})")
    frame.wait_for_function("lindero.far().length === 0")
