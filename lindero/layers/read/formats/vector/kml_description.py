"""Extraction of fields from the descriptions of KML placemarks.

A description contains fields as an HTML table, or as lines of text.
"""

import re
from collections import Counter
from collections.abc import Iterable
from html.parser import HTMLParser

import pyarrow as pa

DESCRIPTION = "description"
_NULL_TEXTS = frozenset({"<null>", "null", "&lt;null&gt;"})
_LINE = re.compile(r"\s*([^:=\n]{1,60}?)\s*[:=]\s*(.*?)\s*", re.DOTALL)
_ADDRESS = re.compile(r"(https?|ftp|mailto)$", re.IGNORECASE)
_LINES = frozenset({"br", "p", "div", "li", "tr"})
_CELLS = frozenset({"td", "th"})
_PAIR = 2
_MOST_FIELDS = 500
_USUAL = 0.5  # minimum share of places with a field; a rarer one is a sentence with a colon


class _DescriptionParser(HTMLParser):
    """An HTML parser that collects the rows of the innermost tables, and the lines of text outside tables."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self.lines: list[str] = [""]
        self._open: list[list[list[str]]] = []  # per table: the cells of its current row, each a list of texts

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002  as the parser calls it
        if tag == "table":
            self._open.append([])
        elif tag == "tr" and self._open:
            self._close_row()
        elif tag in _CELLS and self._open:
            self._open[-1].append([])
        if tag in _LINES and not self._open:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "tr" and self._open:
            self._close_row()
        elif tag == "table" and self._open:
            self._close_row()
            self._open.pop()
            if self._open and self._open[-1]:
                self._open[-1][-1].append("\0")  # a cell that contains a table is not a value
        elif tag in _LINES and not self._open:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if self._open:
            if self._open[-1]:
                self._open[-1][-1].append(data)
        else:
            self.lines[-1] += data

    def _close_row(self) -> None:
        cells = [" ".join("".join(texts).split()) for texts in self._open[-1]]
        self._open[-1].clear()
        if cells and not any("\0" in cell for cell in cells):
            self.rows.append(cells)


def parse_fields(text: str) -> dict[str, str]:
    """Parse the fields of a description: rows of two cells, a row of names above a row of values, or lines."""
    reader = _DescriptionParser()
    reader.feed(text)
    reader.close()
    rows = [row for row in reader.rows if any(row)]
    pairs = [(row[0], row[1]) for row in rows if len(row) == _PAIR]
    if not pairs and len(rows) == _PAIR and len(rows[0]) == len(rows[1]) > _PAIR:
        pairs = list(zip(*rows, strict=True))
    if not pairs:
        lines = [line for text_line in reader.lines for line in text_line.splitlines() if line.strip()]
        matches = [match for line in lines if (match := _LINE.fullmatch(line)) and not _ADDRESS.match(match[1])]
        pairs = (
            [(match[1], match[2]) for match in matches] if len(matches) >= _PAIR and len(matches) == len(lines) else []
        )
    named_pairs = [(name.rstrip(": "), value) for name, value in pairs if name.strip(": ")]
    return {
        name: "" if value.strip().casefold() in _NULL_TEXTS else value.strip() for name, value in reversed(named_pairs)
    }


def add_described_fields(table: pa.Table) -> tuple[pa.Table, list[str]]:
    """Add the fields of placemark descriptions as columns; return the table and the names of the new columns."""
    names = {name.casefold(): name for name in table.column_names}
    if DESCRIPTION not in names:
        return table, []
    texts = table.column(names[DESCRIPTION]).to_pylist()
    parsed = [dict(reversed(parse_fields(text).items())) if text else {} for text in texts]
    new_names = [name for name in _common_names(parsed) if name.casefold() not in names][:_MOST_FIELDS]
    for name in new_names:
        table = table.append_column(name, pa.array([row.get(name) or None for row in parsed], type=pa.large_string()))
    return table, new_names


def _common_names(parsed: Iterable[dict[str, str]]) -> list[str]:
    filled = [row for row in parsed if row]
    counts = Counter(name for row in filled for name in row)
    return [name for name, count in counts.items() if count >= _USUAL * len(filled)]
