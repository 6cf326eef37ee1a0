"""The colours can be read in each light, and told apart by those who see fewer of them; the docs say how well."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest

from lindero.app.output import design
from lindero.app.output.symbols import STYLES
from lindero.app.serving import settings

PAGE = (Path(__file__).parents[3] / "docs" / "design.md").read_text(encoding="utf-8")
CSS = (Path(__file__).parents[3] / "app" / "static" / "page.css").read_text(encoding="utf-8")
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
    assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in LIGHTS[light].values())


def test_the_style_of_the_page_takes_its_colours_from_the_design_alone():
    of_the_screen = CSS.partition("@media print")[0]

    assert set(re.findall(r"var\(--([\w-]+)\)", CSS)) <= set(re.findall(r"--([\w-]+):", design.properties()))
    assert re.findall(r"#[0-9a-fA-F]{6}\b", re.sub(r"(?s)@media print \{.*?\n\}", "", of_the_screen)) == []


def test_streamlit_is_given_the_same_colours():
    assert settings.PINNED["theme.light.primaryColor"] == design.LIGHT["accent"]
    assert settings.PINNED["theme.dark.backgroundColor"] == design.DARK["paper"]
    assert "theme.base" not in settings.PINNED  # or no device is asked which light it has


def test_the_docs_say_the_contrasts_that_there_are():
    told = re.findall(r"(?m)^\| (\S+) on (\S+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|", PAGE)

    assert [(one, other) for one, other, *_ in told] == [(one, other) for one, other, _ in READ]
    for one, other, *ratios in told:
        assert [float(ratio) for ratio in ratios] == [
            round(contrast(colours[one], colours[other]), 1) for colours in LIGHTS.values()
        ]


@pytest.mark.parametrize("sight", SEEN)
def test_the_docs_say_which_colours_come_closest(sight):
    near = min(itertools.combinations(STYLES, 2), key=lambda pair: apart(pair[0].color, pair[1].color, sight))
    told = re.search(rf"{sight}: `(\w+)` and `(\w+)`, ([\d.]+)", PAGE)

    assert told is not None
    assert set(told.groups()[:2]) == {one.code for one in near}
    assert float(told[3]) == round(apart(near[0].color, near[1].color, sight), 1)
