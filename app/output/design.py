"""
What everything is drawn with: colours, sizes of type, distances.

`docs/design.md` says what each is for; `tests/app/output/test_design.py` holds their contrasts, and that nobody who
sees fewer colours takes one class of a map for another.
"""

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

CHART = ("#00594f", "#D55E00", "#0072B2")
"""Colours of lines and bars, in the order in which they are taken."""


def properties() -> str:
    """Write the design as properties that every style of the page can use, in each of the three lights."""
    sizes = {**{f"type-{name}": size for name, size in TYPE.items()}, "step": STEP, "target": TARGET, "focus": FOCUS}
    return (
        f":root{{{_told(LIGHT | sizes)}}}"
        f"@media (prefers-color-scheme:dark){{@media screen{{:root{{{_told(DARK)}}}}}}}"
        f"@media (prefers-contrast:more){{:root{{{_told(SUN)}}}}}"
    )


def theme() -> dict[str, object]:
    """Write the design as settings of Streamlit."""
    told: dict[str, object] = {
        "theme.font": FACE,
        "theme.chartCategoricalColors": [*CHART],
        "theme.headingFontSizes": [TYPE["title"], TYPE["section"], TYPE["large"]],
    }
    for light, colours in (("light", LIGHT), ("dark", DARK)):
        told |= {
            f"theme.{light}.primaryColor": colours["accent"],
            f"theme.{light}.backgroundColor": colours["paper"],
            f"theme.{light}.secondaryBackgroundColor": colours["panel"],
            f"theme.{light}.textColor": colours["ink"],
            f"theme.{light}.borderColor": colours["line"],
            f"theme.{light}.linkColor": colours["accent"],
        }
    return told


def _told(properties: dict[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in properties.items())
