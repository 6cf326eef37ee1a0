"""What pictures are drawn with: escaped text, lines, boxes, hatchings; lengths are units of the drawing."""

from dataclasses import dataclass
from html import escape

from lindero.app.output import design

FONT = "Libertinus Serif, Georgia, serif"  # the first is inside typst, which sets a picture as PNG
INK = design.LIGHT["ink"]
BLACK, GREY, RULE, PAPER = (design.PRINT[name] for name in ("ink", "quiet", "hairline", "paper"))
LETTER = 0.6  # of its size: how wide a letter of a screen is on average; those of print are narrower
HATCHINGS = ("plain", "rising", "falling", "crossed", "level", "upright", "dotted")
_TILE = 8  # units between two lines of a hatching
_LINES = {
    "rising": "M-2 2L2 -2M0 8L8 0M6 10L10 6",
    "falling": "M-2 6L2 10M0 0L8 8M6 -2L10 2",
    "crossed": "M0 8L8 0M0 0L8 8",
    "level": "M0 4L8 4",
    "upright": "M4 0L4 8",
}


@dataclass(frozen=True)
class Picture:
    """A drawing (SVG), and what it shows for those who do not see it."""

    svg: str
    alt: str


@dataclass(frozen=True)
class Drawing:
    """A drawing without its frame: SVG elements, and how many units it is wide and high."""

    svg: str
    width: float
    height: float


def text(
    content: str,
    x: float,
    y: float,
    *,
    size: float = 13,
    anchor: str = "start",
    color: str = INK,
    bold: bool = False,
    halo: bool = False,
) -> str:
    """Write a line at a point, its foot on it; with a white edge where it stands on something."""
    weight = ' font-weight="bold"' if bold else ""
    at = f'x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}"{weight}'
    edge = (
        f'<text {at} stroke="{PAPER}" stroke-width="4" stroke-linejoin="round">{escape(content)}</text>' if halo else ""
    )
    return f'{edge}<text {at} fill="{color}">{escape(content)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, *, color: str = RULE, width: float = 1.0, dashes: str = "") -> str:
    """Draw a line."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}" stroke-width="{width:g}"'
        f' stroke-linecap="round"{dashed}/>'
    )


def box(x: float, y: float, width: float, height: float, *, fill: str, stroke: str = "none") -> str:
    """Draw a rectangle."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}" stroke="{stroke}"/>'


def dot(x: float, y: float, *, radius: float = 5, fill: str = INK) -> str:
    """Draw a dot."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{fill}" stroke="{PAPER}" stroke-width="1"/>'


def hatching(name: str, color: str) -> str:
    """Define a hatching by its name (`HATCHINGS`) in a colour; `fill_of` refers to it."""
    if name == "dotted":
        inside = f'<circle cx="4" cy="4" r="1.2" fill="{color}"/>'
    elif name in _LINES:
        inside = f'<path d="{_LINES[name]}" stroke="{color}" stroke-width="1.2" fill="none"/>'
    else:
        return ""
    tile = f'width="{_TILE}" height="{_TILE}" patternUnits="userSpaceOnUse"'
    return f'<pattern id="{_id(name, color)}" {tile}>{inside}</pattern>'


def fill_of(name: str, color: str) -> str:
    """Give what fills a shape by a hatching; nothing for the plain one."""
    return f"url(#{_id(name, color)})" if name in _LINES or name == "dotted" else "none"


def lines_of(content: str, *, width: float, size: float) -> list[str]:
    """Break a text into lines of at most so many units."""
    most = max(int(width / (size * LETTER)), 8)
    lines: list[str] = []
    for word in content.split():
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines


def shorten(content: str, *, width: float, size: float) -> str:
    """Cut a name that is longer than so many units."""
    most = max(int(width / (size * LETTER)), 4)
    return content if len(content) <= most else f"{content[: most - 1].rstrip()}…"


def _id(name: str, color: str) -> str:
    return f"lindero-{name}-{color.lstrip('#')}"
