"""Every part that pages are made of, in every state: none breaks, runs beyond a phone, or is amiss by axe's rules."""

import urllib.error
import urllib.request
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from docs.gallery.parts import PARTS
from docs.gallery.states import LONG, RIGHT_TO_LEFT, STATES
from docs.screenshots import is_listening, wait_until
from tests import forked, small_map
from tests.browser.conftest import WIDTHS

SECONDS = 60_000
LARGE = ("tables", "cards", "map")  # each on a page of its own; all others on one


@pytest.fixture(scope="module")
def gallery(builds, tmp_path_factory):
    port = small_map.free_port()
    said = tmp_path_factory.mktemp("gallery") / "said.txt"
    said.touch()
    code = "import runpy; runpy.run_module('docs.gallery', run_name='__main__', alter_sys=True)"  # as `python -m` does
    _lives, ended = forked.lives_and_ended(forked.program(code, [str(port), str(builds)], said))
    try:
        wait_until(lambda: is_listening(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        ended()


def opened(visit, gallery, parts):
    reader = visit("phone")
    reader.page.goto(f"{gallery}/?{urlencode([('part', part) for part in parts])}")
    last = reader.page.get_by_role("heading", level=2, name="Right to left").nth(len(parts) - 1)
    expect(last).to_be_visible(timeout=SECONDS)
    reader.settle()
    return reader


@pytest.mark.parametrize(
    "parts", [[part] for part in LARGE] + [[part for part in PARTS if part not in LARGE]], ids=" ".join
)
def test_every_state_of_a_part_is_drawn_within_a_phone_and_axe_finds_nothing(visit, gallery, axe, parts):
    reader = opened(visit, gallery, parts)

    heads = reader.page.get_by_role("heading", level=2).all_inner_texts()
    assert heads == [state.capitalize() for state in STATES] * len(parts)
    assert reader.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth") <= 0
    assert reader.violations(axe) == []
    for part in ALSO.keys() & parts:
        reader.page.set_viewport_size({"width": WIDTHS["desktop"][0], "height": WIDTHS["desktop"][1]})
        reader.settle()
        ALSO[part](reader)


def test_what_is_amiss_by_axe_s_rules_is_named(visit, axe):
    reader = visit()
    reader.page.set_content('<html lang="en"><title>Amiss</title><main><h1>Amiss</h1><input type="text"></main></html>')

    assert reader.violations(axe) == [("label", '<input type="text">')]


def a_name_without_a_blank_keeps_every_column_in_the_window(reader):
    table = reader.page.locator(".lindero-table").filter(has_text=LONG[1])

    wide = table.locator(".lt-wide")

    assert wide.evaluate("box => box.scrollWidth - box.clientWidth") <= 0


def names_from_right_to_left_stand_each_for_itself(reader):
    shown = reader.page.locator(".lindero-chosen").filter(has_text=RIGHT_TO_LEFT[0]).locator("bdi")

    assert shown.all_inner_texts() == list(RIGHT_TO_LEFT)
    lefts = [one.bounding_box()["x"] for one in shown.all()]
    assert lefts == sorted(lefts)  # in the order of the page, though each runs the other way


ALSO = {  # what is asked of a part in a wide window, in the same visit
    "cards": a_name_without_a_blank_keeps_every_column_in_the_window,
    "figures": names_from_right_to_left_stand_each_for_itself,
}


def test_no_reader_of_a_map_reaches_the_gallery(small):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{small}/gallery")
