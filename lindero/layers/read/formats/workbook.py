"""Workbooks of spreadsheet programs: XLSX read by openpyxl; .xls, .xlsb and .ods by calamine; each as one table."""

import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO
from xml.etree.ElementTree import ParseError, iterparse

from lindero.layers.errors import N_, DamagedError, SourceError
from lindero.layers.read.formats.tables import VISIBLE, Cell, Chosen, Table, only_sheet, sheet_table

_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, ParseError, KeyError, TypeError, EOFError, AttributeError, IndexError),
    *(RuntimeError, OverflowError),  # also of a compression that is not known: NotImplementedError
)
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')
_ROW = re.compile(rb"<row\b([^>]*)>")
_ROW_NUMBER = re.compile(rb'\br="([0-9]+)"')
_ROW_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_FORMULA = re.compile(rb"<f[ >/]")
_EXACT = 2**53  # from here on a float is no longer a whole number for sure
_MIDNIGHT = dt.time()
_CONTENT = "content.xml"
_ODS_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_MOST_ROWS = 2**21  # twice what any program holds
_BETWEEN_CELLS = re.compile(rb"(?<=>)\s+(?=</?table:|<text:p)")


def read_xlsx(path: Path, *, sheet: str | None) -> Table:
    """
    Read one sheet of an XLSX file: below a title, if it has one, its first row that is a header.

    Rows that are hidden in it are found, and left out if `sheet` ends with the word "visible".

    Raises
    ------
    SourceError
        If the file is broken, or several sheets hold rows and none is named.
    """
    import openpyxl  # it takes a while, and other formats do not need it
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with path.open("rb") as file:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            filled = {name: rows for name in book.sheetnames if (rows := _cells(book[name]))}
            unseen = frozenset(name for name in filled if getattr(book[name], "sheet_state", VISIBLE) != VISIBLE)
        chosen = only_sheet(path, filled, sheet, unseen)
        name = chosen.name
        insides = _insides(path, name)
        formulas = _formulas(path, name) if _FORMULA.search(insides) else {}
    except (InvalidFileException, *_BROKEN, ValueError, OSError) as error:
        raise DamagedError(N_("{name} cannot be read as XLSX: {why}"), name=path.name, why=error) from error
    return sheet_table(filled[name], _merged(insides), formulas, chosen, _hidden_rows(insides))


def _cells(sheet: object) -> list[tuple[Cell, ...]]:
    """Give the rows of a sheet, those at its end left out that hold nothing."""
    getattr(sheet, "reset_dimensions", lambda: None)()  # what a file says of its own size is not believed
    rows = [*getattr(sheet, "iter_rows", lambda **_: iter(()))(values_only=True)]
    while rows and not any(cell is not None for cell in rows[-1]):
        rows.pop()
    return rows


def _insides(path: Path, sheet: str) -> bytes:
    """Return the XML of a sheet, for what openpyxl does not report when it reads row by row."""
    from openpyxl.reader.excel import ExcelReader  # as above

    with path.open("rb") as file:
        book = ExcelReader(file, read_only=True)
        book.read_manifest()
        book.read_workbook()
        parts = {found.name: link.target for found, link in book.parser.find_sheets()}
        return bytes(book.archive.read(parts[sheet]))


def _merged(insides: bytes) -> list[tuple[int, int, int, int]]:
    from openpyxl.utils import range_boundaries  # as above

    return [range_boundaries(found[1].decode()) for found in _MERGED.finditer(insides)]


def _hidden_rows(insides: bytes) -> frozenset[int]:
    """Give the rows of a sheet that are hidden, by hand or by a filter, counted from 1."""
    hidden, at = set(), 0
    for found in _ROW.finditer(insides):
        stated = _ROW_NUMBER.search(found[1])
        at = int(stated[1]) if stated else at + 1
        if _ROW_HIDDEN.search(found[1]):
            hidden.add(at)
    return frozenset(hidden)


