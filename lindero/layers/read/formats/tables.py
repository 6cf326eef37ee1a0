"""Tables from CSV and XLSX files.

Each cell is text, or the number or date stored in the file; geometry may be text in cells.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from lindero.layers.errors import N_, DamagedError, SourceError
from lindero.layers.read.formats.encodings import decode

DELIMITERS = ",;\t|"
MAX_FIELD_BYTES = 10_000_000
MAX_TITLE_ROWS = 30  # maximum rows above a header
VISIBLE = "visible"  # as the last word of the sheet's name in an option: hidden rows are excluded
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})
Cell = object


@dataclass
class Table:
    """Rows of a table by their number from 1 below the header. Each row has as many cells as `columns`.

    `rejects` lists (row, reason, detail, received text), and `findings` lists (row, finding, column, detail); row 0 is
    the whole file. `encoding` is None for formats that have only one.
    """

    columns: list[str]
    rows: dict[int, Sequence[Cell]]
    encoding: str | None = None
    rejects: list[tuple[int, str, str, str]] = field(default_factory=list)
    findings: list[tuple[int, str, str, str]] = field(default_factory=list)

    def add_reject(self, row: int, reason: str, detail: str, received: str) -> None:
        """Add a row that cannot be read."""
        self.rejects.append((row, reason, detail, received))

    def add_finding(self, row: int, finding: str, column: str, detail: str) -> None:
        """Add a finding."""
        self.findings.append((row, finding, column, detail))


def read_csv(path: Path, *, encoding: str | None) -> Table:
    """Read a CSV file with a header line, all cells as text.

    The delimiter is the one that gives most rows the same number of fields. Title lines above the header are skipped
    and reported. Blank lines between rows, and rows that do not fit the header, are rejected.
    """
    text, detected = decode(path.read_bytes(), path.name, encoding)
    if "\x00" in text:
        raise SourceError(
            N_(
                "{name} is not a text file: it contains NUL bytes; download it again, or ask the sender for the "
                "original file"
            ),
            name=path.name,
        )
    lines = _split_records(text, path)
    while lines and not any(map(str.strip, lines[-1])):
        lines.pop()
    if not lines:
        raise SourceError(N_("{name} is empty"), name=path.name)
    header = _find_header([[cell or None for cell in line] for line in lines])
    width = len(lines[header])
    table = Table(_name_columns(lines[header]), {}, encoding=detected)
    _note_title_rows(table, header)
    for number, line in enumerate(lines[header + 1 :], start=1):
        if not any(line[width:]):
            del line[width:]  # a delimiter at the end of each row
        if not any(map(str.strip, line)):
            table.add_reject(number, "blank_row", "", "")
        elif len(line) > width or len(line) < _min_fields(lines, header):
            table.add_reject(number, "fields_do_not_fit_header", f"{len(line)} / {width}", ", ".join(line))
        else:
            table.rows[number] = [cell or None for cell in line] + [None] * (width - len(line))
    return table


def _split_records(text: str, path: Path) -> list[list[str]]:
    """Split a text into records with the delimiter that gives most of them the same number of fields."""
    csv.field_size_limit(MAX_FIELD_BYTES)
    sep_line = re.match(r"sep=(.)\r?\n", text)  # a convention of spreadsheet programs
    text = text[sep_line.end() :] if sep_line else text
    sample = text[:200_000]
    delimiter = sep_line[1] if sep_line else max(DELIMITERS, key=lambda sign: _evenness(sample, sign))
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise DamagedError(N_("{name} cannot be read as CSV: {why}"), name=path.name, why=error) from error
    _check_quotes(records, text, delimiter, path)
    return records


def _check_quotes(records: list[list[str]], text: str, delimiter: str, path: Path) -> None:
    """Check that no rows are read as part of a cell because of an unclosed quotation mark before them."""
    multiline_cells = [
        (record_number, cell)
        for record_number, row in enumerate(records, start=1)
        for cell in row
        if "\n" in cell or "\r" in cell
    ]
    if not multiline_cells or _has_closed_quotes(text, delimiter):
        return
    width = Counter(map(len, records)).most_common(1)[0][0]
    for record_number, cell in multiline_cells:
        swallowed = sum(line.count(delimiter) >= max(width - 1, 1) for line in cell.splitlines()[1:])
        if swallowed:
            raise SourceError(
                N_(
                    "{name}: a quotation mark in record {record} is not closed, so the next {count} rows "
                    "would be read as one cell. Close it, or ask the sender for a corrected file"
                ),
                name=path.name,
                record=record_number,
                count=swallowed,
            )


def _has_closed_quotes(text: str, delimiter: str) -> bool:
    """Return whether every quotation mark that opens a cell also closes it."""
    try:
        for _row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            pass
    except csv.Error:
        return False
    return True


def _evenness(sample: str, delimiter: str) -> tuple[float, int]:
    """Return how evenly a delimiter splits records, and the most common number of fields.

    The first value is the share of records with that number of fields, plus 1 if the header has it too.
    """
    try:
        widths = Counter(
            len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if any(row)
        )
    except csv.Error:
        return 0, 0
    header = len(next(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), []))
    multi_field = {width: count for width, count in widths.items() if width > 1}
    if not multi_field:
        return 0, 0
    width, count = max(multi_field.items(), key=lambda item: (item[1], item[0]))
    return count / widths.total() + (header == width), width


def _min_fields(lines: list[list[str]], header: int) -> int:
    """Return the fewest fields that a row may have: the position of the last named column of the header."""
    named_positions = [i for i, name in enumerate(lines[header], start=1) if name.strip()]
    return max(named_positions, default=0)


class SheetChoice(NamedTuple):
    """A chosen sheet of a workbook: its name, findings about the choice, and whether hidden rows are left out."""

    name: str
    findings: tuple[tuple[str, str], ...] = ()
    only_visible: bool = False


def choose_sheet(path: Path, filled: Collection[str], sheet: str | None, hidden: Collection[str] = ()) -> SheetChoice:
    """Choose a sheet among those that have rows: the named one, the only one, or the only one that is not hidden.

    `sheet` is the sheet's name, optionally followed by the word "visible", or that word alone. `hidden` lists the
    hidden sheets.
    """
    only_visible = sheet not in {None, *filled} and str(sheet).split()[-1:] == [VISIBLE]
    if only_visible:
        sheet = str(sheet).rpartition(VISIBLE)[0].strip() or None
    visible = [name for name in filled if name not in hidden]
    findings: list[tuple[str, str]] = []
    if sheet is None and len(visible or filled) == 1:
        sheet = next(iter(visible or filled))
        if left_out := [name for name in filled if name != sheet]:
            findings.append(("hidden_sheets_left_out", ", ".join(left_out)))
    if not filled:
        raise SourceError(N_("{name} has no sheet with rows; ask the sender for the complete file"), name=path.name)
    if sheet is None or sheet not in filled:
        raise SourceError(
            N_("{name} has {count} sheets with rows: {sheets}; choose one with --sublayer"),
            name=path.name,
            count=len(filled),
            sheets=", ".join(filled),
        )
    if sheet in hidden:
        findings.append(("hidden_sheet_read", sheet))
    return SheetChoice(sheet, tuple(findings), only_visible)


def build_sheet_table(
    cells: list[tuple[Cell, ...]],
    merged: list[tuple[int, int, int, int]],
    formulas: Mapping[tuple[int, int], str],
    chosen: SheetChoice,
    hidden: Collection[int] = (),
) -> Table:
    """Build a table from the rows of a sheet.

    `merged` lists cell ranges (left, top, right, bottom, from 1). `formulas` maps row and column, from 1, to a formula.
    `hidden` lists the hidden rows, from 1.
    """
    width = max(len(row) for row in cells)
    lines = [[*row, *[None] * (width - len(row))] for row in cells]
    first = next(i for i, row in enumerate(lines) if any(cell is not None for cell in row))
    header = max(first, _find_header(lines))
    names, last = _header_names(lines, header, merged)
    table = Table(_name_columns(names), {})
    for finding, detail in chosen.findings:
        table.add_finding(0, finding, "", detail)
    _note_title_rows(
        table, sum(any(cell is not None for cell in row) for row in lines[:header]) if header > first else 0
    )
    if last > header:
        table.add_finding(0, "header_of_two_rows", "", ", ".join(map(str, table.columns))[:200])
    for number, line in enumerate(lines[last + 1 :], start=1):
        sheet_row = last + 1 + number
        unresolved = [table.columns[i] for i in range(width) if line[i] is None and (sheet_row, i + 1) in formulas]
        if unresolved:
            table.add_reject(number, "formula_without_result", ", ".join(unresolved), ", ".join(map(str, line)))
        elif all(cell is None or str(cell).strip() == "" for cell in line):
            table.add_reject(number, "blank_row", "", "")
        elif sheet_row in hidden and chosen.only_visible:
            table.add_reject(number, "hidden_row_left_out", "", ", ".join(map(str, line)))
        else:
            if sheet_row in hidden:
                table.add_finding(number, "hidden_row", "", "")
            table.rows[number] = _clear_errors(table, number, line)
    return table


def _clear_errors(table: Table, number: int, line: list[Cell]) -> list[Cell]:
    """Set cells with a formula error to None, and add a finding for each."""
    for i in [i for i, cell in enumerate(line) if isinstance(cell, str) and cell in _ERRORS]:
        table.add_finding(number, "not_readable", table.columns[i], str(line[i]))
        line[i] = None
    return line


def _find_header(lines: Sequence[Sequence[Cell]]) -> int:
    """Return the position of the header.

    It is the first row or, if that is a title, the first row about as full as most rows.
    """
    fill_counts = [sum(cell is not None and str(cell).strip() != "" for cell in row) for row in lines]
    common_count = Counter(count for count in fill_counts if count).most_common(1)[0][0]
    start = next(i for i, count in enumerate(fill_counts) if count)
    if fill_counts[start] > 1 or common_count <= 2 or fill_counts[start] >= common_count:  # noqa: PLR2004  a title fills one cell
        return start
    for i in range(start, min(len(lines), start + MAX_TITLE_ROWS)):
        if fill_counts[i] >= max(2, 0.6 * common_count) and all(
            cell is None or isinstance(cell, str) for cell in lines[i]
        ):
            return i
    return start


def _note_title_rows(table: Table, count: int) -> None:
    if count:
        table.add_finding(0, "title_rows_skipped", "", f"{count}")


def _header_names(
    lines: list[list[Cell]], header: int, merged: list[tuple[int, int, int, int]]
) -> tuple[list[Cell], int]:
    """Return the column names and the position of the last header row.

    The header has two rows if cells of its first row are merged; otherwise it has one.
    """
    names = list(lines[header])
    wide_ranges = [
        (left - 1, right) for left, top, right, bottom in merged if top == header + 1 == bottom and right > left
    ]
    below = lines[header + 1] if header + 1 < len(lines) else []
    if not wide_ranges or not below or not all(cell is None or isinstance(cell, str) for cell in below):
        return names, header
    for left, right in wide_ranges:
        for i in range(left, min(right, len(names))):
            names[i] = names[left]
    return [sub if sub is not None else name for name, sub in zip(names, below, strict=True)], header + 1


def _name_columns(cells: Iterable[Cell]) -> list[str]:
    """Return unique column names: repeated names get a number (NOMBRE 2), and empty names become `column N`."""
    cleaned = [" ".join(str(cell).split()) if cell is not None else "" for cell in cells]
    names = [name or f"column {i}" for i, name in enumerate(cleaned, start=1)]
    name_counts: Counter[str] = Counter()
    for position, name in enumerate(names):
        names[position] = f"{name} {name_counts[name] + 1}" if name_counts[name] else name
        name_counts[name] += 1
    return names
