import re

import pytest
from playwright.sync_api import expect

from tests import small_map
from tests.browser.conftest import WIDTHS

TILES = re.compile(r"/tiles/(base|map)/")


@pytest.fixture
def address(small):
    return small


@pytest.mark.slow
def test_the_legend_hides_and_a_press_lists_what_is_there_and_says_where_there_is_no_data(visit, address):
    reader = visit()
    frame = reader.open(address)
    the_legend_hides_a_class_at_once_and_keeps_the_map(frame)
    far_out_concessions_are_pale_where_the_map_is_about_the_land_of_others(frame)
    what_was_refused_is_explained_only_where_some_of_it_is_in_view(frame)
    the_filter_acts_in_the_browser_alone(reader, frame)
    far_out_the_counts_follow_the_filter(frame)
    a_press_lists_what_is_there_and_near(reader, frame)
    a_press_where_the_map_has_no_data_says_so_and_counts_nothing(reader, frame)
    reader.page.set_viewport_size(dict(zip(("width", "height"), WIDTHS["phone"], strict=True)))
    a_press_lists_what_is_there_and_near(reader, frame)
    what_the_filter_leaves_out_is_left_out_of_the_list(reader, frame)
    a_press_where_the_map_has_no_data_says_so_and_counts_nothing(reader, frame)


def a_press_lists_what_is_there_and_near(reader, frame):
    reader.press(frame, *small_map.IN_BOTH)

    expect(
        reader.page.get_by_text("1 concession covers this place, on the land of The communities row.", exact=True)
    ).to_be_visible(timeout=60_000)
    popup = frame.locator(".lindero-popup strong")
    expect(popup).to_have_count(2)
    assert sorted(popup.all_text_contents()) == ["The communities row", "The concessions row"]


def a_press_where_the_map_has_no_data_says_so_and_counts_nothing(reader, frame):
    reader.press(frame, *small_map.EMPTY_SEA)

    expect(reader.page.get_by_text("This map has no data on concessions").first).to_be_visible()
    expect(reader.page.get_by_text("No concession is recorded here")).to_have_count(0)


def far_out_concessions_are_pale_where_the_map_is_about_the_land_of_others(frame):
    painted = """([zoom, isCounted]) => linderoRules.paintRules([{
        code: 'mining', layer: 'concessions', color: '#D55E00', hatching: 'rising',
    }], isCounted).filter((rule) => rule.dataLayer === 'mining area' && rule.minzoom <= zoom && rule.maxzoom >= zoom)
        .map(({ symbolizer }) => symbolizer instanceof protomapsL.LineSymbolizer)"""
    assert frame.evaluate(painted, [9, False]) == [True]
    assert frame.evaluate(painted, [12, False]) == [False]
    assert frame.evaluate(painted, [9, True]) == [False]
    points = painted.replace("'mining area'", "'mining spot'")
    assert frame.evaluate(points, [9, False]) == [False]  # those without an area are pale points, not left out


def what_was_refused_is_explained_only_where_some_of_it_is_in_view(frame):
    frame.evaluate("""() => {
        const look = { code: 'refused', label: 'Refused here', hatching: 'falling', depth: 0.05, outline: 2, dash: '', colors: { light: '#4a4a4a', dark: '#4a4a4a', sun: '#4a4a4a' } };
        const areas = { scale: 1, areas: [{ properties: { name: '', said: '', look: 'refused' }, points: [10, 10] }] };
        linderoAreas.show(map, { title: 'On no map', looks: [look], areas, pane: 'refused', is_through: true, is_told: true });
    }""")
    explained = frame.locator(".lindero-legend", has_text="Refused here")
    expect(explained).to_be_hidden()
    frame.evaluate("map.fire('moveend')")
    expect(explained).to_be_hidden()
    frame.evaluate("map.setMinZoom(0).setMaxBounds(null).setView([10, 10], 9, {animate: false})")
    expect(explained).to_be_visible()
    assert explained.evaluate("(box) => box === box.parentElement.lastElementChild")


