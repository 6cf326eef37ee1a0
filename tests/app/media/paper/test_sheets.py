"""A picture carries all that must not be lost when it is passed on, and nothing that others wrote runs in it."""

import itertools
import struct
from xml.etree import ElementTree as ET

import pytest
from shapely import box

from lindero.app.media.paper import chart, marks
from lindero.app.media.paper import map as maps
from lindero.app.media.paper.chart import Bar, Range
from lindero.app.media.paper.map import StyledAreas
from lindero.app.media.paper.sheet import DOTS_PER_INCH, PAPER_MM, Sheet, Sign, render_png, render_svg
from lindero.app.text import i18n

S = "{http://www.w3.org/2000/svg}"
NASTY = '</text><script>alert(1)</script>&"'
ROWS = [Range("Uno", 1, 1, 3, "1 to 3"), Range(NASTY, 2, 1, 4, "1 to 4")]


@pytest.fixture(autouse=True)
def _english():
    i18n.set_language("en")


def ranges(width=700.0):
    return chart.draw_ranges(ROWS, width=width, color="#5a2d82", first=1, last=4, ticks=[(1, "1"), (4, "4")])


def sheet(**changed):
    given = {
        "title": NASTY,
        "finding": "What it says " * 20,
        "body": ranges(),
        "source": "Source: A ministry · licence",
    }
    return Sheet(**{**given, "link": "https://map.example/protection?by=province", **changed})


def texts(drawn):
    return " ".join(part.text or "" for part in ET.fromstring(drawn).iter(f"{S}text"))


def test_a_sheet_carries_title_finding_source_and_link_as_text():
    drawn = render_svg(sheet(key=[Sign("The first class", "#D55E00", "rising", 0.4)]))

    for told in (NASTY, "What it says", "Source: A ministry · licence", "/protection?by=province", "The first class"):
        assert told in texts(drawn)
    assert ET.fromstring(drawn).find(f"{S}title").text == NASTY


def test_text_of_others_is_text_alone():
    drawn = render_svg(sheet())

    assert not list(ET.fromstring(drawn).iter(f"{S}script"))
    assert "<script" not in drawn


def test_a_png_has_the_dots_of_print():
    drawn = render_png(render_svg(sheet()))
    width, height = struct.unpack(">II", drawn[16:24])

    assert drawn.startswith(b"\x89PNG")
    assert width == pytest.approx(PAPER_MM / 25.4 * DOTS_PER_INCH, abs=2)
    assert height > 500


@pytest.mark.parametrize("width", [340.0, 700.0])
def test_each_range_lies_on_the_drawing_and_the_dot_on_its_range(width):
    drawn = ET.fromstring(f'<svg xmlns="http://www.w3.org/2000/svg">{ranges(width).svg}</svg>')
    bars = [one for one in drawn.iter(f"{S}line") if one.get("stroke-width") == "5"]
    dots = list(drawn.iter(f"{S}circle"))

    assert len(bars) == len(dots) == len(ROWS)
    for bar, dot in zip(bars, dots, strict=True):
        assert 0 <= float(bar.get("x1")) <= float(dot.get("cx")) <= float(bar.get("x2")) <= width


def test_no_name_of_a_range_is_cut_on_a_phone():
    named = [
        Range("San Ejemplo de Charquicruz del Alto Rimbay", 2, 1, 3, "1 to 3"),
        Range("Iberia", 1, 1, 2, "1 to 2"),
    ]
    drawn = chart.draw_ranges(named, width=340, color="#5a2d82", first=1, last=3, ticks=[(1, "1")])
    found = ET.fromstring(f"<g>{drawn.svg}</g>")
    names = [one for one in found.iter("text") if one.text in {each.name for each in named}]
    bars = [one for one in found.iter("line") if one.get("stroke-width") == "5"]

    assert len(names) == len(bars) == 2
    assert all(float(name.get("y")) < float(bar.get("y1")) for name, bar in zip(names, bars, strict=True))
    assert float(bars[-1].get("y1")) < drawn.height


def test_labels_of_an_axis_do_not_run_into_each_other():
    ticks = [(float(at), str(at)) for at in range(41)]
    drawn = chart.draw_ranges(ROWS, width=340, color="#5a2d82", first=0, last=40, ticks=ticks, after=150)
    labels = [one for one in ET.fromstring(f"<g>{drawn.svg}</g>").iter("text") if one.get("y") == "11.0"]
    at = sorted(float(one.get("x")) for one in labels)

    assert 1 < len(at) < len(ticks)
    assert all(right - left >= 28 for left, right in itertools.pairwise(at))


def test_bars_are_as_long_as_their_values():
    drawn = chart.draw_bars([Bar("a", 2, "2"), Bar("b", 1, "1")], width=400, color="#B00020")
    found = [float(one.get("width")) for one in ET.fromstring(f"<g>{drawn.svg}</g>").iter("rect")]

    assert found[0] == pytest.approx(2 * found[1], abs=0.2)


def test_a_year_that_is_not_known_has_a_dash_and_one_of_none_has_not():
    drawn = chart.draw_year_bars([2019, 2020, 2021], {"a": [0, None, 3]}, ["#B00020"], width=400)
    parts = ET.fromstring(f"<g>{drawn.svg}</g>")

    assert len(list(parts.iter("rect"))) == 1
    at = {one.text: one.get("x") for one in parts.iter("text")}
    assert {"2019", "2020", "2021"} <= at.keys()
    assert at[chart.UNKNOWN] == at["2020"]
    assert not any("rotate" in (one.get("transform") or "") for one in parts.iter())


@pytest.mark.parametrize("count", [1, 40])
def test_labels_of_many_years_do_not_run_into_each_other(count):
    years = list(range(1990, 1990 + count))
    drawn = chart.draw_year_bars(years, {"a": [1] * count}, ["#B00020"], width=340)
    at = sorted(float(one.get("x")) for one in ET.fromstring(f"<g>{drawn.svg}</g>").iter("text") if len(one.text) == 4)

    assert all(right - left > 28 for left, right in itertools.pairwise(at))


def test_a_map_draws_areas_over_the_country_with_their_names():
    some = [box(-75, -10, -74, -9), box(-73, -10, -72, -9)]
    drawn = maps.draw_map(
        (-76, -11, -71, -8), [StyledAreas(Sign("In it", "#5a2d82", "rising", 0.4), some, ["Uno", NASTY])]
    )
    parts = ET.fromstring(f'<g xmlns="http://www.w3.org/2000/svg">{drawn.svg}</g>')

    assert {"Uno", NASTY} <= {one.text for one in parts.iter(f"{S}text")}
    assert sum((one.get("fill") or "").startswith("url(#") for one in parts.iter(f"{S}path")) == 2


def test_every_hatching_of_a_map_has_a_pattern():
    for name in marks.HATCHINGS:
        used = marks.hatching_fill(name, "#5a2d82")
        assert (used == "none") == (marks.define_hatching(name, "#5a2d82") == "")
        assert used == "none" or used[len("url(#") : -1] in marks.define_hatching(name, "#5a2d82")
