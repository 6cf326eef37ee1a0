"""Export of answers and layers as tables on the terminal, JSON, GIS formats and spreadsheets."""

import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO, cast

import pandas as pd
from geopandas.array import GeometryDtype

from lindero.app.answers.invented import mark_invented_rows
from lindero.app.media.files.files import replacement_file, require_geometry, to_csv, to_records, write_file
from lindero.app.media.files.formats import Format
from lindero.app.media.files.formats import batches as batch_formats
from lindero.app.media.files.plain import ROWS_SHOWN, print_json, print_table, to_json
from lindero.app.media.files.rounding import round_figures
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
    """Write an answer to a file or to standard output.

    In JSON, `head` precedes the rows, and the rows are under the key `rows_key`. The other formats contain the rows
    only, and mark invented rows (`app.answers.invented.mark_invented_rows`). Figures are rounded in CSV and XLSX
    (`app.text.digits.round_value`).
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
        kind = {Format.TABLE: "csv", Format.GEOPARQUET: "parquet"}.get(form, form.value)
        if form is Format.GEOPARQUET:
            require_geometry(rows)
        write_file(round_figures(rows) if kind in _TABLES else rows, kind, output)


def write_batches(
    batches: Iterable[pd.DataFrame], form: Format, output: Path | None, *, head: dict[str, object], rows_key: str
) -> None:
    """Write an answer that is given in batches with the same columns, as `write_answer` writes it in one.

    Only the batch that is written is in memory, but for XLSX all are.
    """
    if form is Format.TABLE and output is None:
        _print_batches(batches)
        return
    invented = _invented_by_source(head)
    marked = (mark_invented_rows(batch, invented) for batch in batches)
    if form is Format.JSON:
        with _text_output(output) as text:
            batch_formats.write_json(batches, text, head=head, rows_key=rows_key)
    elif form is Format.CSV or form is Format.TABLE:
        with _text_output(output, encoding="utf-8-sig") as text:  # spreadsheets need the byte-order mark to read Ñ
            batch_formats.write_csv(marked, text)
    elif form is Format.PARQUET and output is not None:
        batch_formats.write_parquet(marked, output)
    else:
        write_answer(pd.concat(marked, ignore_index=True), form, output, head=head, rows_key=rows_key)


@contextmanager
def _text_output(output: Path | None, encoding: str = "utf-8") -> Generator[TextIO]:
    """Yield standard output, or a new text file that atomically replaces `output`."""
    if output is None:
        yield sys.stdout
        return
    with replacement_file(output) as temporary, temporary.open("w", encoding=encoding) as text:
        yield text


def export_layer(
    rows: pd.DataFrame, kind: str, output: Path, *, layer: Layer | None = None, terms: Sequence[str] = ()
) -> int:
    """Write a layer to a new file with the terms of its sources, and return the number of rows."""
    write_file(rows, kind, output, layer=layer, terms=terms)
    return len(rows)


def to_bytes(rows: pd.DataFrame, kind: str) -> bytes:
    """Return rows as the bytes of a file in one of `app.media.files.formats.KINDS`.

    CSV starts with a UTF-8 byte order mark, for spreadsheets.
    """
    if kind == "csv":
        return to_csv(round_figures(rows)).encode("utf-8-sig")
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"{kind}.{kind}"
        write_file(rows, kind, file)
        return file.read_bytes()


def write_text(output: Path, text: str) -> None:
    """Write text to a file."""
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise AnswerError(N_("{file} cannot be written: {why}"), file=output, why=error.strerror) from error


def _invented_by_source(head: Mapping[str, object]) -> dict[str, bool]:
    """Return whether each source in the head of an answer is invented, by its id."""
    sources = cast("Sequence[Mapping[str, object]]", head.get("sources", ()))
    return {str(source["source_id"]): source["invented"] is True for source in sources}


def _print_batches(batches: Iterable[pd.DataFrame]) -> None:
    """Print the first rows of batches as a table. A column is shown if it has a value in any row."""
    shown: list[pd.DataFrame] = []
    values: dict[str, object] = {}
    count = 0
    for batch in batches:
        if count < ROWS_SHOWN:
            shown.append(batch.head(ROWS_SHOWN - count))
        count += len(batch)
        for name in map(str, batch.columns.difference([*values])):
            if batch[name].notna().any():
                values[name] = batch[name].dropna().iloc[0]
    rows = pd.concat(shown)
    columns = {str(name): rows[name].tolist() for name in rows}
    if count > ROWS_SHOWN:  # a column that has a value only in a later row is named, too
        columns = {name: [*cells, values.get(name)] for name, cells in columns.items()}
    print_table(columns, count)


def _print_table(rows: pd.DataFrame) -> None:
    """Print a frame as a table, without its geometry columns."""
    geometry = [str(name) for name in rows if isinstance(rows[name].dtype, GeometryDtype)]
    flat = pd.DataFrame(rows.drop(columns=geometry))
    print_table({str(name): flat[name].tolist() for name in flat}, len(flat), left_out=geometry)
