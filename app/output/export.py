"""Answers and layers written down: for the eye, for a program, for a GIS, for a spreadsheet."""

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from geopandas.array import GeometryDtype
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lindero.app.output.files import as_csv, as_json, is_nothing, records, with_geometry, write_file
from lindero.app.output.format import Format
from lindero.app.text.codes import word
from lindero.app.text.i18n import _, number
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.layer import Layer

ROWS_SHOWN = 50
_WIDTH = 240  # letters, where no terminal says how many it has
_WIDEST = 40  # letters of a column, before its cells go over several lines
_FEWEST = 3  # columns that are shown however narrow the terminal


def write(
    rows: pd.DataFrame,
    form: Format,
    output: Path | None,
    *,
    head: dict[str, object] | None = None,
    called: str = "overlaps",
) -> None:
    """
    Write an answer to a file or to standard output.

    `head` goes before the rows in JSON, which are then named `called`; the other forms hold the rows alone.

    Raises
    ------
    AnswerError
        If the form holds geometry and the answer has none, needs a file and none is named, or cannot be written.
    """
    value = {**head, called: records(rows)} if head is not None else records(rows)
    if form is Format.TABLE and output is None:
        _print_table(rows)
    elif form is Format.JSON and output is None:
        print_json(value)
    elif form is Format.CSV and output is None:
        sys.stdout.write(as_csv(rows))
    elif form is Format.GEOJSON and output is None:
        sys.stdout.write(with_geometry(rows).to_json(drop_id=True, ensure_ascii=False) + "\n")
    elif output is None:
        raise AnswerError(N_("{form} needs a file: name one with --output"), form=form.value)
    else:
        _write_file(rows, form, output, value)


def export_layer(
    rows: pd.DataFrame, kind: str, output: Path, *, layer: Layer | None = None, terms: Sequence[str] = ()
) -> int:
    """
    Write a layer to a new file, with the terms of its sources; returns the number of rows.

    Raises
    ------
    AnswerError
        If the kind holds geometry and the layer has none, or the file cannot be written.
    """
    write_file(rows, kind, output, layer=layer, terms=terms)
    return len(rows)


def as_bytes(rows: pd.DataFrame, kind: str) -> bytes:
    """
    Write rows as a file of a kind (`app.output.format.KINDS`) holds them; CSV with the mark of UTF-8, for spreadsheets.

    Raises
    ------
    AnswerError
        As `export_layer`.
    """
    if kind == "csv":
        return as_csv(rows).encode("utf-8-sig")
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"{kind}.{kind}"
        write_file(rows, kind, file)
        return file.read_bytes()


def print_json(value: object) -> None:
    """Write JSON alone to standard output."""
    sys.stdout.write(as_json(value))


def _write_file(rows: pd.DataFrame, form: Format, output: Path, value: object) -> None:
    if form is Format.JSON:
        text_to(output, as_json(value))
    elif form is Format.TABLE:
        write_file(rows, "csv", output)
    else:
        write_file(rows, form.value, output)


def text_to(output: Path, text: str) -> None:
    """
    Write text to a file.

    Raises
    ------
    AnswerError
        If it cannot be written.
    """
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise AnswerError(N_("{file} cannot be written: {why}"), file=output, why=error.strerror) from error


def _print_table(rows: pd.DataFrame) -> None:
    """Print what fits: the first rows and columns, and what was left out by name. Geometry is nothing for the eye."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
    geometry = [str(name) for name in rows if isinstance(rows[name].dtype, GeometryDtype)]
    shown = pd.DataFrame(rows.drop(columns=geometry)).dropna(axis="columns", how="all").head(ROWS_SHOWN)
    cells = {str(name): [_cell(str(name), value) for value in shown[name]] for name in shown}
    fitting = _fitting(cells, console.width)
    table = Table(show_edge=False, pad_edge=False)
    for name in fitting:
        numeric = pd.api.types.is_numeric_dtype(shown[name])
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in zip(*(cells[name] for name in fitting), strict=True):
        table.add_row(*map(Text, row))
    if fitting:
        console.print(table)
    if more := [*list(cells)[len(fitting) :], *geometry]:
        console.print(_("… and columns: {names}; --format csv holds all").format(names=", ".join(more)))
    if len(rows) > ROWS_SHOWN:
        console.print(_("… and {count} more rows; --format csv holds all").format(count=number(len(rows) - ROWS_SHOWN)))


def _fitting(cells: dict[str, list[str]], width: int) -> list[str]:
    """Give the first columns that fit side by side; long cells may go over several lines."""
    widths = [min(max(map(len, [name, *column])), _WIDEST) + len(" │ ") for name, column in cells.items()]
    fitting = int((np.cumsum(widths) <= width + len(" │ ")).sum())
    return list(cells)[: max(fitting, _FEWEST)]


def _decimals(name: str, value: float) -> int:
    """Give the digits that a number needs: of a probability two that count, of a share four."""
    if name in {"p", "q"}:
        return max(2, 1 - math.floor(math.log10(value))) if value > 0 else 2
    if name.startswith("share") or name in {"stability", "in_top_ten", "score"}:
        return 4
    return 2 if name == "z" else 1


def _cell(name: str, value: object) -> str:
    if is_nothing(value):
        return ""
    if isinstance(value, float):
        return number(value, decimals=_decimals(name, value))
    if name in {"certainty", "change", "direction", "kind", "type", "status", "zone", "layer", "result"}:
        return word(value)
    return str(value)[:10] if isinstance(value, pd.Timestamp) else str(value)
