"""What explains a map stands beside it or below it, never over what it is about, on every page with a map."""

import pytest

PATHS = ("?map=1", "community", "exposure", "overlaps", "holder", "new", "attacks", "protection", "browse", "case")
MAPS = {  # as the browser draws them: where the map is, and what explains it
    "map": "#map_div",
    "panel": ".lindero-panel",
}
BESIDE_PX = 900  # of the frame: app/static/controls.js
SLACK_PX = 1.5


@pytest.mark.parametrize("path", PATHS)
def test_a_legend_lies_over_no_map(visit, invented, width, path):
    reader = visit(width)
    frame = reader.open(f"{invented}/{path}")
    reader.settle()

    boxes = {name: frame.locator(part).first.bounding_box() for name, part in MAPS.items()}
    drawn, told = boxes["map"], boxes["panel"]
    is_beside = told["x"] >= drawn["x"] + drawn["width"] - SLACK_PX
    is_below = told["y"] >= drawn["y"] + drawn["height"] - SLACK_PX
    wide, high = frame.evaluate("[innerWidth, innerHeight]")

    assert frame.locator(".leaflet-control-container .lindero-legend").count() == 0
    assert is_beside if wide >= BESIDE_PX else is_below
    around = frame.frame_element().bounding_box()
    assert told["y"] + told["height"] <= around["y"] + high + SLACK_PX  # nothing of it is cut off
    assert told["x"] + told["width"] <= around["x"] + wide + SLACK_PX
