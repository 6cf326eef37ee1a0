"""Answers and layers written down: for the eye, for a program, for a GIS, for a spreadsheet."""

import io
import json
import math
import sys
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
from geopandas.array import GeometryDtype
from pyogrio.errors import DataLayerError, DataSourceError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lindero.app.text.codes import word
from lindero.app.text.i18n import _, number
from lindero.layers.errors import N_, AnswerError


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    GEOJSON = "geojson"
    GPKG = "gpkg"
    PARQUET = "parquet"


EXPORTS = {"geojson": "GeoJSON", "gpkg": "GPKG", "fgb": "FlatGeobuf", "parquet": "", "csv": ""}
Frame = TypeVar("Frame", bound=pd.DataFrame)
ROWS_SHOWN = 50
_WIDTH = 240  # letters, where no terminal says how many it has
_WIDEST = 40  # letters of a column, before its cells go over several lines
_FEWEST = 3  # columns that are shown however narrow the terminal
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what makes a spreadsheet compute a cell


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
        sys.stdout.write(_csv(rows))
    elif form is Format.GEOJSON and output is None:
        sys.stdout.write(_with_geometry(rows).to_json(drop_id=True, ensure_ascii=False) + "\n")
    elif output is None:
        raise AnswerError(N_("{form} needs a file: name one with --output"), form=form.value)
    else:
        _write_file(rows, form, output, value)


def export_layer(rows: pd.DataFrame, kind: str, output: Path) -> int:
    """
    Write a layer to a new file; returns the number of rows.

    Raises
    ------
    AnswerError
        If the kind holds geometry and the layer has none, or the file cannot be written.
    """
    _written(rows, kind, output)
    return len(rows)


def as_bytes(rows: pd.DataFrame, kind: str) -> bytes:
    """
    Write rows as a file of a kind (`EXPORTS`) would hold them; CSV with UTF-8's mark, as spreadsheets want it.

    Raises
    ------
    AnswerError
        As `export_layer`.
    """
    if kind == "csv":
        return _csv(rows).encode("utf-8-sig")
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"{kind}.{kind}"
        _written(rows, kind, file)
        return file.read_bytes()


def print_json(value: object) -> None:
    """Write JSON alone to standard output."""
    sys.stdout.write(as_json(value))


def as_json(value: object) -> str:
    """Write a value as JSON, dates as ISO 8601."""
    return json.dumps(value, ensure_ascii=False, indent=1, default=str, allow_nan=False) + "\n"


def records(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Give rows as JSON can hold them: None where nothing is known, geometry left out."""
    table = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    return [
        {str(name): None if _is_nothing(value) else value for name, value in row.items()}
        for row in table.astype(object).to_dict("records")
    ]


def _is_nothing(value: object) -> bool:
    return value is None or value is pd.NaT or value is pd.NA or value != value  # noqa: PLR0124  NaN


def _write_file(rows: pd.DataFrame, form: Format, output: Path, value: object) -> None:
    if form is Format.JSON:
        text_to(output, as_json(value))
    elif form is Format.TABLE:
        _written(rows, "csv", output)
    else:
        _written(rows, form.value, output)


def _written(rows: pd.DataFrame, kind: str, output: Path) -> None:
    if kind == "csv":
        text_to(output, _csv(rows))
        return
    frame = _with_geometry(rows)
    try:
        output.unlink(missing_ok=True)  # a GIS format would keep what the old file held besides
        if kind == "parquet":
            frame.to_parquet(output, index=False)
        else:
            plain(frame).to_file(output, driver=EXPORTS[kind], engine="pyogrio", index=False)
    except (OSError, DataLayerError, DataSourceError) as error:
        raise AnswerError(N_("{file} cannot be written: {why}"), file=output, why=error) from error


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


def _with_geometry(rows: pd.DataFrame) -> gpd.GeoDataFrame:
    if not isinstance(rows, gpd.GeoDataFrame) or rows.active_geometry_name is None:
        raise AnswerError(N_("this answer has no geometry to write; choose csv or json"))
    return rows


def plain(frame: Frame) -> Frame:
    """Give lists as text: GIS formats hold none."""
    several = (list, np.ndarray)
    lists = [name for name in frame.columns if any(isinstance(value, several) for value in frame[name])]
    flat = frame.copy()
    for name in lists:
        flat[name] = [";".join(value) if isinstance(value, several) else None for value in frame[name]]
    return flat


def _csv(rows: pd.DataFrame) -> str:
    """Write CSV; a cell that a spreadsheet would compute is marked as text, and a lone return ends no row."""
    table = pd.DataFrame(rows)
    if isinstance(rows, gpd.GeoDataFrame) and rows.active_geometry_name is not None:
        table = pd.DataFrame(rows.drop(columns=rows.geometry.name)).assign(geometry=rows.geometry.to_wkt())
    out = io.StringIO()
    table.map(_as_text).to_csv(out, index=False)
    return out.getvalue()


def _as_text(value: object) -> object:
    if not isinstance(value, str):
        return value
    return ("'" if value.startswith(_FORMULA) else "") + value.replace("\r\n", "\n").replace("\r", "\n")


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
    if _is_nothing(value):
        return ""
    if isinstance(value, float):
        return number(value, decimals=_decimals(name, value))
    if name in {"certainty", "change", "direction", "kind", "type", "status", "zone", "layer", "result"}:
        return word(value)
    return str(value)[:10] if isinstance(value, pd.Timestamp) else str(value)
