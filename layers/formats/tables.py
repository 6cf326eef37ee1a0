"""Tables, geometry (if any) in cells: CSV and XLSX, every cell as text or as the number or date that the file holds."""

import csv
import datetime as dt
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import ParseError

from lindero.layers.errors import N_, DamagedError, SourceError
from lindero.layers.formats.encodings import decoded

DELIMITERS = ",;\t|"
MAX_FIELD_BYTES = 10_000_000
MAX_TITLE_ROWS = 30  # that stand above a header
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, ParseError, KeyError, TypeError, EOFError, AttributeError, IndexError),
    *(RuntimeError, OverflowError),  # also of a compression that is not known: NotImplementedError
)
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')
_FORMULA = re.compile(rb"<f[ >/]")
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})
Cell = object
_EXACT = 2**53  # from here on a float is no longer a whole number for sure
_MIDNIGHT = dt.time()


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
    text, found = decoded(path.read_bytes(), path.name, encoding)
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


def read_xlsx(path: Path, *, sheet: str | None) -> Table:
    """
    Read one sheet of an XLSX file: below a title, if it has one, its first row that is a header.

    Raises
    ------
    SourceError
        If the file is broken, or several sheets hold rows and none is named.
    """
    import openpyxl  # noqa: PLC0415  it takes a while, and other formats do not need it
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        with path.open("rb") as file:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            filled = {name: rows for name in book.sheetnames if (rows := _cells(book[name]))}
        name = only_sheet(path, filled, sheet)
        insides = _insides(path, name)
        formulas = _formulas(path, name) if _FORMULA.search(insides) else {}
    except (InvalidFileException, *_BROKEN, ValueError, OSError) as error:
        raise DamagedError(N_("{name} cannot be read as XLSX: {why}"), name=path.name, why=error) from error
    return sheet_table(filled[name], _merged(insides), formulas)


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


def only_sheet(path: Path, filled: dict[str, list[tuple[Cell, ...]]], sheet: str | None) -> str:
    """
    Give the name of the sheet that is meant, of those that hold rows.

    Raises
    ------
    SourceError
        If there are several and none is named, or there is none.
    """
    if sheet is None and len(filled) == 1:
        sheet = next(iter(filled))
    if sheet is None or sheet not in filled:
        raise SourceError(
            N_("{name} has {count} sheets with rows: {sheets}; name one with --sublayer"),
            name=path.name,
            count=len(filled),
            sheets=", ".join(filled) or "–",
        )
    return sheet


def sheet_table(
    cells: list[tuple[Cell, ...]], merged: list[tuple[int, int, int, int]], formulas: dict[tuple[int, int], str]
) -> Table:
    """
    Give the rows of a sheet as a table.

    `merged` holds ranges (left, top, right, bottom from 1), `formulas` those of cells by row and column from 1.
    """
    width = max(len(row) for row in cells)
    lines = [[*row, *[None] * (width - len(row))] for row in cells]
    first = next(i for i, row in enumerate(lines) if any(cell is not None for cell in row))
    header = max(first, _header(lines))
    names, last = _merged_names(lines, header, merged)
    table = Table(_named(names), {})
    _tell_titles(table, sum(any(cell is not None for cell in row) for row in lines[:header]) if header > first else 0)
    if last > header:
        table.notice(0, "header_of_two_rows", "", ", ".join(map(str, table.columns))[:200])
    for number, line in enumerate(lines[last + 1 :], start=1):
        position = last + 1 + number
        unknown = [i for i in range(width) if line[i] is None and (position, i + 1) in formulas]
        for i in [i for i, cell in enumerate(line) if isinstance(cell, str) and cell in _ERRORS]:
            table.notice(number, "not_readable", table.columns[i], str(line[i]))
            line[i] = None
        if unknown:
            told = ", ".join(table.columns[i] for i in unknown)
            table.reject(number, "formula_without_result", told, ", ".join(map(str, line)))
        elif all(cell is None or str(cell).strip() == "" for cell in line):
            table.reject(number, "blank_row", "", "")
        else:
            table.rows[number] = line
    return table


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
    return [name if (before := names[:i].count(name)) == 0 else f"{name} {before + 1}" for i, name in enumerate(names)]


