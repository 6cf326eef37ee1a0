"""What a brief is made of: headings, paragraphs, lists, tables, figures, pictures; data alone, no markup."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lindero.app.drawing.marks import Picture
from lindero.app.text.i18n import _

Part = Mapping[str, object]
_MARKS = re.compile(r"\\([!-/:-@\[-`{-~])|\*\*|\u2060")  # what `app.text.escape.plain` and our own sentences put in
_SIGNATURES = 6


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, its width beside the others', and whether it holds numbers."""

    head: str
    width: float = 1.0
    is_number: bool = False


@dataclass(frozen=True)
class Brief:
    """A whole brief: `finding` is its one sentence, `code` the place as a QR code."""

    title: str
    about: str
    finding: str
    footer: str
    warning: str = ""
    code: Picture | None = None
    parts: Sequence[Part] = field(default=())


def bare(sentence: str) -> str:
    """Take the Markdown out of one of our sentences: the text of others in it stays as it was received."""
    return _MARKS.sub(lambda found: found[1] or "", sentence)


def heading(text: str) -> Part:
    """Begin a section."""
    return {"kind": "heading", "text": text}


def paragraph(*sentences: str) -> list[Part]:
    """Say sentences in one paragraph; nothing if all are empty."""
    line = " ".join(bare(sentence) for sentence in sentences if sentence)
    return [{"kind": "paragraph", "text": line}] if line else []


def bullets(lines: Sequence[str]) -> list[Part]:
    """List lines, each of its own."""
    items = [bare(line.removeprefix("- ")) for line in lines]
    return [{"kind": "bullets", "items": items}] if items else []


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> Part:
    """Set rows under the headings of their columns."""
    return {
        "kind": "table",
        "head": [column.head for column in columns],
        "widths": [column.width for column in columns],
        "numeric": [column.is_number for column in columns],
        "rows": [list(row) for row in rows],
    }


def figures(values: Mapping[str, str]) -> Part:
    """State a few figures side by side, each under what it is of."""
    return {"kind": "figures", "figures": [{"label": label, "figure": figure} for label, figure in values.items()]}


def map_with_key(drawn: Picture, legend: Sequence[tuple[Picture, str]]) -> Part:
    """Show a map above what its signs mean."""
    key = [{"svg": sign.svg, "alt": label, "label": label} for sign, label in legend]
    return {"kind": "map", "svg": drawn.svg, "alt": drawn.alt, "legend": key}


def notes() -> list[Part]:
    """Leave room for what an assembly writes and signs."""
    signed = [_("Name"), _("Identity document"), _("Signature or fingerprint")]
    return [
        heading(_("Notes and signatures of the assembly")),
        {"kind": "notes", "lines": 8, "signatures": _SIGNATURES, "signed": signed},
    ]
