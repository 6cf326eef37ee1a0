"""The colours can be read in each light, and told apart by those who see fewer of them; the docs say how well."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest

from lindero.app.media import design
from lindero.app.media.pages.maps import attack_map, choropleth, legends, overlap_areas
from lindero.app.media.symbols import STYLES
from lindero.app.serving.streamlit_host import settings
from lindero.app.text import i18n

PAGE = (Path(__file__).parents[3] / "docs" / "design.md").read_text(encoding="utf-8")
SERVING = Path(__file__).parents[3] / "lindero" / "app" / "serving"
CSS = (SERVING / "streamlit_host" / "page" / "page.css").read_text(encoding="utf-8")
LIGHT_PAGE = SERVING / "light" / "templates"
LIGHTS = {"light": design.LIGHT, "dark": design.DARK, "sun": design.SUN}
# What is read upon what, and how much lighter one has to be (WCAG 2.2: 4.5 for text, 3 for lines that tell something).
READ = [
    ("ink", "paper", 7.0),
    ("ink", "panel", 7.0),
    ("quiet", "paper", 4.5),
    ("accent", "paper", 4.5),
    ("accent", "panel", 4.5),
    ("on-accent", "accent", 4.5),
    ("warm", "warm-tint", 4.5),
    ("on-alarm", "alarm", 4.5),
    ("line", "paper", 3.0),
]
MAPS = {"light": design.MAP_LIGHT, "dark": design.MAP_DARK, "sun": design.MAP_SUN}
# The same of the map.
READ_ON_MAP = [
    ("name", "land", 7.0),
    ("quiet-name", "land", 4.5),
    ("own-name", "land", 4.5),
    ("name", "halo", 7.0),
    ("border", "land", 3.0),
    ("mark-line", "land", 3.0),
    ("ink", "halo", 7.0),
]
SEEN_ON_LAND = {"dark": 3.0, "sun": 3.0}  # each class; by daylight its hatching and outline tell it, as on paper
# Machado, Oliveira and Fernandes 2009, severity 1, on linear light.
SEEN = {
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
}
FAR_ENOUGH = 10.0  # of CIE 1976: nobody takes one for the other side by side
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colour):
    parts = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    light, dark = sorted((float(TO_XYZ[1] @ linear(colour)) for colour in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(light):
    x, y, z = (TO_XYZ @ np.clip(light, 0, 1)) / TO_XYZ.sum(axis=1)
    bent = [value ** (1 / 3) if value > 216 / 24389 else (24389 / 27 * value + 16) / 116 for value in (x, y, z)]
    return np.array([116 * bent[1] - 16, 500 * (bent[0] - bent[1]), 200 * (bent[1] - bent[2])])


def apart(one, other, sight):
    seen = np.array(SEEN[sight])
    return float(np.linalg.norm(lab(seen @ linear(one)) - lab(seen @ linear(other))))


def test_what_is_known_of_contrast_and_distance_comes_out():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert lab(linear("#ff0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.1)
    assert apart("#D55E00", "#009E73", "deuteranopia") < np.linalg.norm(lab(linear("#D55E00")) - lab(linear("#009E73")))


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize(("what", "upon", "least"), READ, ids=[f"{one}-{other}" for one, other, _ in READ])
def test_what_is_read_can_be_read_in_each_light(light, what, upon, least):
    assert contrast(LIGHTS[light][what], LIGHTS[light][upon]) >= least


@pytest.mark.parametrize("light", MAPS)
@pytest.mark.parametrize(
    ("what", "upon", "least"), READ_ON_MAP, ids=[f"{one}-{other}" for one, other, _ in READ_ON_MAP]
)
def test_what_is_read_on_the_map_can_be_read_in_each_light(light, what, upon, least):
    assert contrast(MAPS[light][what], MAPS[light][upon]) >= least


@pytest.mark.parametrize("light", SEEN_ON_LAND)
def test_each_class_is_seen_on_the_ground_of_each_light(light):
    faint = [
        style.code
        for style in STYLES
        if contrast(design.colour_by_display(style.color)[light], MAPS[light]["land"]) < SEEN_ON_LAND[light]
    ]
    assert faint == []


def test_the_ground_is_dark_in_the_dark():
    assert contrast(design.MAP_DARK["land"], design.DARK["paper"]) < 1.5
    assert contrast(design.MAP_DARK["land"], design.MAP_DARK["water"]) > 1.2  # a coast is still seen


def test_every_colour_that_areas_are_drawn_in_is_known_in_the_dark():
    i18n.set_language("en")
    looks = [
        *legends.change_looks(), legends.shared_ground_look(), *legends.exposure_looks(), *legends.hotspot_looks(),
        *attack_map.attack_looks(), *overlap_areas.overlap_looks(),
    ]  # fmt: skip
    assert {look.color for look in looks} | {choropleth.COLOR} <= design.DARK_COLOURS.keys()
    assert {style.color for style in STYLES} <= design.DARK_COLOURS.keys()


@pytest.mark.parametrize("light", SEEN_ON_LAND)
@pytest.mark.parametrize("sight", SEEN)
def test_who_sees_fewer_colours_takes_no_class_for_another_in_the_dark_or_the_sun(sight, light):
    of_class = {style.code: design.colour_by_display(style.color)[light] for style in STYLES}
    alike = [
        (one, other)
        for one, other in itertools.combinations(of_class, 2)
        if apart(of_class[one], of_class[other], sight) < FAR_ENOUGH
    ]
    assert alike == []


@pytest.mark.parametrize("sight", SEEN)
def test_who_sees_fewer_colours_takes_no_class_of_the_map_for_another(sight):
    alike = [
        (one.code, other.code)
        for one, other in itertools.combinations(STYLES, 2)
        if apart(one.color, other.color, sight) < FAR_ENOUGH
    ]
    assert alike == []


@pytest.mark.parametrize("light", LIGHTS)
def test_each_light_has_each_colour(light):
    assert LIGHTS[light].keys() == design.LIGHT.keys()
    assert MAPS[light].keys() == design.MAP_LIGHT.keys()
    assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in [*LIGHTS[light].values(), *MAPS[light].values()])


def test_the_style_of_the_page_takes_its_colours_from_the_design_alone():
    of_the_screen = CSS.partition("@media print")[0]

    used = set(re.findall(r"var\(--([\w-]+)\)", CSS)) - {
        "part",
        "lindero-choose-file",
    }  # a length and a word, which pages set
    assert used <= set(re.findall(r"--([\w-]+):", design.design_css()))
    assert re.findall(r"#[0-9a-fA-F]{6}\b", re.sub(r"(?s)@media print \{.*?\n\}", "", of_the_screen)) == []


def test_the_light_page_and_its_drawing_take_their_colours_from_the_design_alone():
    style = (LIGHT_PAGE / "light.css").read_text(encoding="utf-8")
    of_the_screen = style.partition("@media print")[0]
    drawing = (LIGHT_PAGE / "drawing.html").read_text(encoding="utf-8")

    used = set(re.findall(r"var\(--([\w-]+)\)", style))
    assert used <= set(re.findall(r"--([\w-]+):", design.light_page_css()))
    assert re.findall(r"#[0-9a-fA-F]{3,6}\b(?=[;\s\"])", of_the_screen + drawing) == []


def test_streamlit_is_given_the_same_colours():
    assert settings.PINNED["theme.light.primaryColor"] == design.LIGHT["accent"]
    assert settings.PINNED["theme.dark.backgroundColor"] == design.DARK["paper"]
    assert "theme.base" not in settings.PINNED  # or no device is asked which light it has


def test_the_docs_say_the_contrasts_that_there_are():
    told = re.findall(r"(?m)^\| (\S+) on (\S+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|", PAGE)
    known = [(one, other, LIGHTS) for one, other, _ in READ] + [(one, other, MAPS) for one, other, _ in READ_ON_MAP]

    assert [(one, other) for one, other, *_ in told] == [(one, other) for one, other, _ in known]
    for (*_, ratios), (one, other, lights) in zip([(row[0], row[1], row[2:]) for row in told], known, strict=True):
        assert [float(ratio) for ratio in ratios] == [
            round(contrast(colours[one], colours[other]), 1) for colours in lights.values()
        ]


@pytest.mark.parametrize("light", SEEN_ON_LAND)
@pytest.mark.parametrize("sight", SEEN)
def test_the_docs_say_which_colours_come_closest_in_the_dark_and_the_sun(sight, light):
    of_class = {style.code: design.colour_by_display(style.color)[light] for style in STYLES}
    near = min(itertools.combinations(of_class, 2), key=lambda pair: apart(*(of_class[code] for code in pair), sight))
    told = re.search(rf"{light}, {sight}: `(\w+)` and `(\w+)`, ([\d.]+)", PAGE)

    assert told is not None
    assert {told[1], told[2]} == {*near}
    assert float(told[3]) == round(apart(*(of_class[code] for code in near), sight), 1)


@pytest.mark.parametrize("sight", SEEN)
def test_the_docs_say_which_colours_come_closest(sight):
    near = min(itertools.combinations(STYLES, 2), key=lambda pair: apart(pair[0].color, pair[1].color, sight))
    told = re.search(rf"{sight}: `(\w+)` and `(\w+)`, ([\d.]+)", PAGE)

    assert told is not None
    assert set(told.groups()[:2]) == {one.code for one in near}
    assert float(told[3]) == round(apart(near[0].color, near[1].color, sight), 1)
