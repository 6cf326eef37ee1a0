"""What explains a map stands beside it or below it, never over what it is about, on every page with a map."""

from tests.amount import WHOLE

PATHS = ("?map=1", "community", "exposure", "overlaps", "holder", "new", "attacks", "protection", "browse")
MAP, PANEL = "#map_div", ".lindero-panel"
BESIDE_PX = 900  # of the frame: app/static/controls.js
SLACK_PX = 1.5


def test_a_legend_lies_over_no_map_of_any_page(visit, invented, width):
    reader = visit(width)
    paths = PATHS if WHOLE or width == "phone" else PATHS[::3]  # where there is least room, each
    amiss = {path: told for path in paths if (told := _amiss(reader, f"{invented}/{path}"))}
    assert amiss == {}


def _amiss(reader, address):
    frame = reader.open(address)
    reader.settle()
    drawn, told = (frame.locator(part).first.bounding_box() for part in (MAP, PANEL))
    wide, high = frame.evaluate("[innerWidth, innerHeight]")
    around = frame.frame_element().bounding_box()
    is_beside = told["x"] >= drawn["x"] + drawn["width"] - SLACK_PX
    is_below = told["y"] >= drawn["y"] + drawn["height"] - SLACK_PX
    faults = {
        "over the map": not (is_beside if wide >= BESIDE_PX else is_below),
        "on the map": frame.locator(".leaflet-control-container .lindero-legend").count() > 0,
        "cut off below": told["y"] + told["height"] > around["y"] + high + SLACK_PX,
        "cut off at the right": told["x"] + told["width"] > around["x"] + wide + SLACK_PX,
    }
    return [fault for fault, is_so in faults.items() if is_so]
