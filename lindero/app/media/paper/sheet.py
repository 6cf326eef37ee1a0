"""A picture on a sheet with title, finding, legend and sources; as SVG, and as PNG at print size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from lindero.app.media.paper.marks import (
    FONT,
    GREY,
    INK,
    PAPER,
    RULE,
    Drawing,
    define_hatching,
    draw_box,
    draw_line,
    draw_text,
    hatching_fill,
    wrap_text,
)

PAPER_MM = 180.0  # printed width
DOTS_PER_INCH = 300
MARGIN = 24.0
_TITLE, _FINDING, _FOOT, _KEY = 24.0, 15.0, 12.0, 13.0  # font sizes
_LEADING = 1.3
SAMPLE = 22.0  # units: width of the sign of a legend entry


@dataclass(frozen=True)
class Sign:
    """A legend entry: its label, colour and hatching, and the opacity of the colour (0 to 1)."""

    label: str
    color: str
    hatching: str = "plain"
    depth: float = 1.0


@dataclass(frozen=True)
class Sheet:
    """A picture with everything that must stay with it when it is passed on."""

    title: str
    finding: str
    body: Drawing
    source: str  # publishers, date and licence in one line
    link: str = ""  # address that opens the same answer again
    key: Sequence[Sign] = ()


def render_svg(sheet: Sheet) -> str:
    """Return a sheet as a self-contained SVG at print size; all letters are text."""
    width = sheet.body.width + 2 * MARGIN
    parts: list[str] = []
    y = MARGIN
    inner = sheet.body.width
    for sentence, size, color, bold in ((sheet.title, _TITLE, INK, True), (sheet.finding, _FINDING, INK, False)):
        for text_line in wrap_text(sentence, width=inner, size=size):
            y += size
            parts.append(draw_text(text_line, MARGIN, y, size=size, color=color, bold=bold))
            y += size * (_LEADING - 1)
        y += 6
    y += 6
    parts.append(f'<g transform="translate({MARGIN:g} {y:.1f})">{sheet.body.svg}</g>')
    y += sheet.body.height + 8
    legend_svg, y = _draw_legend(sheet.key, y, inner)
    footer_svg, y = _draw_footer(sheet, y, inner)
    height = y + MARGIN / 2
    paper_size = (
        f'width="{PAPER_MM:g}mm" height="{PAPER_MM * height / width:.1f}mm" viewBox="0 0 {width:.1f} {height:.1f}"'
    )
    description = f"<title>{escape(sheet.title)}</title><desc>{escape(sheet.finding)}</desc>"
    paper = draw_box(0, 0, width, height, fill=PAPER)
    content = f"{description}{define_patterns(sheet.key)}{paper}{''.join(parts)}{legend_svg}{footer_svg}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" {paper_size} font-family="{FONT}">{content}</svg>'


def render_png(sheet_svg: str) -> bytes:
    """Render the SVG of a sheet as PNG at print size."""
    page = f'#set page(width: {PAPER_MM}mm, height: auto, margin: 0mm)\n#image("sheet.svg", width: 100%)\n'
    return compile_typst(page, {"sheet.svg": sheet_svg}, format="png", ppi=DOTS_PER_INCH)


def compile_typst(page: str, files: Mapping[str, str] | None = None, **options: Any) -> bytes:
    """Compile a typst page. It can read only the given files, and no network is used."""
    with TemporaryDirectory() as folder:
        for name, content in {**(files or {}), "page.typ": page}.items():
            Path(folder, name).write_text(content, encoding="utf-8")
        output = typst.compile(
            str(Path(folder, "page.typ")),
            root=folder,
            package_path=folder,
            package_cache_path=folder,
            ignore_system_fonts=True,
            **options,
        )
    return bytes(output[0] if isinstance(output, list) else output)


def _draw_legend(signs: Sequence[Sign], y: float, width: float) -> tuple[str, float]:
    """Draw the legend, with as many entries in a row as fit. Return it with the y of its lower end."""
    if not signs:
        return "", y
    parts, x = [], 0.0
    y += 4
    for sign in signs:
        entry_width = SAMPLE + 8 + len(sign.label) * _KEY * 0.52 + 18
        if x and x + entry_width > width:
            x, y = 0.0, y + _KEY * 1.7
        parts += [draw_sample(sign, MARGIN + x, y), draw_text(sign.label, MARGIN + x + SAMPLE + 8, y + 12, size=_KEY)]
        x += entry_width
    return "".join(parts), y + _KEY * 1.9


def draw_sample(sign: Sign, x: float, y: float) -> str:
    """Draw the symbol of a legend entry. `define_patterns` defines its hatching."""
    return "".join(
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{SAMPLE:g}" height="14" fill="{fill}"'
        f' fill-opacity="{depth:g}" stroke="{sign.color}" stroke-width="1.2"/>'
        for fill, depth in ((sign.color, sign.depth), (hatching_fill(sign.hatching, sign.color), 1.0))
    )


def define_patterns(signs: Sequence[Sign]) -> str:
    """Return the SVG definitions of the hatchings of legend entries."""
    definitions = dict.fromkeys(define_hatching(sign.hatching, sign.color) for sign in signs)
    return f"<defs>{''.join(definitions)}</defs>"


def _draw_footer(sheet: Sheet, y: float, width: float) -> tuple[str, float]:
    parts = [draw_line(MARGIN, y, MARGIN + width, y, color=RULE)]
    for footer in (sheet.source, sheet.link):
        for text_line in wrap_text(footer, width=width, size=_FOOT):
            y += _FOOT * _LEADING
            parts.append(draw_text(text_line, MARGIN, y, size=_FOOT, color=GREY))
    return "".join(parts), y
