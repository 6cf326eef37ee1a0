"""Files named .xls that are not workbooks: XML Spreadsheet 2003 and HTML pages, as some ministries export them.

They are read like XLSX in `layers.read.formats.tables`, including merged and hidden cells.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from xml.parsers import expat

from lindero.layers.errors import N_, DamagedError, SourceError
from lindero.layers.read.formats.detect import Format
from lindero.layers.read.formats.encodings import decode
from lindero.layers.read.formats.tables import Cell, Table, build_sheet_table, choose_sheet

_SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_EXCEL = "urn:schemas-microsoft-com:office:excel"
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384  # limits of a sheet; positions stated in the file are not trusted
_NUMBER = re.compile(r"[-+\d.,\s'’]+")
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_HEAD_BYTES = 4_096
_CELLS = frozenset({"td", "th"})
_SKIPPED_TAGS = frozenset({"script", "style", "title"})


@dataclass
class _Sheet:
    """A sheet: cells by row and column from 1, merged ranges, hidden rows, and whether the sheet itself is hidden."""

    cells: dict[int, dict[int, Cell]] = field(default_factory=lambda: defaultdict(dict))
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    is_hidden: bool = False

    def set_cell(self, row: int, column: int, value: Cell) -> None:
        if not (0 < row <= _MOST_ROWS and 0 < column <= _MOST_COLUMNS):
            raise ValueError(f"{row}, {column}")
        if value is not None:
            self.cells[row][column] = value

    def merge(self, row: int, column: int, across: int, down: int) -> None:
        if across or down:
            self.merged.append((column, row, column + across, row + down))

    def to_rows(self) -> list[tuple[Cell, ...]]:
        """Return all rows up to the last that has a value."""
        last = max((row for row, cells in self.cells.items() if cells), default=0)
        width = max((max(cells) for cells in self.cells.values() if cells), default=0)
        rows = (self.cells.get(row, {}) for row in range(1, last + 1))
        return [tuple(cells.get(column) for column in range(1, width + 1)) for cells in rows]


def read_markup(path: Path, file_format: Format, *, sheet: str | None) -> Table:
    """Read one sheet of an XML Spreadsheet 2003 file, or one table of an HTML page."""
    raw = path.read_bytes()
    try:
        sheets = _parse_xml(raw) if file_format is Format.XML_BOOK else _parse_html(raw, path.name)
        filled = {name: lines for name, sheet_cells in sheets.items() if (lines := sheet_cells.to_rows())}
    except (expat.ExpatError, ValueError, OverflowError) as error:
        raise DamagedError(
            N_("{name} cannot be read as {format}: {why}"), name=path.name, format=file_format.value, why=error
        ) from error
    if file_format is Format.HTML:
        filled = {name: lines for name, lines in filled.items() if len(lines) > 1 and len(lines[0]) > 1}
        if not filled:
            raise SourceError(
                N_("{name} is a web page without a table; download the file again, or ask the sender for it"),
                name=path.name,
            )
    chosen = choose_sheet(path, filled, sheet, {name for name, sheet_cells in sheets.items() if sheet_cells.is_hidden})
    sheet_cells = sheets[chosen.name]
    return build_sheet_table(filled[chosen.name], sheet_cells.merged, {}, chosen, sheet_cells.hidden)


def _parse_xml(raw: bytes) -> dict[str, _Sheet]:
    reader = _XmlBookReader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.begin, reader.end
    parser.CharacterDataHandler = reader.text.append
    parser.EntityDeclHandler = _refuse_entity
    parser.Parse(raw, True)  # noqa: FBT003  the final chunk
    return reader.sheets


def _refuse_entity(*_: object) -> None:
    raise ValueError("<!ENTITY>")


class _XmlBookReader:
    """A handler of expat events that collects the sheets of an XML Spreadsheet 2003 file."""

    def __init__(self) -> None:
        self.sheets: dict[str, _Sheet] = {}
        self.sheet = _Sheet()
        self.row = self.column = self.span = self.across = 0
        self.kind = ""
        self.text: list[str] = []

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        space, _, kind = name.rpartition(" ")
        if space != _SPREADSHEET:
            self.text.clear()
            return
        stated = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        if kind == "Worksheet":
            self.sheet = self.sheets[stated.get("Name", f"{len(self.sheets) + 1}")] = _Sheet()
            self.row = 0
        elif kind == "Row":
            self.row, self.column = int(stated.get("Index", self.row + 1)), 0
            self.span = int(stated.get("Span", 0))
            if stated.get("Hidden") == "1":
                self.sheet.hidden.update(range(self.row, self.row + 1 + min(self.span, _MOST_ROWS)))
        elif kind == "Cell":
            self.column = int(stated.get("Index", self.column + 1))
            self.across = int(stated.get("MergeAcross", 0))
            if not 0 <= self.across <= _MOST_COLUMNS:
                raise ValueError(self.across)
            self.sheet.merge(self.row, self.column, self.across, int(stated.get("MergeDown", 0)))
        elif kind == "Data":
            self.kind = stated.get("Type", "")
            self.text.clear()

    def end(self, name: str) -> None:
        space, _, kind = name.rpartition(" ")
        if space == _EXCEL and kind == "Visible":
            self.sheet.is_hidden = "".join(self.text).strip().startswith("Sheet")
        if space != _SPREADSHEET:
            return
        if kind == "Data":
            self.sheet.set_cell(self.row, self.column, _convert_cell(self.kind, "".join(self.text)))
        elif kind == "Cell":
            self.column += self.across
        elif kind == "Row":
            self.row += self.span


def _convert_cell(kind: str, written: str) -> Cell:
    """Convert a cell to the type that the workbook states."""
    if not written.strip():
        return None
    if kind == "Number":
        value = float(written)
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if kind == "Boolean":
        return written.strip() == "1"
    if kind == "DateTime":
        return dt.date.fromisoformat(written.partition("T")[0])
    return written


def _parse_html(raw: bytes, name: str) -> dict[str, _Sheet]:
    charset = _CHARSET.search(raw[:_HEAD_BYTES])
    text = None
    if charset:
        with suppress(LookupError, UnicodeDecodeError):
            text = raw.decode(charset[1].decode())
    page = _HtmlTableReader()
    page.feed(decode(raw, name, None)[0] if text is None else text)
    page.close()
    return {f"table {number}": page_table for number, page_table in enumerate(page.tables, start=1)}


class _HtmlTableReader(HTMLParser):
    """An HTML parser that collects the tables of a page. A table within another is a separate table."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Sheet] = []
        self.open: list[_TableCursor] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Start a table, a row or a cell."""
        stated = {key: value or "" for key, value in attrs}
        self.silent += tag in _SKIPPED_TAGS
        if tag == "table":
            self.open.append(_TableCursor(_Sheet()))
            self.tables.append(self.open[-1].sheet)
        elif self.open and tag == "tr":
            self.open[-1].next_row(is_hidden=bool(_HIDDEN_STYLE.search(stated.get("style", ""))))
        elif self.open and tag in _CELLS:
            self.open[-1].next_cell(stated)
        elif self.open and tag in {"br", "p", "div"}:
            self.open[-1].text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """End a cell or a table. Rows and cells may also end without a tag."""
        self.silent -= tag in _SKIPPED_TAGS and self.silent > 0
        if self.open and tag in {*_CELLS, "tr", "table"}:
            self.open[-1].end_cell()
            if tag == "table":
                self.open.pop()

    def handle_data(self, data: str) -> None:
        """Add text to the open cell."""
        if self.open and not self.silent:
            self.open[-1].text.append(data)

    def close(self) -> None:
        """Store the cells that the page leaves open."""
        super().close()
        for place in self.open:
            place.end_cell()


@dataclass
class _TableCursor:
    """The reading position in an HTML table."""

    sheet: _Sheet
    row: int = 0
    column: int = 0
    across: int = 1
    is_in_cell: bool = False
    stated: str = ""  # the number that a program stored beside the displayed text
    text: list[str] = field(default_factory=list)
    occupied_columns: dict[int, set[int]] = field(
        default_factory=lambda: defaultdict(set)
    )  # by row: columns of cells above

    def next_row(self, *, is_hidden: bool) -> None:
        self.end_cell()
        self.row, self.column = self.row + 1, 0
        if is_hidden:
            self.sheet.hidden.add(self.row)

    def next_cell(self, stated: Mapping[str, str]) -> None:
        self.end_cell()
        self.row = max(self.row, 1)
        self.column += 1
        while self.column in self.occupied_columns[self.row]:
            self.column += 1
        across, down = (_span(stated.get(name, ""), most) for name, most in (("colspan", 100), ("rowspan", 1_000)))
        self.sheet.merge(self.row, self.column, across - 1, down - 1)
        for row in range(self.row + 1, self.row + down):
            self.occupied_columns[row].update(range(self.column, self.column + across))
        self.text.clear()
        self.is_in_cell, self.stated, self.across = True, stated.get("x:num", ""), across

    def end_cell(self) -> None:
        if not self.is_in_cell:
            return
        shown = " ".join("".join(self.text).split())
        value = self.stated if self.stated and _NUMBER.fullmatch(shown) else shown
        self.sheet.set_cell(self.row, self.column, value or None)
        self.column += self.across - 1
        self.is_in_cell = False


def _span(attribute: str, limit: int) -> int:
    return min(max(int(attribute), 1), limit) if attribute.isdigit() else 1