def the_legend_hides_a_class_at_once_and_keeps_the_map(frame):
    frame.evaluate("window.kept = true; map.setView([-9.97, -74.93], 9, {animate: false})")
    frame.wait_for_function("lindero.under(L.latLng(-9.97, -74.93)).length === 2")

    frame.get_by_label("Mining").uncheck()

    frame.wait_for_function("lindero.under(L.latLng(-9.97, -74.93)).length === 1 && window.kept")
    frame.get_by_label("Mining").check()
    frame.wait_for_function("lindero.under(L.latLng(-9.97, -74.93)).length === 2")


def the_filter_acts_in_the_browser_alone(reader, frame):
    reader.settle()
    asked = []
    reader.page.on("request", lambda request: asked.append(request.url))

    frame.get_by_label("Mining", exact=True).uncheck()

    frame.wait_for_function("lindero.under(L.latLng(-9.97, -74.93)).length === 1")
    assert asked == []
    frame.get_by_label("Mining", exact=True).check()


def far_out_the_counts_follow_the_filter(frame):
    frame.evaluate("map.setView([-9.97, -74.93], 4, {animate: false})")
    cell = "lindero.counted(L.latLng(-9.97, -74.93))"
    frame.wait_for_function(f"{cell} === 3")

    frame.get_by_label("Mining", exact=True).uncheck()
    frame.wait_for_function(f"{cell} === 2")
    frame.get_by_label("Mining", exact=True).check()
    frame.wait_for_function(f"{cell} === 3")
    unfold(frame)
    frame.get_by_label("include records without a year").uncheck()

    frame.wait_for_function(f"{cell} === 2")  # the attack has no year on record
    frame.get_by_label("include records without a year").check()


def what_the_filter_leaves_out_is_left_out_of_the_list(reader, frame):
    frame.evaluate("window.kept = true")
    unfold(frame)

    frame.get_by_label("from").select_option("2009")
    frame.get_by_label("include records without a year").uncheck()

    expect(reader.page.get_by_text("filter hides 1 record from the lists")).to_be_visible()
    assert frame.evaluate("window.kept")
    frame.get_by_label("include records without a year").check()
    expect(reader.page.get_by_text("filter hides 1 record from the lists")).to_have_count(0)


def unfold(frame) -> None:
    frame.evaluate("document.querySelectorAll('details').forEach(box => { box.open = true; })")


def test_tiles_that_fail_are_asked_for_again_and_a_map_that_stays_without_them_says_so(visit, address):
    reader = visit(language="es")
    frame = tiles_that_fail_at_first_are_asked_for_again(reader, address)
    reader.settle()
    a_map_that_stays_without_tiles_says_so_until_they_come(reader, frame)


def tiles_that_fail_at_first_are_asked_for_again(reader, address):
    asked: dict[str, int] = {}

    def twice_lost(route):
        asked[route.request.url] = asked.get(route.request.url, 0) + 1
        route.abort() if asked[route.request.url] <= 2 else route.fallback()

    reader.page.route(TILES, twice_lost)

    frame = reader.open(address)

    assert min(asked.values()) == 3
    expect(frame.locator(".lindero-notice:not(:empty)")).to_have_count(0)
    reader.page.unroute(TILES)
    return frame


def a_map_that_stays_without_tiles_says_so_until_they_come(reader, frame):
    reader.page.route(TILES, lambda route: route.abort())

    frame.evaluate("map.setView([-6.9, -78.3], 12, {animate: false})")

    notice = frame.get_by_role("status").filter(has_text="Una parte del mapa no se pudo cargar")
    expect(notice).to_be_visible()
    reader.page.unroute(TILES)
    frame.evaluate("map.setView([-6.9, -78.9], 12, {animate: false})")
    expect(notice).to_have_count(0)
    reader.settle()
    # each of many tiles is given up in its own time, some after the notice: that alone is no complaint
    reader.complaints[:] = [text for text in reader.complaints if "Failed to fetch" not in text]