def _formulas(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """Give the formulas of a sheet by row and column, counted from 1."""
    import openpyxl  # as above

    with path.open("rb") as file:
        rows = openpyxl.load_workbook(file, read_only=True)[sheet].iter_rows(values_only=True)
        return {
            (i, j): cell
            for i, row in enumerate(rows, start=1)
            for j, cell in enumerate(row, start=1)
            if isinstance(cell, str) and cell.startswith("=")
        }


# Tables of other spreadsheet programs (.xls, .xlsb, .ods), read by calamine, as XLSX is (`layers.read.formats.tables`).


def read_book(path: Path, *, sheet: str | None, kind: str) -> Table:
    """
    Read one sheet of the workbook at `path`, of the kind that its program calls `kind`.

    Raises
    ------
    SourceError
        If the file is broken or protected by a password, or several sheets hold rows and none is named.
    """
    import python_calamine  # other formats do not need it

    try:
        with _opened(path) as file:  # by its content: its name may say otherwise
            book = python_calamine.CalamineWorkbook.from_filelike(file)
            sheets = {name: book.get_sheet_by_name(name) for name in book.sheet_names}
        filled = {name: rows for name, one in sheets.items() if (rows := _rows(one.to_python(skip_empty_area=False)))}
        unseen = {one.name for one in book.sheets_metadata if one.visible != python_calamine.SheetVisibleEnum.Visible}
        merged = {name: sheets[name].merged_cell_ranges or [] for name in filled}
    except python_calamine.PasswordError as error:
        raise SourceError(
            N_("{name} is protected by a password: save it without one, and add it again"), name=path.name
        ) from error
    except (python_calamine.CalamineError, zipfile.BadZipFile, zlib.error, OSError, ValueError) as error:
        raise _damaged(path, kind, error) from error
    chosen = only_sheet(path, filled, sheet, unseen)
    ranges = [(left + 1, top + 1, right + 1, bottom + 1) for (top, left), (bottom, right) in merged[chosen.name]]
    if kind != "ODS":
        return sheet_table(filled[chosen.name], ranges, {}, _without_hidden_rows(path, chosen))
    try:
        hidden = frozenset(_hidden_in_ods(path, chosen.name))
    except (*_BROKEN, OSError, ValueError) as error:
        raise _damaged(path, kind, error) from error
    return sheet_table(filled[chosen.name], ranges, {}, chosen, hidden)


def _without_hidden_rows(path: Path, chosen: Chosen) -> Chosen:
    """
    Return `chosen` with the finding that hidden rows cannot be recognised: calamine does not report them.

    Raises
    ------
    SourceError
        If only visible rows are wanted.
    """
    if chosen.only_visible:
        raise SourceError(
            N_(
                "{name}: hidden rows cannot be recognised in this format. Save the workbook as XLSX and add it again, "
                "or add it without 'visible', with all its rows"
            ),
            name=path.name,
        )
    return chosen._replace(findings=(*chosen.findings, ("hidden_rows_not_known", "")))


def _hidden_in_ods(path: Path, sheet: str) -> Iterator[int]:
    """Yield the numbers of the hidden rows of a sheet, from 1. A row may stand for several equal ones."""
    within, row = False, 0
    with zipfile.ZipFile(path) as archive, archive.open(_CONTENT) as content:
        for event, element in iterparse(content, ("start", "end")):  # noqa: S314  in the sandbox; expat bounds entities
            if event == "start" and element.tag == f"{_ODS_TABLE}table":
                within, row = element.get(f"{_ODS_TABLE}name") == sheet, 0
            elif event == "end" and element.tag == f"{_ODS_TABLE}table-row":
                times = min(int(element.get(f"{_ODS_TABLE}number-rows-repeated", "1")), _MOST_ROWS)
                if within and element.get(f"{_ODS_TABLE}visibility", "visible") != "visible":
                    yield from range(row + 1, row + 1 + times)
                row += times
                element.clear()


def _damaged(path: Path, kind: str, error: Exception) -> DamagedError:
    return DamagedError(N_("{name} cannot be read as {format}: {why}"), name=path.name, format=kind, why=error)


def _opened(path: Path) -> BinaryIO:
    """Open a workbook; one of ODS without the line breaks that QGIS writes between cells, as calamine wants it."""
    with zipfile.ZipFile(path) if zipfile.is_zipfile(path) else nullcontext() as archive:
        content = archive.read(_CONTENT) if archive and _CONTENT in archive.namelist() else b""
        if not archive or not _BETWEEN_CELLS.search(content):
            return path.open("rb")
        taken = io.BytesIO()
        with zipfile.ZipFile(taken, "w") as packed:
            for name in archive.namelist():
                packed.writestr(name, archive.read(name) if name != _CONTENT else _BETWEEN_CELLS.sub(b"", content))
    taken.seek(0)
    return taken


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
