"""A map with its operator's own backgrounds, and a holder: what is chosen is seen and remembered, what is small is seen, too."""

import pytest
from playwright.sync_api import expect
from pmtiles.tile import TileType
from shapely import Point

from lindero.layers.tiles.background_archive import Background
from lindero.layers.workspace import backgrounds, manifest_file
from tests import background_files, small_map
from tests.browser.conftest import GO, WIDTHS
from tests.browser.test_map import unfold


@pytest.fixture(scope="module")
def of_a_holder(tmp_path_factory):
    """A map with backgrounds of its own, whose concession has a holder, with an attack that lies not over it."""
    space = tmp_path_factory.mktemp("own") / "space"
    manifest_file.create_workspace(space, title="Own", country="PE")
    shapes = {**small_map.SHAPES, "incidents": Point(-73, -9.95)}
    small_map.publish(space / "build", text="Minera Ejemplo", shapes=shapes)
    for name, kind in [("Photos", TileType.PNG), ("Streets", TileType.MVT)]:
        file = background_files.pmtiles(space.parent / f"{name}.pmtiles", kind=kind)
        looked = backgrounds.InspectedArchive(file, Background(file).about, 1)
        backgrounds.add_background(space, looked, title=name, attribution="© Example Imagery &amp; &lt;Sons&gt;")
    with small_map.serving(space / "build") as served:
        yield served


@pytest.mark.slow
def test_what_is_small_follows_the_filter_and_images_are_chosen_and_remembered(visit, of_a_holder):
    reader = visit()
    frame = reader.open(of_a_holder)
    what_is_small_on_the_screen_follows_the_filter_too(frame)
    reader.settle()
    images_are_chosen_seen_with_whose_they_are_and_remembered(reader, frame, of_a_holder)
    reader.page.evaluate(GO, "/holder")
    expect(reader.page.get_by_role("heading", level=1)).to_have_text("Companies and holders")
    reader.page.set_viewport_size(dict(zip(("width", "height"), WIDTHS["desktop"], strict=True)))
    reader.choose(reader.page.get_by_role("combobox").first, 1)  # the first entry stands for all holders
    far_out_a_holder_s_own_titles_are_still_seen_and_follow_the_filter(reader.map())


def images_are_chosen_seen_with_whose_they_are_and_remembered(reader, frame, address):
    frame.evaluate("map.setView([-9.95, -74.95], 9, {animate: false})")
    box = unfolded(frame)
    expect(box.get_by_label("Lindero's own")).to_be_checked()

    box.get_by_label("Photos").check()

    expect(frame.locator("img.leaflet-tile-loaded").first).to_be_attached()
    expect(box.get_by_text("© Example Imagery & Sons")).to_have_count(1)
    assert "© Example Imagery &amp; Sons" in frame.evaluate("map.attributionControl.getContainer().innerHTML")
    reader.page.set_viewport_size(dict(zip(("width", "height"), WIDTHS["phone"], strict=True)))
    again = reader.open(address)
    expect(again.locator(".lindero-backgrounds").get_by_label("Photos")).to_be_checked()
    reader.settle()
    vector_tiles_are_drawn_and_name_their_own_places(again)


def unfolded(frame):
    box = frame.locator(".lindero-backgrounds")
    box.evaluate("box => { box.open = true; }")
    return box


def vector_tiles_are_drawn_and_name_their_own_places(frame):
    frame.evaluate("map.setView([-9.95, -74.95], 9, {animate: false})")
    box = unfolded(frame)

    box.get_by_label("Streets").check()

    drawn = "() => Object.values(map._layers).filter(layer => layer.options.bounds && layer.options.zIndex === 2).map(layer => Object.values(layer._tiles).filter(tile => tile.loaded).length)"
    expect(box.locator("p")).to_have_text("© Example Imagery & Sons")
    frame.wait_for_function(
        f"() => {{ const counts = ({drawn})(); return counts.length === 2 && counts.every(Boolean); }}"
    )
    box.get_by_label("Lindero's own").check()
    assert frame.evaluate(drawn) == []


# How many pixels of the map have the colour of mining as small concessions have it far out: pale, without an outline.
ORANGE = """[...document.querySelectorAll('.leaflet-tile-pane canvas')].reduce((sum, canvas) => {
  const { width, height } = canvas;
  const ink = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d', { willReadFrequently: true });
  ink.drawImage(canvas, 0, 0);
  const points = new Uint32Array(ink.getImageData(0, 0, width, height).data.buffer);
  return sum + points.filter((abgr) => Math.abs((abgr & 255) - 213) < 5 && Math.abs((abgr >> 8 & 255) - 94) < 5
    && Math.abs((abgr >>> 24) - 38) < 5).length;
}, 0)"""


def what_is_small_on_the_screen_follows_the_filter_too(frame):
    frame.evaluate("map.setView([-9.97, -74.93], 6, {animate: false})")
    frame.wait_for_function(f"{ORANGE} > 3", timeout=60_000)
    unfold(frame)

    frame.evaluate("linderoRules.seen.years = [2010, 2010]")  # the concession is of 2009, and nothing is later
    frame.get_by_label("include records without a year").uncheck()
    frame.wait_for_function(f"{ORANGE} === 0", timeout=60_000)
    frame.evaluate("linderoRules.seen.years = null")
    frame.get_by_label("include records without a year").check()
    frame.wait_for_function(f"{ORANGE} > 3", timeout=60_000)
    frame.get_by_label("Mining", exact=True).uncheck()
    frame.wait_for_function(f"{ORANGE} === 0", timeout=60_000)
    frame.get_by_label("Mining", exact=True).check()


def far_out_a_holder_s_own_titles_are_still_seen_and_follow_the_filter(frame):
    frame.evaluate("map.setView([-9.95, -74.95], 4, {animate: false})")
    frame.wait_for_function("lindero.far().length === 1", timeout=60_000)
    assert frame.evaluate("lindero.far()[0].distanceTo([-9.95, -74.95])") < 100  # metres

    frame.get_by_label("Mining", exact=True).uncheck()
    frame.wait_for_function("lindero.far().length === 0", timeout=60_000)
    frame.get_by_label("Mining", exact=True).check()
    frame.wait_for_function("lindero.far().length === 1", timeout=60_000)
    frame.evaluate("map.setView([-9.95, -74.95], 10, {animate: false})")
    frame.wait_for_function("lindero.far().length === 0")
