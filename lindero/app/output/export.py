"""Answers and layers written down: for the eye, for a program, for a GIS, for a spreadsheet."""

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from geopandas.array import GeometryDtype

from lindero.app.output.files import as_csv, records, round_figures, with_geometry, write_file
from lindero.app.output.formats import Format
from lindero.app.output.plain import as_json, print_json, print_table
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.layer import Layer

_TABLES = ("csv", "xlsx")  # whose figures are rounded: a program that needs all digits reads JSON


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

    `head` goes before the rows in JSON, which are then named `called`; the other forms hold the rows alone. Figures are
    rounded in CSV and XLSX (`app.text.digits.rounded`).

    Raises
    ------
    AnswerError
        If the form holds geometry and the answer has none, needs a file and none is named, or cannot be written.
    """
    if form is Format.TABLE and output is None:
        _print_table(rows)
    elif form is Format.JSON:
        value = {**head, called: records(rows)} if head is not None else records(rows)
        print_json(value) if output is None else text_to(output, as_json(value))
    elif form is Format.CSV and output is None:
        sys.stdout.write(as_csv(round_figures(rows)))
    elif form is Format.GEOJSON and output is None:
        sys.stdout.write(with_geometry(rows).to_json(drop_id=True, ensure_ascii=False) + "\n")
    elif output is None:
        raise AnswerError(N_("{form} needs a file: name one with --output"), form=form.value)
    else:
        kind = "csv" if form is Format.TABLE else form.value
        write_file(round_figures(rows) if kind in _TABLES else rows, kind, output)


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
    Write rows as a file of one of `app.output.formats.KINDS`; CSV with the mark of UTF-8, for spreadsheets.

    Raises
    ------
    AnswerError
        As `export_layer`.
    """
    if kind == "csv":
        return as_csv(round_figures(rows)).encode("utf-8-sig")
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"{kind}.{kind}"
        write_file(rows, kind, file)
        return file.read_bytes()


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
    """Print a frame; geometry is nothing for the eye."""
    geometry = [str(name) for name in rows if isinstance(rows[name].dtype, GeometryDtype)]
    flat = pd.DataFrame(rows.drop(columns=geometry))
    print_table({str(name): flat[name].tolist() for name in flat}, len(flat), left_out=geometry)
