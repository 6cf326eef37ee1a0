"""Reading of workbooks, one sheet as one table: XLSX with openpyxl; .xls, .xlsb and .ods with calamine."""

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
from lindero.layers.read.formats.tables import VISIBLE, Cell, SheetChoice, Table, build_sheet_table, choose_sheet

_READ_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, ParseError, KeyError, TypeError, EOFError, AttributeError, IndexError),
    *(RuntimeError, OverflowError),  # RuntimeError includes NotImplementedError: an unknown compression
)
_MERGED_CELLS = re.compile(rb'<mergeCell ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')
_ROW = re.compile(rb"<row\b([^>]*)>")
_ROW_NUMBER = re.compile(rb'\br="([0-9]+)"')
_ROW_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_FORMULA = re.compile(rb"<f[ >/]")
_EXACT = 2**53  # larger floats may not be exact integers
_MIDNIGHT = dt.time()
_CONTENT = "content.xml"
_ODS_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_MOST_ROWS = 2**21  # twice the maximum of any program
_BETWEEN_CELLS = re.compile(rb"(?<=>)\s+(?=</?table:|<text:p)")


def read_xlsx(path: Path, *, sheet: str | None) -> Table:
    """Read one sheet of an XLSX file. The header is its first row, or the first header row below a title.

    Hidden rows are reported as findings, or left out if `sheet` ends with the word "visible".
    """
    import openpyxl  # it takes a while, and other formats do not need it
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with path.open("rb") as file:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            rows_by_sheet = {name: rows for name in book.sheetnames if (rows := _read_cells(book[name]))}
            hidden_sheets = frozenset(
                name for name in rows_by_sheet if getattr(book[name], "sheet_state", VISIBLE) != VISIBLE
            )
        chosen = choose_sheet(path, rows_by_sheet, sheet, hidden_sheets)
        name = chosen.name
        sheet_xml = _read_sheet_xml(path, name)
        formulas = _read_formulas(path, name) if _FORMULA.search(sheet_xml) else {}
    except (InvalidFileException, *_READ_ERRORS, ValueError, OSError) as error:
        raise DamagedError(N_("{name} cannot be read as XLSX: {why}"), name=path.name, why=error) from error
    return build_sheet_table(rows_by_sheet[name], _merged_ranges(sheet_xml), formulas, chosen, _hidden_rows(sheet_xml))


def _read_cells(sheet: object) -> list[tuple[Cell, ...]]:
    """Return the rows of a sheet without the empty rows at its end."""
    getattr(sheet, "reset_dimensions", lambda: None)()  # the size that the file states is not trusted
    rows = [*getattr(sheet, "iter_rows", lambda **_: iter(()))(values_only=True)]
    while rows and not any(cell is not None for cell in rows[-1]):
        rows.pop()
    return rows


def _read_sheet_xml(path: Path, sheet: str) -> bytes:
    """Return the XML of a sheet, for facts that openpyxl does not report when it reads row by row."""
    from openpyxl.reader.excel import ExcelReader  # imported here as in `read_xlsx`

    with path.open("rb") as file:
        book = ExcelReader(file, read_only=True)
        book.read_manifest()
        book.read_workbook()
        parts = {sheet_info.name: link.target for sheet_info, link in book.parser.find_sheets()}
        return bytes(book.archive.read(parts[sheet]))


def _merged_ranges(sheet_xml: bytes) -> list[tuple[int, int, int, int]]:
    from openpyxl.utils import range_boundaries  # imported here as in `read_xlsx`

    return [range_boundaries(match[1].decode()) for match in _MERGED_CELLS.finditer(sheet_xml)]


def _hidden_rows(sheet_xml: bytes) -> frozenset[int]:
    """Return the row numbers of a sheet, from 1, that are hidden by hand or by a filter."""
    hidden, row_number = set(), 0
    for match in _ROW.finditer(sheet_xml):
        stated = _ROW_NUMBER.search(match[1])
        row_number = int(stated[1]) if stated else row_number + 1
        if _ROW_HIDDEN.search(match[1]):
            hidden.add(row_number)
    return frozenset(hidden)


