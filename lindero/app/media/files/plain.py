"""Rows on the terminal, as a table or JSON. No dataframe library is loaded."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Mapping, Sequence
from itertools import accumulate

from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from lindero.app.text.codes import translate_code
from lindero.app.text.digits import format_value
from lindero.app.text.i18n import _, format_number
from lindero.layers.model.parse_values import is_null

_FORMULA = (*"=+-@＝＋－＠", "\t", "\r")  # first characters of a cell that a spreadsheet evaluates
ROWS_SHOWN = 50
_WIDTH = 240  # letters, if there is no terminal
_WIDEST = 40  # letters of a column; longer cells wrap
_FEWEST = 3  # columns shown however narrow the terminal is
_CODED = frozenset(
    {"certainty", "change", "direction", "kind", "type", "status", "zone", "layer", "result"}
    | {"stage", "rule", "phase", "consent_status"}
)  # columns with codes, which are translated


def print_rows(
    rows: Sequence[Mapping[str, object]], *, json_head: Mapping[str, object] | None = None, rows_key: str
) -> None:
    """Print rows as a table, or as JSON: `json_head` first, then the rows under the key `rows_key`."""
    if json_head is not None:
        print_json({**json_head, rows_key: [*rows]})
    elif rows:
        print_table(_collect_columns(rows), len(rows))


def _collect_columns(rows: Sequence[Mapping[str, object]]) -> dict[str, list[object]]:
    """Return the cells of the first rows by column.

    If a column has no value in the first rows, its first later value is appended.
    """
    columns: dict[str, list[object]] = {}
    empty: set[str] = set()
    for index, row in enumerate(rows):
        if index < ROWS_SHOWN:
            for name, value in row.items():
                columns.setdefault(name, []).append(value)
            empty = {name for name, values in columns.items() if all(map(is_null, values))}
            continue
        for name in [name for name in empty if not is_null(row[name])]:
            columns[name].append(row[name])
            empty.remove(name)
        if not empty:
            break
    return columns


def escape_cell(value: object) -> object:
    """Return a text as a safe spreadsheet cell; other values are returned unchanged.

    A text that a spreadsheet would run as a formula gets an apostrophe. Carriage returns become line feeds, so that
    none ends a row.
    """
    if not isinstance(value, str):
        return value
    return ("'" if value.startswith(_FORMULA) else "") + value.replace("\r\n", "\n").replace("\r", "\n")


def to_json(value: object) -> str:
    """Return a value as JSON; dates are in ISO 8601."""
    return json.dumps(value, ensure_ascii=False, indent=1, default=str, allow_nan=False) + "\n"


def print_json(value: object) -> None:
    """Print a value as JSON."""
    sys.stdout.write(to_json(value))


def print_table(columns: Mapping[str, Sequence[object]], count: int, *, left_out: Sequence[str] = ()) -> None:
    """Print the rows and columns that fit, and the names of the other columns.

    Columns without any value are ignored. `left_out` names columns that cannot be shown as text.
    """
    console = Console(highlight=False, emoji=False, width=None if sys.stdout.isatty() else _WIDTH)
    shown = {name: values[:ROWS_SHOWN] for name, values in columns.items() if not all(map(is_null, values))}
    cells = {name: [_format_cell(name, value) for value in values] for name, values in shown.items()}
    fitting = _fitting_columns(cells, console.width)
    table = Table(show_edge=False, pad_edge=False)
    texts = {name: [Text(cell) for cell in cells[name]] for name in fitting}
    for name, width in zip(fitting, _column_widths(texts, console.width), strict=True):
        justify: JustifyMethod = "right" if _is_numeric(shown[name]) else "left"
        table.add_column(name, justify=justify, overflow="fold", width=width)
    for row in zip(*texts.values(), strict=True):
        table.add_row(*row)
    if fitting:
        console.print(table)
    if more := [*list(cells)[len(fitting) :], *left_out]:
        console.print(_("… more columns: {names}; use --format csv to see all").format(names=", ".join(more)))
    if count > ROWS_SHOWN:
        console.print(
            _("… more rows: {count}; use --format csv to see all").format(count=format_number(count - ROWS_SHOWN))
        )


def _is_numeric(values: Sequence[object]) -> bool:
    return all(isinstance(value, int | float) or is_null(value) for value in values)


def _fitting_columns(cells: dict[str, list[str]], width: int) -> list[str]:
    """Return the first columns that fit next to each other. Long cells may wrap over several lines."""
    widths = [min(max(map(len, [name, *column])), _WIDEST) + len(" │ ") for name, column in cells.items()]
    fitting = sum(so_far <= width + len(" │ ") for so_far in accumulate(widths))
    return list(cells)[: max(fitting, _FEWEST)]


def _column_widths(columns: Mapping[str, Sequence[Text]], width: int) -> list[int | None]:
    """Return the width of each column if all fit, else None for each.

    With None, rich measures the columns itself, cell by cell.
    """
    widest = [
        max(cell_len(line) for text in (name, *(cell.plain for cell in texts)) for line in text.splitlines())
        for name, texts in columns.items()
    ]
    return [*widest] if sum(widest) + len(" │ ") * (len(widest) - 1) <= width else [None] * len(widest)


def _format_cell(name: str, value: object) -> str:
    if is_null(value):
        return ""
    if isinstance(value, float):
        return format_value(name, value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name in _CODED:
        return translate_code(value)
    return str(value)[:10] if isinstance(value, dt.datetime) else str(value)