def _cells(sheet: object) -> list[tuple[Cell, ...]]:
    """Give the rows of a sheet, those at its end left out that hold nothing."""
    getattr(sheet, "reset_dimensions", lambda: None)()  # what a file says of its own size is not believed
    rows = [*getattr(sheet, "iter_rows", lambda **_: iter(()))(values_only=True)]
    while rows and not any(cell is not None for cell in rows[-1]):
        rows.pop()
    return rows


def _insides(path: Path, sheet: str) -> bytes:
    """Give the XML of a sheet, for what the library does not tell when it reads row by row."""
    import openpyxl  # noqa: PLC0415  as above

    with path.open("rb") as file, zipfile.ZipFile(file) as archive:
        book = openpyxl.load_workbook(file, read_only=True)
        part = getattr(book[sheet], "_worksheet_path", "")
        return archive.read(part.removeprefix("/")) if part else b""


def _merged(insides: bytes) -> list[tuple[int, int, int, int]]:
    from openpyxl.utils import range_boundaries  # noqa: PLC0415  as above

    return [range_boundaries(found[1].decode()) for found in _MERGED.finditer(insides)]


def _formulas(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """Give the formulas of a sheet by row and column, counted from 1."""
    import openpyxl  # noqa: PLC0415  as above

    with path.open("rb") as file:
        rows = openpyxl.load_workbook(file, read_only=True)[sheet].iter_rows(values_only=True)
        return {
            (i, j): cell
            for i, row in enumerate(rows, start=1)
            for j, cell in enumerate(row, start=1)
            if isinstance(cell, str) and cell.startswith("=")
        }


# Tables of other spreadsheet programs (.xls, .xlsb, .ods), read by calamine, as `layers.formats.tables` reads XLSX.


def read_book(path: Path, *, sheet: str | None, kind: str) -> Table:
    """
    Read one sheet of the workbook at `path`, of the kind that its program calls `kind`.

    Raises
    ------
    SourceError
        If the file is broken or protected by a password, or several sheets hold rows and none is named.
    """
    import python_calamine  # noqa: PLC0415  other formats do not need it

    try:
        with path.open("rb") as file:  # by its content: its name may say otherwise
            book = python_calamine.CalamineWorkbook.from_filelike(file)
            sheets = {name: book.get_sheet_by_name(name) for name in book.sheet_names}
        filled = {name: rows for name, one in sheets.items() if (rows := _rows(one.to_python(skip_empty_area=False)))}
        merged = {name: sheets[name].merged_cell_ranges or [] for name in filled}
    except python_calamine.PasswordError as error:
        raise SourceError(
            N_("{name} is protected by a password: save it without one, and add it again"), name=path.name
        ) from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise DamagedError(
            N_("{name} cannot be read as {format}: {why}"), name=path.name, format=kind, why=error
        ) from error
    name = only_sheet(path, filled, sheet)
    ranges = [(left + 1, top + 1, right + 1, bottom + 1) for (top, left), (bottom, right) in merged[name]]
    return sheet_table(filled[name], ranges, {})


def _rows(cells: Sequence[Sequence[object]]) -> list[tuple[Cell, ...]]:
    """Give cells as other workbooks have them, without the rows at the end that hold nothing."""
    rows = [tuple(map(_cell, row)) for row in cells]
    while rows and not any(cell is not None for cell in rows[-1]):
        rows.pop()
    return rows


def _cell(value: object) -> Cell:
    """Give a cell: nothing for an empty one, whole numbers as such (old workbooks know floats alone), days as days."""
    if value == "":
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    if isinstance(value, dt.datetime) and value.time() == _MIDNIGHT:
        return value.date()
    return value