def _read_formulas(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """Return the formulas of a sheet by row and column, both from 1."""
    import openpyxl  # imported here as in `read_xlsx`

    with path.open("rb") as file:
        rows = openpyxl.load_workbook(file, read_only=True)[sheet].iter_rows(values_only=True)
        return {
            (i, j): cell
            for i, row in enumerate(rows, start=1)
            for j, cell in enumerate(row, start=1)
            if isinstance(cell, str) and cell.startswith("=")
        }


# Tables of other spreadsheet formats (.xls, .xlsb, .ods), read by calamine. `layers.read.formats.tables` handles them.


def read_workbook(path: Path, *, sheet: str | None, kind: str) -> Table:
    """Read one sheet of the .xls, .xlsb or .ods workbook at `path`; `kind` is the name of its format."""
    import python_calamine  # other formats do not need it

    try:
        with _open_workbook(path) as file:  # opened by content, because the file name may be wrong
            book = python_calamine.CalamineWorkbook.from_filelike(file)
            sheets = {name: book.get_sheet_by_name(name) for name in book.sheet_names}
        rows_by_sheet = {
            name: rows
            for name, sheet_object in sheets.items()
            if (rows := _convert_rows(sheet_object.to_python(skip_empty_area=False)))
        }
        hidden_sheets = {
            sheet_object.name
            for sheet_object in book.sheets_metadata
            if sheet_object.visible != python_calamine.SheetVisibleEnum.Visible
        }
        merged_ranges = {name: sheets[name].merged_cell_ranges or [] for name in rows_by_sheet}
    except python_calamine.PasswordError as error:
        raise SourceError(
            N_("{name} is protected by a password; save it without a password and add it again"), name=path.name
        ) from error
    except (python_calamine.CalamineError, zipfile.BadZipFile, zlib.error, OSError, ValueError) as error:
        raise _damaged_error(path, kind, error) from error
    chosen = choose_sheet(path, rows_by_sheet, sheet, hidden_sheets)
    ranges = [(left + 1, top + 1, right + 1, bottom + 1) for (top, left), (bottom, right) in merged_ranges[chosen.name]]
    if kind != "ODS":
        return build_sheet_table(rows_by_sheet[chosen.name], ranges, {}, _note_unknown_rows(path, chosen))
    try:
        hidden = frozenset(_hidden_ods_rows(path, chosen.name))
    except (*_READ_ERRORS, OSError, ValueError) as error:
        raise _damaged_error(path, kind, error) from error
    return build_sheet_table(rows_by_sheet[chosen.name], ranges, {}, chosen, hidden)


def _note_unknown_rows(path: Path, chosen: SheetChoice) -> SheetChoice:
    """Return `chosen` with a finding that hidden rows cannot be recognised, because calamine does not report them."""
    if chosen.only_visible:
        raise SourceError(
            N_(
                "{name}: hidden rows cannot be recognised in this format. Save the workbook as XLSX and "
                "add it again, or add it with all its rows, without 'visible'"
            ),
            name=path.name,
        )
    return chosen._replace(findings=(*chosen.findings, ("hidden_rows_not_known", "")))


def _hidden_ods_rows(path: Path, sheet: str) -> Iterator[int]:
    """Yield the numbers of the hidden rows of an ODS sheet, from 1. One row element may repeat several times."""
    in_sheet, row = False, 0
    with zipfile.ZipFile(path) as archive, archive.open(_CONTENT) as content:
        for event, element in iterparse(content, ("start", "end")):  # noqa: S314  in the sandbox; expat bounds entities
            if event == "start" and element.tag == f"{_ODS_TABLE}table":
                in_sheet, row = element.get(f"{_ODS_TABLE}name") == sheet, 0
            elif event == "end" and element.tag == f"{_ODS_TABLE}table-row":
                repeats = min(int(element.get(f"{_ODS_TABLE}number-rows-repeated", "1")), _MOST_ROWS)
                if in_sheet and element.get(f"{_ODS_TABLE}visibility", "visible") != "visible":
                    yield from range(row + 1, row + 1 + repeats)
                row += repeats
                element.clear()


def _damaged_error(path: Path, kind: str, error: Exception) -> DamagedError:
    return DamagedError(N_("{name} cannot be read as {format}: {why}"), name=path.name, format=kind, why=error)


def _open_workbook(path: Path) -> BinaryIO:
    """Open a workbook for calamine.

    An ODS file is returned without the line breaks that QGIS writes between cells, which calamine cannot read.
    """
    with zipfile.ZipFile(path) if zipfile.is_zipfile(path) else nullcontext() as archive:
        content = archive.read(_CONTENT) if archive and _CONTENT in archive.namelist() else b""
        if not archive or not _BETWEEN_CELLS.search(content):
            return path.open("rb")
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as packed:
            for name in archive.namelist():
                packed.writestr(name, archive.read(name) if name != _CONTENT else _BETWEEN_CELLS.sub(b"", content))
    buffer.seek(0)
    return buffer


def _convert_rows(cells: Sequence[Sequence[object]]) -> list[tuple[Cell, ...]]:
    """Convert cells to the types of the other workbook formats, and drop the empty rows at the end."""
    rows = [tuple(map(_convert_cell, row)) for row in cells]
    while rows and not any(cell is not None for cell in rows[-1]):
        rows.pop()
    return rows


def _convert_cell(value: object) -> Cell:
    """Convert a cell: an empty one to None, a whole number to int, and midnight of a date to the date.

    Old workbooks store every number as a float.
    """
    if value == "":
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    if isinstance(value, dt.datetime) and value.time() == _MIDNIGHT:
        return value.date()
    return value
