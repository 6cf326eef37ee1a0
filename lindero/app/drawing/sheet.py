"""A picture on its sheet: what it shows, what that says, and whose data it is; as SVG, and as PNG at print size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from lindero.app.drawing.marks import (
    FONT,
    GREY,
    INK,
    PAPER,
    RULE,
    Drawing,
    box,
    fill_of,
    hatching,
    line,
    lines_of,
    text,
)

PAPER_MM = 180.0  # how wide it is printed
DOTS_PER_INCH = 300
MARGIN = 24.0
_TITLE, _FINDING, _FOOT, _KEY = 24.0, 15.0, 12.0, 13.0  # sizes of letters
_LEADING = 1.3
SAMPLE = 22.0  # units that a sign is wide


@dataclass(frozen=True)
class Sign:
    """How one class looks in a key: its label, its colour and hatching, and how strong the colour fills it (0 to 1)."""

    label: str
    color: str
    hatching: str = "plain"
    depth: float = 1.0


@dataclass(frozen=True)
class Sheet:
    """A picture with all that must not be lost when it is passed on."""

    title: str
    finding: str
    body: Drawing
    source: str  # publishers, day and licence in one line
    link: str = ""  # opens what it shows again
    key: Sequence[Sign] = ()


def svg(sheet: Sheet) -> str:
    """Write a sheet as SVG that stands alone: its size is that of print, and all of its letters are text."""
    width = sheet.body.width + 2 * MARGIN
    parts: list[str] = []
    y = MARGIN
    inner = sheet.body.width
    for sentence, size, color, bold in ((sheet.title, _TITLE, INK, True), (sheet.finding, _FINDING, INK, False)):
        for each in lines_of(sentence, width=inner, size=size):
            y += size
            parts.append(text(each, MARGIN, y, size=size, color=color, bold=bold))
            y += size * (_LEADING - 1)
        y += 6
    y += 6
    parts.append(f'<g transform="translate({MARGIN:g} {y:.1f})">{sheet.body.svg}</g>')
    y += sheet.body.height + 8
    keyed, y = _key(sheet.key, y, inner)
    footed, y = _foot(sheet, y, inner)
    height = y + MARGIN / 2
    paper_size = (
        f'width="{PAPER_MM:g}mm" height="{PAPER_MM * height / width:.1f}mm" viewBox="0 0 {width:.1f} {height:.1f}"'
    )
    named = f"<title>{escape(sheet.title)}</title><desc>{escape(sheet.finding)}</desc>"
    paper = box(0, 0, width, height, fill=PAPER)
    inside = f"{named}{patterns(sheet.key)}{paper}{''.join(parts)}{keyed}{footed}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" {paper_size} font-family="{FONT}">{inside}</svg>'


def png(drawn: str) -> bytes:
    """Set a sheet's SVG as PNG at print size."""
    page = f'#set page(width: {PAPER_MM}mm, height: auto, margin: 0mm)\n#image("sheet.svg", width: 100%)\n'
    return typeset(page, {"sheet.svg": drawn}, format="png", ppi=DOTS_PER_INCH)


def typeset(page: str, files: Mapping[str, str] | None = None, **options: Any) -> bytes:
    """Compile a page of typst, which reads nothing but the files beside it; nothing is asked of a network."""
    with TemporaryDirectory() as folder:
        for name, content in {**(files or {}), "page.typ": page}.items():
            Path(folder, name).write_text(content, encoding="utf-8")
        made = typst.compile(
            str(Path(folder, "page.typ")),
            root=folder,
            package_path=folder,
            package_cache_path=folder,
            ignore_system_fonts=True,
            **options,
        )
    return bytes(made[0] if isinstance(made, list) else made)


def _key(signs: Sequence[Sign], y: float, width: float) -> tuple[str, float]:
    """Draw the key, as many signs in a row as there is room for."""
    if not signs:
        return "", y
    parts, x = [], 0.0
    y += 4
    for sign in signs:
        wide = SAMPLE + 8 + len(sign.label) * _KEY * 0.52 + 18
        if x and x + wide > width:
            x, y = 0.0, y + _KEY * 1.7
        parts += [sample(sign, MARGIN + x, y), text(sign.label, MARGIN + x + SAMPLE + 8, y + 12, size=_KEY)]
        x += wide
    return "".join(parts), y + _KEY * 1.9


def sample(sign: Sign, x: float, y: float) -> str:
    """Draw how a class looks; `patterns` defines its hatching."""
    return "".join(
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{SAMPLE:g}" height="14" fill="{fill}"'
        f' fill-opacity="{depth:g}" stroke="{sign.color}" stroke-width="1.2"/>'
        for fill, depth in ((sign.color, sign.depth), (fill_of(sign.hatching, sign.color), 1.0))
    )


def patterns(signs: Sequence[Sign]) -> str:
    """Define the hatchings that signs are filled with."""
    drawn = dict.fromkeys(hatching(sign.hatching, sign.color) for sign in signs)
    return f"<defs>{''.join(drawn)}</defs>"


def _foot(sheet: Sheet, y: float, width: float) -> tuple[str, float]:
    parts = [line(MARGIN, y, MARGIN + width, y, color=RULE)]
    for footer in (sheet.source, sheet.link):
        for each in lines_of(footer, width=width, size=_FOOT):
            y += _FOOT * _LEADING
            parts.append(text(each, MARGIN, y, size=_FOOT, color=GREY))
    return "".join(parts), y
