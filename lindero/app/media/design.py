"""The design of all output: colours, font sizes and spacing.

`docs/design.md` says what each is for. `tests/app/media/test_design.py` checks the contrasts, and that the classes of
a map stay distinct for readers with colour-vision deficiency.
"""

# Colours of Okabe and Ito (2008), which nearly everybody can tell apart, and a grey for what is not known.
VERMILION = "#D55E00"
BLUE = "#0072B2"
PURPLE = "#CC79A7"
ORANGE = "#E69F00"
SKY_BLUE = "#56B4E9"
GREEN = "#009E73"
GREY = "#6b6b6b"

LIGHT = {
    "ink": "#1f2421",
    "quiet": "#4c5651",
    "paper": "#ffffff",
    "panel": "#f1f4f2",
    "line": "#767e79",
    "hairline": "#d5dbd7",
    "accent": "#00594f",
    "on-accent": "#ffffff",
    "warm": "#8f3b00",
    "warm-tint": "#fbefe3",
    "alarm": "#7a2e00",
    "on-alarm": "#ffffff",
}
"""Colours of the page by daylight, by what they are for."""

DARK = {
    "ink": "#eef2ef",
    "quiet": "#b9c4be",
    "paper": "#141917",
    "panel": "#1f2623",
    "line": "#89958f",
    "hairline": "#36403b",
    "accent": "#6fd3c1",
    "on-accent": "#0b1512",
    "warm": "#ffb27a",
    "warm-tint": "#33241a",
    "alarm": "#ffb27a",
    "on-alarm": "#141917",
}
"""The same for whose device asks for dark pages."""

SUN = {
    **LIGHT,
    "ink": "#000000",
    "quiet": "#1f2421",
    "panel": "#ffffff",
    "line": "#000000",
    "hairline": "#000000",
    "accent": "#003d36",
    "warm": "#5c2600",
    "warm-tint": "#ffffff",
    "alarm": "#5c1f00",
}
"""The same for whose device asks for more contrast: outdoors, under the sun."""

MAP_LIGHT = {
    "land": "#f5f3ee",
    "water": "#cfe0e8",
    "river": "#9fc3d3",
    "border": "#6d675a",
    "region": "#a59f90",
    "name": "#333333",
    "quiet-name": "#4a463d",
    "own-name": "#004a73",
    "ink": "#000000",
    "halo": "#ffffff",
    "mark": "#ffe94d",
    "mark-line": "#000000",
    "count": "#5a2d82",
}
"""The ground of the map by daylight, its names with the edge around them, and what is marked, pressed and counted."""

MAP_DARK = {
    "land": "#262e2b",
    "water": "#101c24",
    "river": "#3f6a80",
    "border": "#b5ac9b",
    "region": "#7d7669",
    "name": "#e9ede9",
    "quiet-name": "#c9c3b4",
    "own-name": "#a5d3ff",
    "ink": "#ffffff",
    "halo": "#141917",
    "mark": "#ffffff",
    "mark-line": "#ffe94d",
    "count": "#c4a0f5",
}
"""The same in the dark."""

MAP_SUN = {
    **MAP_LIGHT,
    "land": "#ffffff",
    "water": "#c3dfec",
    "river": "#2b6f8f",
    "border": "#000000",
    "region": "#4a463d",
    "name": "#000000",
    "quiet-name": "#000000",
    "own-name": "#003a5c",
}
"""The same under the sun."""

PRINT = {
    "ink": "#000000",
    "paper": "#ffffff",
    "quiet": "#565d58",
    "hairline": "#c9cfca",
    "water": "#dfe9ec",
    "land": "#faf8f2",
    "border": "#8d877a",
    "region": "#bdb6a6",
    "community": BLUE,
    "concession": "#444444",
    "protected": "#00694D",
    "shared": "#B34700",
    "shared-ground": "#F6DCC8",
    "other": GREY,
}
"""Pictures to pass on and the maps of briefs: the ground, and what is drawn in lines for copiers without colours."""

