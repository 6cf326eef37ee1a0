"""The pages on a phone: the answer on the screen before the map, and nothing that stays lying over it."""

import itertools

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, legend_faults

pytestmark = pytest.mark.journey

SCREEN = 740
INVENTED_PLACE = "-12.409, -70.39"
DOORS_NAME = "Lo que este mapa responde"
DOORS = ["Mi tierra", "Cambios", "Ataques y protección", "Datos y métodos"]


@pytest.fixture
def address(invented):
    return invented


@pytest.mark.slow
def test_the_first_page_has_its_answer_on_the_screen_before_the_map_and_four_doors_below(visit, address):
    reader = visit("phone", "es")
    frame = reader.open(f"{address}/?map=1")
    reader.settle()
    before_anything_is_asked_overlaps_stand_on_the_screen_as_shapes_with_a_sentence(reader, frame)
    the_verdict_stands_on_the_screen_and_before_the_map(reader)
    four_doors_stand_at_the_lower_edge_for_a_thumb_and_lead_on(reader)


def the_verdict_stands_on_the_screen_and_before_the_map(reader):
    reader.enter(reader.page.locator("input[type=text]").first, INVENTED_PLACE)
    verdict = reader.page.locator("strong", has_text="Aquí hay").first
    verdict.wait_for()
    reader.settle()

    box, drawn = verdict.bounding_box(), reader.page.locator("iframe[title*=folium]").bounding_box()
    bar = reader.page.get_by_role("navigation", name=DOORS_NAME).bounding_box()
    assert box["y"] + box["height"] <= min(SCREEN, bar["y"])
    assert box["y"] + box["height"] <= drawn["y"]
    frame = reader.map()
    assert frame.locator(".leaflet-pins-pane path").count() == 1
    above = "['pins', 'shared'].map(name => Number(getComputedStyle(map.getPane(name)).zIndex))"
    pins, shapes = frame.evaluate(above)
    assert pins > shapes  # or her place is under the overlaps


def before_anything_is_asked_overlaps_stand_on_the_screen_as_shapes_with_a_sentence(reader, frame):
    said = reader.page.locator("strong", has_text="registradas en la tierra de").bounding_box()
    field = reader.page.locator("input[type=text]").first.bounding_box()
    drawn = reader.page.locator("iframe[title*=folium]").bounding_box()
    bar = reader.page.get_by_role("navigation", name=DOORS_NAME).bounding_box()
    assert field["y"] < said["y"] < drawn["y"] < bar["y"] - 150
    shapes = "[...document.querySelectorAll('.leaflet-shared-pane path')].filter(one => one.getBoundingClientRect().width > 4)"
    assert frame.evaluate(f"{shapes}.length") >= 5
    assert frame.evaluate("map.getZoom()") >= 6  # shapes, and no counts
    assert legend_faults(frame) == []


def four_doors_stand_at_the_lower_edge_for_a_thumb_and_lead_on(reader):
    bar = reader.page.get_by_role("navigation", name=DOORS_NAME)
    expect(bar.get_by_role("link")).to_have_text(DOORS)
    reader.settle()

    boxes = [link.bounding_box() for link in bar.get_by_role("link").all()]
    assert all(min(box["width"], box["height"]) >= 44 and box["y"] + box["height"] <= SCREEN for box in boxes)
    assert all(left["x"] + left["width"] <= right["x"] + 1 for left, right in itertools.pairwise(boxes))

    bar.get_by_role("link", name="Ataques y protección").click()

    expect(reader.page.get_by_role("heading", level=1, name="Ataques")).to_be_visible()
    expect(bar.locator("[aria-current]")).to_have_text("Ataques y protección")
    expect(bar.get_by_role("link", name="Mi tierra")).to_have_attribute("href", "/")
    reader.page.get_by_role("navigation", name="Páginas de esta parte").get_by_role("link", name="Caso").click()
    expect(reader.page.get_by_role("heading", level=1, name="Caso")).to_be_visible()
    expect(bar.locator("[aria-current]")).to_have_text("Ataques y protección")
    expect(reader.page.get_by_test_id("stSidebar")).to_have_count(0)


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


@pytest.mark.slow
def test_one_finger_moves_the_page_on_the_map_and_on_cards_which_mark_it(touched, address):
    one_finger_on_the_map_moves_the_page_and_not_the_map(touched, address)
    a_finger_meets_cards_that_let_the_page_move_and_mark_the_map(touched, address)


def one_finger_on_the_map_moves_the_page_and_not_the_map(touched, address):
    frame = touched.open(f"{address}/?map=1")
    touched.settle()
    centre = frame.evaluate("[map.getCenter().lat, map.getCenter().lng]")

    swipe(touched.page, touched.page.locator("iframe[title*=folium]").bounding_box())

    touched.page.wait_for_function(f"{SCROLLED} > 50")
    assert frame.evaluate("[map.getCenter().lat, map.getCenter().lng]") == centre


def a_finger_meets_cards_that_let_the_page_move_and_mark_the_map(touched, address):
    touched.page.goto(f"{address}/overlaps")
    rows = touched.page.locator(".lindero-table tbody tr").locator("visible=true")
    rows.first.wait_for()
    touched.settle()
    expect(touched.page.get_by_test_id("stElementToolbar").locator("visible=true")).to_have_count(0)
    assert touched.page.evaluate("document.documentElement.scrollWidth") <= 360

    rows.first.scroll_into_view_if_needed()
    before = touched.page.evaluate(SCROLLED)
    swipe(touched.page, rows.first.bounding_box(), far=200)

    touched.page.wait_for_function(f"{SCROLLED} < {before} - 50")
    touched.page.locator(".lt-mark button").first.tap()
    touched.map().wait_for_function("lindero.marked().length === 2", timeout=60_000)
