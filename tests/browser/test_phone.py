"""The pages on a phone: the answer on the screen before the map, and nothing that stays lying over it."""

import pytest
from playwright.sync_api import expect

from tests import small_map
from tests.browser import maps_served
from tests.browser.conftest import Visit

SCREEN = 740
INVENTED_PLACE = "-12.409, -70.39"
OPENED = "[data-testid=stSidebar] button[aria-expanded=true]"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with small_map.serving(maps_served.of_the_demonstration(tmp_path_factory.mktemp("phone"))) as address:
        yield address


def test_the_verdict_stands_on_the_screen_and_before_the_map(visit, address):
    reader = visit("phone", "es")
    reader.open(f"{address}/?map=1")

    reader.page.locator("input[type=text]").first.fill(INVENTED_PLACE)
    reader.page.keyboard.press("Enter")
    verdict = reader.page.locator("strong", has_text="Aquí hay").first
    verdict.wait_for()
    reader.settle()

    box, drawn = verdict.bounding_box(), reader.page.locator("iframe[title*=folium]").bounding_box()
    assert box["y"] + box["height"] <= SCREEN
    assert box["y"] + box["height"] <= drawn["y"]


def test_the_list_of_pages_closes_once_one_is_chosen_and_is_not_open_at_the_next_visit(visit, address):
    reader = visit("phone", "es")
    reader.page.goto(f"{address}/?map=1")
    opener = reader.page.get_by_test_id("stExpandSidebarButton")
    opener.wait_for()
    reader.settle()
    assert "Abrir el menú" in opener.evaluate(
        "button => getComputedStyle(button, '::after').content + button.ariaLabel"
    )
    box = opener.bounding_box()
    assert min(box["width"], box["height"]) >= 44

    opener.click()
    expect(reader.page.locator(OPENED)).to_be_visible()
    reader.page.get_by_test_id("stSidebarNavLink").nth(1).click()

    expect(reader.page.get_by_role("heading", level=1, name="Comunidad")).to_be_visible()
    expect(reader.page.locator(OPENED)).to_have_count(0)

    reader.page.get_by_test_id("stExpandSidebarButton").click()
    expect(reader.page.locator(OPENED)).to_be_visible()
    reader.page.reload()

    expect(reader.page.get_by_role("heading", level=1, name="Comunidad")).to_be_visible()
    reader.settle()
    expect(reader.page.locator(OPENED)).to_have_count(0)


@pytest.fixture
def touched(browser):
    """Give a page of a phone that is touched, and a way to swipe on it."""
    context = browser.new_context(
        viewport={"width": 360, "height": SCREEN}, locale="es", has_touch=True, is_mobile=True
    )
    page = context.new_page()
    yield Visit(page)
    context.close()


def swipe(page, box, *, far: int = -200) -> None:
    """Swipe with one finger, from the middle of what is seen of a box."""
    x, y = box["x"] + box["width"] / 2, (max(box["y"], 0) + min(box["y"] + box["height"], SCREEN)) / 2
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for part in range(1, 11):
        moved = {"x": x, "y": y + far * part / 10}
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [moved]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


SCROLLED = "document.querySelector('[data-testid=stMain]').scrollTop"


def test_one_finger_on_the_map_moves_the_page_and_not_the_map(touched, address):
    frame = touched.open(f"{address}/?map=1")
    touched.settle()
    centre = frame.evaluate("[map.getCenter().lat, map.getCenter().lng]")

    swipe(touched.page, touched.page.locator("iframe[title*=folium]").bounding_box())

    touched.page.wait_for_function(f"{SCROLLED} > 50")
    assert frame.evaluate("[map.getCenter().lat, map.getCenter().lng]") == centre


def test_a_finger_meets_rows_in_place_of_a_table_and_no_tools_lie_over_them(touched, address):
    touched.page.goto(f"{address}/overlaps")
    rows = touched.page.locator(".lindero-printed tr").locator("visible=true")
    rows.first.wait_for()
    touched.settle()
    expect(touched.page.get_by_test_id("stDataFrame").first).to_be_hidden()
    expect(touched.page.get_by_test_id("stElementToolbar").locator("visible=true")).to_have_count(0)
    assert touched.page.evaluate("document.documentElement.scrollWidth") <= 360

    rows.first.scroll_into_view_if_needed()
    before = touched.page.evaluate(SCROLLED)
    swipe(touched.page, rows.first.bounding_box(), far=200)

    touched.page.wait_for_function(f"{SCROLLED} < {before} - 50")


def test_far_out_there_is_one_south_america(visit, address):
    reader = visit()
    frame = reader.open(address)

    frame.evaluate("map.setZoom(0, {animate: false})")
    reader.settle()

    assert frame.evaluate("map.getZoom()") == 3
    frame.evaluate("map.panTo([-10, 250], {animate: false})")
    reader.settle()
    assert frame.evaluate("map.getCenter().lng") <= 180
    assert frame.evaluate("Object.values(map._layers).filter(one => one._tiles).every(one => one.options.noWrap)")