DARK_COLOURS = {
    "#000000": "#cacaca",
    "#000087": "#ffffe1",
    BLUE: "#2b8dff",
    GREEN: "#00c48c",
    "#4a4200": "#ffef6e",
    "#4a4a4a": "#b5b5b5",
    SKY_BLUE: "#80b8fa",
    "#5a0fff": "#b4f096",
    "#5a2d82": "#c4a0f5",
    GREY: "#8e8e8e",
    "#7a1f5c": "#e66cd4",
    "#8a7a00": "#e8d44d",
    "#9c1c00": "#ff8a66",
    "#B00020": "#ff4e4e",
    "#B34700": "#ff9d5c",
    PURPLE: "#e19ace",
    VERMILION: "#ff7f3f",
    ORANGE: "#ffb510",
}
"""What a colour of maps and charts is on dark ground, where the one for paper is not seen."""

SUN_COLOURS = {
    GREEN: "#00a377",
    SKY_BLUE: "#0c84e6",
    GREY: "#555555",
    "#7a1f5c": "#5a1244",
    PURPLE: "#c36298",
    VERMILION: "#b04e00",
    ORANGE: "#b28b00",
}
"""What a colour of maps is under the sun, where the one for paper is too light or too near to another."""

TYPE = {"small": "0.875rem", "body": "1rem", "large": "1.125rem", "section": "1.375rem", "title": "2rem"}
"""Sizes of type: what stands beside, what is read, doors, headings of a section and of the page, in 16 pixels."""

FACE = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
"""The device's own typeface: one of the map's own is 171 kB."""

STEP = "0.5rem"
"""All distances are multiples of it: 8 pixels."""

TARGET = "2.75rem"
"""The least side of what a thumb is to meet: 44 pixels."""

FOCUS = "3px"
"""How thick the line is around what the keyboard is at."""

CHART = ("#00594f", VERMILION, BLUE)
"""Colours of lines and bars, in the order in which they are taken."""


DRAWING = {
    "ink": LIGHT["ink"],
    "paper": LIGHT["paper"],
    "river": MAP_SUN["river"],
    "concession": CHART[1],
    "concession-line": LIGHT["warm"],
    "community": CHART[2],
    "protected": CHART[0],
}
"""The drawing on the light page, on white ground in every light. Communities are blue, as on maps."""


def light_page_css() -> str:
    """Return the colours of the light page and of its drawing as CSS custom properties."""
    return f"{_media_rules(LIGHT, DARK, SUN)}svg{{{_css_declarations(DRAWING)}}}"


def design_css() -> str:
    """Return the design as CSS custom properties for light, dark and high-contrast display."""
    sizes = {**{f"type-{name}": size for name, size in TYPE.items()}, "step": STEP, "target": TARGET, "focus": FOCUS}
    light, dark, sun = (
        page_colours | {f"map-{name}": colour for name, colour in map_colours.items()}
        for page_colours, map_colours in ((LIGHT, MAP_LIGHT), (DARK, MAP_DARK), (SUN, MAP_SUN))
    )
    return _media_rules(light | sizes, dark, sun)


def _media_rules(light: dict[str, str], dark: dict[str, str], sun: dict[str, str]) -> str:
    return (
        f":root{{{_css_declarations(light)}}}"
        f"@media (prefers-color-scheme:dark){{@media screen{{:root{{{_css_declarations(dark)}}}}}}}"
        f"@media (prefers-contrast:more){{:root{{{_css_declarations(sun)}}}}}"
    )


def colour_by_display(colour: str) -> dict[str, str]:
    """Return a map colour for light, dark and high-contrast (`sun`) display, as the map in the browser expects it."""
    return {"light": colour, "dark": DARK_COLOURS[colour], "sun": SUN_COLOURS.get(colour, colour)}


def streamlit_theme() -> dict[str, object]:
    """Return the design as settings of Streamlit."""
    settings: dict[str, object] = {
        "theme.font": FACE,
        "theme.chartCategoricalColors": [*CHART],
        "theme.headingFontSizes": [TYPE["title"], TYPE["section"], TYPE["large"]],
    }
    for light, colours in (("light", LIGHT), ("dark", DARK)):
        settings |= {
            f"theme.{light}.primaryColor": colours["accent"],
            f"theme.{light}.backgroundColor": colours["paper"],
            f"theme.{light}.secondaryBackgroundColor": colours["panel"],
            f"theme.{light}.textColor": colours["ink"],
            f"theme.{light}.borderColor": colours["line"],
            f"theme.{light}.linkColor": colours["accent"],
        }
    return settings


def _css_declarations(properties: dict[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in properties.items())
