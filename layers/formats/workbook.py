"""Tables of other spreadsheet programs (.xls, .xlsb, .ods), read by calamine, as `layers.formats.tables` reads XLSX."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from lindero.layers.errors import N_, DamagedError, SourceError
from lindero.layers.formats.tables import Cell, Table, only_sheet, sheet_table

_EXACT = 2**53  # from here on a float is no longer a whole number for sure
_MIDNIGHT = dt.time()


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
