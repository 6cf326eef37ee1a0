"""Answers as tagged PDF with embedded fonts. No network is used."""

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any

import segno
import typst

from lindero.app.answers.answer import Answer, Section, Table
from lindero.app.media.paper.marks import Picture
from lindero.app.media.paper.sheet import compile_typst
from lindero.app.media.text import cells
from lindero.app.text import i18n
from lindero.app.text.escape import remove_markup
from lindero.app.text.i18n import _, format_number

SHEET = "brief.typ"
ACCESSIBLE = ["1.7", "ua-1"]  # PDF/UA-1, which needs a font for every letter
MOST_ROWS = 24  # of a table: people read at most four pages
NOTE_LINES, SIGNATURES = 8, 6
_PER_DEGREE = 4  # decimals of a position in its code: about 11 m
Part = dict[str, object]


@dataclass(frozen=True)
class MapWithLegend:
    """A map with its legend."""

    picture: Picture
    legend: Sequence[tuple[Picture, str]]


@dataclass(frozen=True)
class Brief:
    """An answer to print, with its map, the footer of each page, and the place as a QR code."""

    answer: Answer
    footer: str = ""
    warning: str = ""
    code: Picture | None = None
    map: MapWithLegend | None = None
    most_rows: int = MOST_ROWS


def render_pdf(brief: Brief) -> bytes:
    """Render a brief as accessible PDF (PDF/UA-1).

    If a name has letters that no font contains, the PDF is tagged but does not claim PDF/UA-1. All texts are passed as
    JSON, so none is read as markup.
    """
    data = {"brief": json.dumps(build_sheet_data(brief), ensure_ascii=False, default=str)}
    try:
        return _compile_sheet(data, ACCESSIBLE)
    except typst.TypstError:
        return _compile_sheet(data, [])


def build_sheet_data(brief: Brief) -> dict[str, Any]:
    """Return the data of the typst sheet of a brief: texts, and parts in the order of the page."""
    answer = brief.answer
    return {
        "title": answer.title,
        "about": remove_markup(answer.about),
        "finding": remove_markup(answer.sections[0].finding) if answer.sections else "",
        "footer": brief.footer,
        "warning": brief.warning,
        "code": None if brief.code is None else asdict(brief.code) | {"label": brief.code.alt},
        "parts": list(_iter_parts(brief)),
        "language": i18n.current_language(),
    }


def draw_place_code(latitude: float, longitude: float) -> Picture:
    """Draw a place as a QR code that opens it in the map of a phone."""
    buffer = io.BytesIO()
    position = f"{latitude:.{_PER_DEGREE}f},{longitude:.{_PER_DEGREE}f}"
    segno.make(f"geo:{position}", micro=False).save(buffer, kind="svg", xmldecl=False, border=2)
    return Picture(buffer.getvalue().decode(), _("Place: {place}").format(place=position))


def _iter_parts(brief: Brief) -> Iterator[Part]:
    if brief.map is not None:
        legend = [{"svg": sign.svg, "alt": label, "label": label} for sign, label in brief.map.legend]
        yield {"kind": "map", **asdict(brief.map.picture), "legend": legend}
    for index, section in enumerate(brief.answer.sections):
        yield from _iter_section_parts(section, brief.most_rows, is_first=not index)
    yield {"kind": "heading", "text": _("Notes and signatures of the assembly")}
    column_titles = [_("Name"), _("Identity document"), _("Signature or fingerprint")]
    yield {"kind": "notes", "lines": NOTE_LINES, "signatures": SIGNATURES, "signed": column_titles}


def _iter_section_parts(section: Section, most: int, *, is_first: bool) -> Iterator[Part]:
    if section.title:
        yield {"kind": "heading", "text": remove_markup(section.title)}
    if section.finding and not is_first:  # the first finding is at the head of the sheet
        yield _paragraph_part(section.finding)
    if section.figures:
        figure_items = ({"label": label, "figure": figure.value} for label, figure in section.figures.items())
        yield {"kind": "figures", "figures": list(figure_items)}
    if section.lines:
        yield {"kind": "bullets", "items": [remove_markup(line) for line in section.lines]}
    if section.table is not None:
        yield _table_part(section.table, most)
        if (count := len(section.table.rows)) > most:
            text = _("The largest {shown} of {count} are listed. The totals include all of them.")
            yield _paragraph_part(text.format(shown=format_number(most), count=format_number(count)))
    if section.note:
        yield _paragraph_part(section.note)


def _paragraph_part(text: str) -> Part:
    return {"kind": "paragraph", "text": remove_markup(text)}


def _table_part(table: Table, most: int) -> Part:
    printed = {name: column for name, column in table.columns.items() if column.width}
    shown_table = Table(table.caption, printed, table.rows.head(most))
    return {
        "kind": "table",
        "head": [column.label for column in printed.values()],
        "widths": [column.width for column in printed.values()],
        "numeric": [column.kind in {"number", "share"} for column in printed.values()],
        "rows": [list(row) for row in zip(*cells.format_cells(shown_table).values(), strict=True)],
    }


def _compile_sheet(data: dict[str, str], standards: list[str]) -> bytes:
    sheet = resources.files(__package__).joinpath(SHEET).read_text(encoding="utf-8")
    return compile_typst(sheet, sys_inputs=data, pdf_standards=standards)
