"""Elements of SVG drawings: escaped text, lines, boxes, dots and hatchings; lengths are in drawing units."""

from dataclasses import dataclass
from html import escape

from lindero.app.media import design

FONT = "Libertinus Serif, Georgia, serif"  # the first is part of typst, which renders pictures as PNG
INK = design.LIGHT["ink"]
BLACK, GREY, RULE, PAPER = (design.PRINT[name] for name in ("ink", "quiet", "hairline", "paper"))
LETTER = 0.6  # mean width of a letter on a screen, relative to its size; letters in print are narrower
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
    """A drawing as SVG, and a text alternative for readers who cannot see it."""

    svg: str
    alt: str


@dataclass(frozen=True)
class Drawing:
    """A drawing without its frame: SVG elements, and their width and height in drawing units."""

    svg: str
    width: float
    height: float


def draw_text(
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
    """Return a line of text as SVG, with its baseline at a point. With `halo`, it has a white outline."""
    weight = ' font-weight="bold"' if bold else ""
    attributes = f'x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}"{weight}'
    halo_text = (
        f'<text {attributes} stroke="{PAPER}" stroke-width="4" stroke-linejoin="round">{escape(content)}</text>'
        if halo
        else ""
    )
    return f'{halo_text}<text {attributes} fill="{color}">{escape(content)}</text>'


def draw_line(
    x1: float, y1: float, x2: float, y2: float, *, color: str = RULE, width: float = 1.0, dashes: str = ""
) -> str:
    """Return a line as SVG."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}" stroke-width="{width:g}"'
        f' stroke-linecap="round"{dashed}/>'
    )


def draw_box(x: float, y: float, width: float, height: float, *, fill: str, stroke: str = "none") -> str:
    """Return a rectangle as SVG."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}" stroke="{stroke}"/>'


def draw_dot(x: float, y: float, *, radius: float = 5, fill: str = INK) -> str:
    """Return a dot as SVG."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{fill}" stroke="{PAPER}" stroke-width="1"/>'


def define_hatching(name: str, color: str) -> str:
    """Return the SVG pattern of a hatching (one of `HATCHINGS`) in a colour; empty for `plain`.

    `hatching_fill` refers to it.
    """
    if name == "dotted":
        inside = f'<circle cx="4" cy="4" r="1.2" fill="{color}"/>'
    elif name in _LINES:
        inside = f'<path d="{_LINES[name]}" stroke="{color}" stroke-width="1.2" fill="none"/>'
    else:
        return ""
    tile = f'width="{_TILE}" height="{_TILE}" patternUnits="userSpaceOnUse"'
    return f'<pattern id="{_pattern_id(name, color)}" {tile}>{inside}</pattern>'


def hatching_fill(name: str, color: str) -> str:
    """Return the `fill` attribute that refers to a hatching; `none` for a plain one."""
    return f"url(#{_pattern_id(name, color)})" if name in _LINES or name == "dotted" else "none"


def wrap_text(content: str, *, width: float, size: float) -> list[str]:
    """Wrap a text into lines that are at most `width` drawing units long."""
    most = max(int(width / (size * LETTER)), 8)
    lines: list[str] = []
    for word in content.split():
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines


def shorten(content: str, *, width: float, size: float) -> str:
    """Shorten a text to at most `width` drawing units."""
    most = max(int(width / (size * LETTER)), 4)
    return content if len(content) <= most else f"{content[: most - 1].rstrip()}…"


def _pattern_id(name: str, color: str) -> str:
    return f"lindero-{name}-{color.lstrip('#')}"
