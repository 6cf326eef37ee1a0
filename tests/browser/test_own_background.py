"""The operator's own background on the page's map: chosen beside the embedded one, with whose it is, from this machine alone."""

import pytest
from playwright.sync_api import expect
from pmtiles.tile import TileType

from lindero.layers.tiles.background_archive import Background
from lindero.layers.workspace import backgrounds, manifest_file
from tests import background_files, small_map


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    space = tmp_path_factory.mktemp("own") / "space"
    manifest_file.create(space, title="Own", country="PE")
    small_map.publish(space / "build")
    for name, kind in [("Photos", TileType.PNG), ("Streets", TileType.MVT)]:
        file = background_files.pmtiles(space.parent / f"{name}.pmtiles", kind=kind)
        looked = backgrounds.Looked(file, Background(file).about, 1)
        backgrounds.add(space, looked, title=name, attribution="© Example Imagery &amp; &lt;Sons&gt;")
    with small_map.serving(space / "build") as served:
        yield served


@pytest.mark.slow
def test_images_are_chosen_seen_with_whose_they_are_and_remembered(visit, address, width):
    reader = visit(width)
    frame = reader.open(address)
    reader.settle()
    frame.evaluate("map.setView([-9.95, -74.95], 9, {animate: false})")
    box = frame.locator(".lindero-backgrounds")
    box.evaluate("box => { box.open = true; }")
    expect(box.get_by_label("The one of Lindero")).to_be_checked()

    box.get_by_label("Photos").check()

    expect(frame.locator("img.leaflet-tile-loaded").first).to_be_attached()
    expect(box.get_by_text("© Example Imagery & Sons")).to_have_count(1)
    assert "© Example Imagery &amp; Sons" in frame.evaluate("map.attributionControl.getContainer().innerHTML")
    again = reader.open(address)
    expect(again.locator(".lindero-backgrounds").get_by_label("Photos")).to_be_checked()
    if width == "desktop":
        reader.settle()
        vector_tiles_are_drawn_and_name_their_own_places(again)


def vector_tiles_are_drawn_and_name_their_own_places(frame):
    frame.evaluate("map.setView([-9.95, -74.95], 9, {animate: false})")

    frame.locator(".lindero-backgrounds").get_by_label("Streets").check()

    drawn = "() => Object.values(map._layers).filter(layer => layer.options.bounds && layer.options.zIndex === 2).map(layer => Object.values(layer._tiles).filter(tile => tile.loaded).length)"
    expect(frame.locator(".lindero-backgrounds p")).to_have_text("© Example Imagery & Sons")
    frame.wait_for_function(
        f"() => {{ const counts = ({drawn})(); return counts.length === 2 && counts.every(Boolean); }}"
    )
    frame.locator(".lindero-backgrounds").get_by_label("The one of Lindero").check()
    assert frame.evaluate(drawn) == []
