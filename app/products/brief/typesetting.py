"""A brief as PDF: tagged, fonts inside, from data alone; nothing is asked of a network."""

import io
import json
from dataclasses import asdict
from importlib import resources

import segno
import typst

from lindero.app.drawing.marks import Picture
from lindero.app.drawing.sheet import typeset
from lindero.app.products.brief.parts import Brief
from lindero.app.text import i18n
from lindero.app.text.i18n import _

SHEET = "brief.typ"
ACCESSIBLE = ["1.7", "ua-1"]  # PDF/UA-1, which needs a font for every letter
_PER_DEGREE = 4  # decimals of a place in its code: some 11 m


def pdf(brief: Brief) -> bytes:
    """
    Set a brief as PDF, accessible by PDF/UA-1; tagged without that promise where a name holds letters of no font.

    Parameters
    ----------
    brief
        Its texts go in as JSON: none of them is ever read as markup.
    """
    contents = asdict(brief) | {"language": i18n.current()}
    if brief.code is not None:
        contents["code"] = asdict(brief.code) | {"label": brief.code.alt}
    data = {"brief": json.dumps(contents, ensure_ascii=False, default=str)}
    try:
        return _set(data, ACCESSIBLE)
    except typst.TypstError:
        return _set(data, [])


def place_code(latitude: float, longitude: float) -> Picture:
    """Give a place as a QR code that phones open in their map."""
    drawn = io.BytesIO()
    at = f"{latitude:.{_PER_DEGREE}f},{longitude:.{_PER_DEGREE}f}"
    segno.make(f"geo:{at}", micro=False).save(drawn, kind="svg", xmldecl=False, border=2)
    return Picture(drawn.getvalue().decode(), _("Place: {place}").format(place=at))


def _set(data: dict[str, str], standards: list[str]) -> bytes:
    sheet = resources.files(__package__).joinpath(SHEET).read_text(encoding="utf-8")
    return typeset(sheet, sys_inputs=data, pdf_standards=standards)
