"""
What everything is drawn with: colours, sizes of type, distances; for pages, maps, charts and paper.

`docs/design.md` says what each is for; `tests/app/output/test_design.py` holds their contrasts.
"""

LIGHT = {
    "ink": "#1f2421",
    "quiet": "#4c5651",
    "paper": "#ffffff",
    "panel": "#f1f4f2",
    "line": "#8a918c",
    "hairline": "#d5dbd7",
    "accent": "#00594f",
    "on-accent": "#ffffff",
    "tint": "#e3efec",
    "warm": "#8f3b00",
    "warm-tint": "#fbefe3",
    "alarm": "#7a1f00",
    "on-alarm": "#ffffff",
}
"""Colours of the page by daylight, by what they are for."""

TYPE = {"small": "0.875rem", "body": "1rem", "large": "1.125rem", "section": "1.375rem", "title": "2rem"}
"""Sizes of type: what stands beside, what is read, the finding, a section's heading, the page's."""

STEP = "0.5rem"
"""All distances are multiples of it."""

TARGET = "2.75rem"
"""The least side of what a thumb is to meet: 44 pixels."""


def properties() -> str:
    """Write the design as properties that every style of the page can use."""
    told = {**LIGHT, **{f"type-{name}": size for name, size in TYPE.items()}, "step": STEP, "target": TARGET}
    return f":root{{{';'.join(f'--{name}:{value}' for name, value in told.items())}}}"
