"""Tables, geometry (if any) in cells: CSV and XLSX, every cell as text or as the number or date that the file holds."""

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
MAX_TITLE_ROWS = 30  # that stand above a header
VISIBLE = "visible"  # as the last word of what names a sheet: its hidden rows stay out
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})
Cell = object


@dataclass
class Table:
    """
    Rows of a table, each under its number from 1 below the header, as wide as `columns`.

    `rejects` holds (row, reason, detail, what was received), `findings` (row, finding, column, detail); row 0 is the
    whole file. `encoding` is None where the format has but one.
    """

    columns: list[str]
    rows: dict[int, Sequence[Cell]]
    encoding: str | None = None
    rejects: list[tuple[int, str, str, str]] = field(default_factory=list)
    findings: list[tuple[int, str, str, str]] = field(default_factory=list)

    def reject(self, row: int, reason: str, detail: str, received: str) -> None:
        """Note a row that cannot be read."""
        self.rejects.append((row, reason, detail, received))

    def notice(self, row: int, finding: str, column: str, detail: str) -> None:
        """Note a finding."""
        self.findings.append((row, finding, column, detail))


def read_csv(path: Path, *, encoding: str | None) -> Table:
    """
    Read a CSV file with a header line, all cells as text.

    The delimiter is the one that gives most rows the same number of fields. Lines of a title above the header are
    passed over and found; blank lines between rows, and rows that do not fit the header, are rejected.

    Raises
    ------
    SourceError
        If the text cannot be decoded or has no header.
    """
    text, found = decode(path.read_bytes(), path.name, encoding)
    if "\x00" in text:
        raise SourceError(N_("{name} is no text: it holds zero bytes"), name=path.name)
    lines = _records(text, path)
    while lines and not any(map(str.strip, lines[-1])):
        lines.pop()
    if not lines:
        raise SourceError(N_("{name} is empty"), name=path.name)
    header = _header([[cell or None for cell in line] for line in lines])
    width = len(lines[header])
    table = Table(_named(lines[header]), {}, encoding=found)
    _tell_titles(table, header)
    for number, line in enumerate(lines[header + 1 :], start=1):
        if not any(line[width:]):
            del line[width:]  # a delimiter at the end of each row
        if not any(map(str.strip, line)):
            table.reject(number, "blank_row", "", "")
        elif len(line) > width or len(line) < _least(lines, header):
            table.reject(number, "fields_do_not_fit_header", f"{len(line)} / {width}", ", ".join(line))
        else:
            table.rows[number] = [cell or None for cell in line] + [None] * (width - len(line))
    return table


def _records(text: str, path: Path) -> list[list[str]]:
    """Split a text into records by the delimiter that splits most of them alike."""
    csv.field_size_limit(MAX_FIELD_BYTES)
    stated = re.match(r"sep=(.)\r?\n", text)  # an old custom of spreadsheets
    text = text[stated.end() :] if stated else text
    sample = text[:200_000]
    best = stated[1] if stated else max(DELIMITERS, key=lambda sign: _evenness(sample, sign))
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=best))
    except csv.Error as error:
        raise DamagedError(N_("{name} cannot be read as CSV: {why}"), name=path.name, why=error) from error
    _hold_quotes_closed(records, text, best, path)
    return records


def _hold_quotes_closed(records: list[list[str]], text: str, sign: str, path: Path) -> None:
    """
    Hold that no rows are taken for the inside of a cell, for a quotation mark before them is opened and not closed.

    Raises
    ------
    SourceError
        If marks do not close where cells end, and a cell holds lines with as many fields as most rows.
    """
    long = [(at, cell) for at, row in enumerate(records, start=1) for cell in row if "\n" in cell or "\r" in cell]
    if not long or _closes(text, sign):
        return
    width = Counter(map(len, records)).most_common(1)[0][0]
    for at, cell in long:
        swallowed = sum(line.count(sign) >= max(width - 1, 1) for line in cell.splitlines()[1:])
        if swallowed:
            raise SourceError(
                N_(
                    "{name}: in its record {record} a quotation mark is opened and not closed, so that {count} rows "
                    "after it would be read as one cell; mend the mark, or ask whoever sent it"
                ),
                name=path.name,
                record=at,
                count=swallowed,
            )


def _closes(text: str, sign: str) -> bool:
    """Tell whether every quotation mark that opens a cell closes it."""
    try:
        for _row in csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True):
            pass
    except csv.Error:
        return False
    return True


def _evenness(sample: str, sign: str) -> tuple[float, int]:
    """Say how evenly a sign divides records: the share that has the commonest number of fields, and that number."""
    try:
        widths = Counter(len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=sign) if any(row))
    except csv.Error:
        return 0, 0
    header = len(next(csv.reader(io.StringIO(sample, newline=""), delimiter=sign), []))
    several = {width: count for width, count in widths.items() if width > 1}
    if not several:
        return 0, 0
    width, count = max(several.items(), key=lambda item: (item[1], item[0]))
    return count / widths.total() + (header == width), width


def _least(lines: list[list[str]], header: int) -> int:
    """Give the fewest fields that a row may have: all of them, unless the header names nothing at its end."""
    named = [i for i, name in enumerate(lines[header], start=1) if name.strip()]
    return max(named, default=0)


class Chosen(NamedTuple):
    """A sheet of a workbook: its name, what was noticed in choosing it, and whether its hidden rows stay out."""

    name: str
    findings: tuple[tuple[str, str], ...] = ()
    only_visible: bool = False


