"""The map has a ground for each light that a device may have, painted anew when that changes, and white on paper."""

from playwright.sync_api import expect

from lindero.app.media import design
from tests.browser.conftest import GO

PIXELS = """() => {
  const seen = {};
  document.querySelectorAll(".leaflet-tile-pane canvas").forEach((tile) => {
    const { data } = tile.getContext("2d").getImageData(0, 0, tile.width, tile.height);
    for (let i = 0; i < data.length; i += 4 * 97) {
      const name = "#" + [0, 1, 2].map((at) => data[i + at].toString(16).padStart(2, "0")).join("");
      if (data[i + 3] === 255) seen[name] = (seen[name] || 0) + 1;
    }
  });
  return Object.entries(seen).sort((one, other) => other[1] - one[1])[0][0];
}"""
LIGHTS = {"light": design.MAP_LIGHT, "dark": design.MAP_DARK}


def ground(reader):
    reader.settle()
    return reader.map().evaluate(PIXELS)


def test_the_land_has_the_colour_of_the_light_and_takes_the_other_when_it_changes(visit, small):
    reader = visit("desktop")
    reader.page.emulate_media(color_scheme="light")
    reader.open(f"{small}/?map=1")
    assert ground(reader) == LIGHTS["light"]["land"]

    for other in ("dark", "light"):
        with reader.page.expect_request(lambda asked: "/tiles/map/" in asked.url):
            reader.page.emulate_media(color_scheme=other)
        assert ground(reader) == LIGHTS[other]["land"], other
        if other == "dark":
            is_turned_over_for_paper(reader)
    who_asks_for_contrast_has_white_land_and_black_names(reader)


def is_turned_over_for_paper(reader):
    pane = reader.map().locator(".leaflet-map-pane")
    assert pane.evaluate("pane => getComputedStyle(pane).filter") == "none"

    reader.page.emulate_media(media="print", color_scheme="dark")

    assert "invert(1)" in pane.evaluate("pane => getComputedStyle(pane).filter")
    reader.page.emulate_media(media="screen", color_scheme="dark")
    reader.settle()  # the map has told its new height before another takes its place


def who_asks_for_contrast_has_white_land_and_black_names(reader):
    reader.page.emulate_media(contrast="more")
    reader.page.evaluate(GO, "/community")  # whose map is another, drawn anew
    expect(reader.page.get_by_role("heading", level=1)).to_have_text("Community")

    assert ground(reader) == design.MAP_SUN["land"]
    assert reader.map().evaluate("linderoRules.own('name')") == design.MAP_SUN["name"]
