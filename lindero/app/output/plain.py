"""Rows for the eye and for programs, as a terminal takes them: a table, or JSON. No library of frames is loaded."""

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

from lindero.app.text.codes import word
from lindero.app.text.digits import column_text
from lindero.app.text.i18n import _, number
from lindero.layers.model.parse_values import is_null

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what makes a spreadsheet compute a cell
ROWS_SHOWN = 50
_WIDTH = 240  # letters, where no terminal says how many it has
_WIDEST = 40  # letters of a column, before its cells go over several lines
_FEWEST = 3  # columns that are shown however narrow the terminal


def write(rows: Sequence[Mapping[str, object]], *, json_of: Mapping[str, object] | None = None, called: str) -> None:
    """Write rows to standard output as a table, or as JSON: `json_of` goes before them, and they are named `called`."""
    if json_of is not None:
        print_json({**json_of, called: [*rows]})
    elif rows:
        print_table(_columns(rows), len(rows))


def _columns(rows: Sequence[Mapping[str, object]]) -> dict[str, list[object]]:
    """Return the cells of the first rows by column, and of a column that holds something only later the first such."""
    columns: dict[str, list[object]] = {}
    empty: set[str] = set()
    for at, row in enumerate(rows):
        if at < ROWS_SHOWN:
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


def as_text(value: object) -> object:
    """Mark a text that a spreadsheet would compute, and write its returns as line feeds: a lone return ends no row."""
    if not isinstance(value, str):
        return value
    return ("'" if value.startswith(_FORMULA) else "") + value.replace("\r\n", "\n").replace("\r", "\n")


def as_json(value: object) -> str:
    """Write a value as JSON, dates as ISO 8601."""
    return json.dumps(value, ensure_ascii=False, indent=1, default=str, allow_nan=False) + "\n"


def print_json(value: object) -> None:
    """Write JSON alone to standard output."""
    sys.stdout.write(as_json(value))


def print_table(columns: Mapping[str, Sequence[object]], count: int, *, left_out: Sequence[str] = ()) -> None:
    """
    Print what fits: the first rows and columns, and what was left out by name.

    Columns that hold nothing are no columns; `left_out` are those that are nothing for the eye.
    """
    console = Console(highlight=False, emoji=False, width=None if sys.stdout.isatty() else _WIDTH)
    shown = {name: values[:ROWS_SHOWN] for name, values in columns.items() if not all(map(is_null, values))}
    cells = {name: [_cell(name, value) for value in values] for name, values in shown.items()}
    fitting = _fitting(cells, console.width)
    table = Table(show_edge=False, pad_edge=False)
    texts = {name: [Text(cell) for cell in cells[name]] for name in fitting}
    for name, width in zip(fitting, _widths(texts, console.width), strict=True):
        justify: JustifyMethod = "right" if _is_numeric(shown[name]) else "left"
        table.add_column(name, justify=justify, overflow="fold", width=width)
    for row in zip(*texts.values(), strict=True):
        table.add_row(*row)
    if fitting:
        console.print(table)
    if more := [*list(cells)[len(fitting) :], *left_out]:
        console.print(_("… and columns: {names}; --format csv holds all").format(names=", ".join(more)))
    if count > ROWS_SHOWN:
        console.print(_("… and {count} more rows; --format csv holds all").format(count=number(count - ROWS_SHOWN)))


def _is_numeric(values: Sequence[object]) -> bool:
    return all(isinstance(value, int | float) or is_null(value) for value in values)


def _fitting(cells: dict[str, list[str]], width: int) -> list[str]:
    """Give the first columns that fit side by side; long cells may go over several lines."""
    widths = [min(max(map(len, [name, *column])), _WIDEST) + len(" │ ") for name, column in cells.items()]
    fitting = sum(so_far <= width + len(" │ ") for so_far in accumulate(widths))
    return list(cells)[: max(fitting, _FEWEST)]


def _widths(columns: Mapping[str, Sequence[Text]], width: int) -> list[int | None]:
    """Give the width of each column if all fit, which rich would measure cell by cell; else it is for rich to find."""
    widest = [
        max(cell_len(line) for text in (name, *(each.plain for each in texts)) for line in text.splitlines())
        for name, texts in columns.items()
    ]
    return [*widest] if sum(widest) + len(" │ ") * (len(widest) - 1) <= width else [None] * len(widest)


def _cell(name: str, value: object) -> str:
    if is_null(value):
        return ""
    if isinstance(value, float):
        return column_text(name, value)
    if name in {"certainty", "change", "direction", "kind", "type", "status", "zone", "layer", "result"}:
        return word(value)
    return str(value)[:10] if isinstance(value, dt.datetime) else str(value)