def only_sheet(path: Path, filled: Collection[str], sheet: str | None, unseen: Collection[str] = ()) -> Chosen:
    """
    Choose the sheet that is meant, of those that hold rows: the only one, or the only one that is not hidden.

    `sheet` is its name, perhaps with the word "visible" after it, or that word alone; `unseen` are those hidden.

    Raises
    ------
    SourceError
        If there are several and none is named, or there is none.
    """
    only_visible = sheet not in {None, *filled} and str(sheet).split()[-1:] == [VISIBLE]
    if only_visible:
        sheet = str(sheet).rpartition(VISIBLE)[0].strip() or None
    shown = [name for name in filled if name not in unseen]
    findings: list[tuple[str, str]] = []
    if sheet is None and len(shown or filled) == 1:
        sheet = next(iter(shown or filled))
        if left_out := [name for name in filled if name != sheet]:
            findings.append(("hidden_sheets_left_out", ", ".join(left_out)))
    if sheet is None or sheet not in filled:
        raise SourceError(
            N_("{name} has {count} sheets with rows: {sheets}; name one with --sublayer"),
            name=path.name,
            count=len(filled),
            sheets=", ".join(filled) or "–",
        )
    if sheet in unseen:
        findings.append(("hidden_sheet_read", sheet))
    return Chosen(sheet, tuple(findings), only_visible)


def sheet_table(
    cells: list[tuple[Cell, ...]],
    merged: list[tuple[int, int, int, int]],
    formulas: Mapping[tuple[int, int], str],
    chosen: Chosen,
    hidden: Collection[int] = (),
) -> Table:
    """
    Give the rows of a sheet as a table.

    `merged` holds ranges (left, top, right, bottom from 1), `formulas` those of cells by row and column from 1,
    `hidden` the rows from 1 that whoever opens the workbook does not see.
    """
    width = max(len(row) for row in cells)
    lines = [[*row, *[None] * (width - len(row))] for row in cells]
    first = next(i for i, row in enumerate(lines) if any(cell is not None for cell in row))
    header = max(first, _header(lines))
    names, last = _merged_names(lines, header, merged)
    table = Table(_named(names), {})
    for finding, detail in chosen.findings:
        table.notice(0, finding, "", detail)
    _tell_titles(table, sum(any(cell is not None for cell in row) for row in lines[:header]) if header > first else 0)
    if last > header:
        table.notice(0, "header_of_two_rows", "", ", ".join(map(str, table.columns))[:200])
    for number, line in enumerate(lines[last + 1 :], start=1):
        position = last + 1 + number
        unknown = [table.columns[i] for i in range(width) if line[i] is None and (position, i + 1) in formulas]
        if unknown:
            table.reject(number, "formula_without_result", ", ".join(unknown), ", ".join(map(str, line)))
        elif all(cell is None or str(cell).strip() == "" for cell in line):
            table.reject(number, "blank_row", "", "")
        elif position in hidden and chosen.only_visible:
            table.reject(number, "hidden_row_left_out", "", ", ".join(map(str, line)))
        else:
            if position in hidden:
                table.notice(number, "hidden_row", "", "")
            table.rows[number] = _without_errors(table, number, line)
    return table


def _without_errors(table: Table, number: int, line: list[Cell]) -> list[Cell]:
    """Leave empty what a formula could not compute, and tell it."""
    for i in [i for i, cell in enumerate(line) if isinstance(cell, str) and cell in _ERRORS]:
        table.notice(number, "not_readable", table.columns[i], str(line[i]))
        line[i] = None
    return line


def _header(lines: Sequence[Sequence[Cell]]) -> int:
    """Give the position of the header: the first row, unless that is a title above one as full as most rows."""
    full = [sum(cell is not None and str(cell).strip() != "" for cell in row) for row in lines]
    usual = Counter(count for count in full if count).most_common(1)[0][0]
    start = next(i for i, count in enumerate(full) if count)
    if full[start] > 1 or usual <= 2 or full[start] >= usual:  # noqa: PLR2004  a title fills one cell
        return start
    for i in range(start, min(len(lines), start + MAX_TITLE_ROWS)):
        if full[i] >= max(2, 0.6 * usual) and all(cell is None or isinstance(cell, str) for cell in lines[i]):
            return i
    return start


def _tell_titles(table: Table, count: int) -> None:
    if count:
        table.notice(0, "title_rows_skipped", "", f"{count}")


def _merged_names(
    lines: list[list[Cell]], header: int, merged: list[tuple[int, int, int, int]]
) -> tuple[list[Cell], int]:
    """Give the names of a header of one row, or of two where cells of the first are merged; and its last row."""
    names = list(lines[header])
    wide = [(left - 1, right) for left, top, right, bottom in merged if top == header + 1 == bottom and right > left]
    below = lines[header + 1] if header + 1 < len(lines) else []
    if not wide or not below or not all(cell is None or isinstance(cell, str) for cell in below):
        return names, header
    for left, right in wide:
        for i in range(left, min(right, len(names))):
            names[i] = names[left]
    return [sub if sub is not None else name for name, sub in zip(names, below, strict=True)], header + 1


def _named(cells: Iterable[Cell]) -> list[str]:
    """Give columns their names: those of one name are told apart (NOMBRE 2), those without one are numbered."""
    plain = [" ".join(str(cell).split()) if cell is not None else "" for cell in cells]
    names = [name or f"column {i}" for i, name in enumerate(plain, start=1)]
    seen: Counter[str] = Counter()
    for at, name in enumerate(names):
        names[at] = f"{name} {seen[name] + 1}" if seen[name] else name
        seen[name] += 1
    return names
