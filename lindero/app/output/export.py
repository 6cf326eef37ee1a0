"""Export of answers and layers as tables on the terminal, JSON, GIS formats and spreadsheets."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import pandas as pd
from geopandas.array import GeometryDtype

from lindero.app.output.files import require_geometry, round_figures, to_csv, to_records, write_file
from lindero.app.output.formats import Format
from lindero.app.output.invented import mark_invented_rows
from lindero.app.output.plain import print_json, print_table, to_json
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.layer import Layer

_TABLES = ("csv", "xlsx")  # formats with rounded figures; JSON has all digits


def write_answer(
    rows: pd.DataFrame,
    form: Format,
    output: Path | None,
    *,
    head: dict[str, object] | None = None,
    rows_key: str = "overlaps",
) -> None:
    """
    Write an answer to a file or to standard output.

    In JSON, `head` precedes the rows, and the rows are under the key `rows_key`. The other formats contain the rows
    only, and mark invented rows (`app.output.invented.mark_invented_rows`). Figures are rounded in CSV and XLSX
    (`app.text.digits.round_value`).

    Raises
    ------
    AnswerError
        If the format needs geometry and the answer has none, or needs a file and none is given. Also if the file cannot
        be written.
    """
    if form is not Format.JSON and (output is not None or form is not Format.TABLE) and head is not None:
        rows = mark_invented_rows(rows, _invented_by_source(head))
    if form is Format.TABLE and output is None:
        _print_table(rows)
    elif form is Format.JSON:
        value = {**head, rows_key: to_records(rows)} if head is not None else to_records(rows)
        print_json(value) if output is None else write_text(output, to_json(value))
    elif form is Format.CSV and output is None:
        sys.stdout.write(to_csv(round_figures(rows)))
    elif form is Format.GEOJSON and output is None:
        sys.stdout.write(require_geometry(rows).to_json(drop_id=True, ensure_ascii=False) + "\n")
    elif output is None:
        raise AnswerError(N_("{form} is written to a file; name it with --output FILE"), form=form.value)
    else:
        kind = "csv" if form is Format.TABLE else form.value
        write_file(round_figures(rows) if kind in _TABLES else rows, kind, output)


def export_layer(
    rows: pd.DataFrame, kind: str, output: Path, *, layer: Layer | None = None, terms: Sequence[str] = ()
) -> int:
    """
    Write a layer to a new file with the terms of its sources, and return the number of rows.

    Raises
    ------
    AnswerError
        If the format needs geometry and the layer has none, or the file cannot be written.
    """
    write_file(rows, kind, output, layer=layer, terms=terms)
    return len(rows)


def to_bytes(rows: pd.DataFrame, kind: str) -> bytes:
    """
    Return rows as the bytes of a file in one of `app.output.formats.KINDS`.

    CSV starts with a UTF-8 byte order mark, for spreadsheets.

    Raises
    ------
    AnswerError
        If the format needs geometry and the rows have none, or the file cannot be written.
    """
    if kind == "csv":
        return to_csv(round_figures(rows)).encode("utf-8-sig")
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"{kind}.{kind}"
        write_file(rows, kind, file)
        return file.read_bytes()


def write_text(output: Path, text: str) -> None:
    """
    Write text to a file.

    Raises
    ------
    AnswerError
        If the file cannot be written.
    """
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise AnswerError(N_("{file} cannot be written: {why}"), file=output, why=error.strerror) from error


def _invented_by_source(head: Mapping[str, object]) -> dict[str, bool]:
    """Return whether each source in the head of an answer is invented, by its id."""
    sources = cast("Sequence[Mapping[str, object]]", head.get("sources", ()))
    return {str(source["source_id"]): source["invented"] is True for source in sources}


def _print_table(rows: pd.DataFrame) -> None:
    """Print a frame as a table, without its geometry columns."""
    geometry = [str(name) for name in rows if isinstance(rows[name].dtype, GeometryDtype)]
    flat = pd.DataFrame(rows.drop(columns=geometry))
    print_table({str(name): flat[name].tolist() for name in flat}, len(flat), left_out=geometry)
