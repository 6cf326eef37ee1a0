"""Answers as PDF: tagged, fonts inside, from data alone; nothing is asked of a network."""

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any

import segno
import typst

from lindero.app.answers.answer import Answer, Section, Table
from lindero.app.drawing.marks import Picture
from lindero.app.drawing.sheet import typeset
from lindero.app.renderers import cells
from lindero.app.text import i18n
from lindero.app.text.escape import bare
from lindero.app.text.i18n import _, number

SHEET = "brief.typ"
ACCESSIBLE = ["1.7", "ua-1"]  # PDF/UA-1, which needs a font for every letter
MOST_ROWS = 24  # of a table: four pages are what people read
NOTE_LINES, SIGNATURES = 8, 6
_PER_DEGREE = 4  # decimals of a place in its code: some 11 m
Part = dict[str, object]


@dataclass(frozen=True)
class DrawnMap:
    """A map, and what its signs mean."""

    picture: Picture
    legend: Sequence[tuple[Picture, str]]


@dataclass(frozen=True)
class Brief:
    """An answer to be printed, with its map, what stands at the foot of each page, and the place as a QR code."""

    answer: Answer
    footer: str = ""
    warning: str = ""
    code: Picture | None = None
    map: DrawnMap | None = None
    most_rows: int = MOST_ROWS


def pdf(brief: Brief) -> bytes:
    """
    Set a brief as PDF, accessible by PDF/UA-1; tagged without that promise where a name holds letters of no font.

    Its texts go in as JSON: none of them is ever read as markup.
    """
    data = {"brief": json.dumps(contents(brief), ensure_ascii=False, default=str)}
    try:
        return _set(data, ACCESSIBLE)
    except typst.TypstError:
        return _set(data, [])


def contents(brief: Brief) -> dict[str, Any]:
    """Return what the sheet of a brief is given: texts, and parts in the order of the page."""
    answer = brief.answer
    return {
        "title": answer.title,
        "about": bare(answer.about),
        "finding": bare(answer.sections[0].finding) if answer.sections else "",
        "footer": brief.footer,
        "warning": brief.warning,
        "code": None if brief.code is None else asdict(brief.code) | {"label": brief.code.alt},
        "parts": list(_parts(brief)),
        "language": i18n.current(),
    }


def place_code(latitude: float, longitude: float) -> Picture:
    """Draw a place as a QR code that phones open in their map."""
    drawn = io.BytesIO()
    at = f"{latitude:.{_PER_DEGREE}f},{longitude:.{_PER_DEGREE}f}"
    segno.make(f"geo:{at}", micro=False).save(drawn, kind="svg", xmldecl=False, border=2)
    return Picture(drawn.getvalue().decode(), _("Place: {place}").format(place=at))


def _parts(brief: Brief) -> Iterator[Part]:
    if brief.map is not None:
        legend = [{"svg": sign.svg, "alt": label, "label": label} for sign, label in brief.map.legend]
        yield {"kind": "map", **asdict(brief.map.picture), "legend": legend}
    for at, section in enumerate(brief.answer.sections):
        yield from _section(section, brief.most_rows, is_first=not at)
    yield {"kind": "heading", "text": _("Notes and signatures of the assembly")}
    signed = [_("Name"), _("Identity document"), _("Signature or fingerprint")]
    yield {"kind": "notes", "lines": NOTE_LINES, "signatures": SIGNATURES, "signed": signed}


def _section(section: Section, most: int, *, is_first: bool) -> Iterator[Part]:
    if section.title:
        yield {"kind": "heading", "text": bare(section.title)}
    if section.finding and not is_first:  # that of the first stands at the head
        yield _paragraph(section.finding)
    if section.figures:
        stated = ({"label": label, "figure": figure.value} for label, figure in section.figures.items())
        yield {"kind": "figures", "figures": list(stated)}
    if section.lines:
        yield {"kind": "bullets", "items": [bare(line) for line in section.lines]}
    if section.table is not None:
        yield _table(section.table, most)
        if (count := len(section.table.rows)) > most:
            text = _("The largest {shown} of {count} are listed; the sums are of all of them.")
            yield _paragraph(text.format(shown=number(most), count=number(count)))
    if section.note:
        yield _paragraph(section.note)


def _paragraph(text: str) -> Part:
    return {"kind": "paragraph", "text": bare(text)}


def _table(table: Table, most: int) -> Part:
    printed = {name: column for name, column in table.columns.items() if column.width}
    shown = Table(table.caption, printed, table.rows.head(most))
    return {
        "kind": "table",
        "head": [column.label for column in printed.values()],
        "widths": [column.width for column in printed.values()],
        "numeric": [column.kind in {"number", "share"} for column in printed.values()],
        "rows": [list(row) for row in zip(*cells.texts(shown).values(), strict=True)],
    }


def _set(data: dict[str, str], standards: list[str]) -> bytes:
    sheet = resources.files(__package__).joinpath(SHEET).read_text(encoding="utf-8")
    return typeset(sheet, sys_inputs=data, pdf_standards=standards)
