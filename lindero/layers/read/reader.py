"""Reading received files into rows numbered from 1 in file order. The files are never changed.

A file is opened in a sandboxed worker process (`layers.read.sandbox.client`, `layers.read.sandbox.restrictions`), which
returns Arrow tables.
"""

import datetime as dt
import json
import re
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyproj
import shapely

from lindero.layers.errors import N_, SourceError
from lindero.layers.model.row_account import FINDING_COLUMNS, REJECTED, REPAIRED, RowAccount
from lindero.layers.read.formats.detect import Format
from lindero.layers.read.formats.encodings import MIXED, REPAIR, is_garbled, repair_encoding
from lindero.layers.read.sandbox import client, shapes
from lindero.layers.read.sandbox.arrow_reader import ROW
from lindero.layers.read.sandbox.client import WorkerResponse
from lindero.layers.read.sandbox.shapes import Geometries
from lindero.layers.read.sandbox.worker_protocol import Tail

SIDE_BY_SIDE = "rings_side_by_side"  # a repair: each ring is a part until its position shows that it is a hole
_LONGEST_CRS = 200  # characters of an unknown CRS to show; some are a page of WKT
# What XML does not allow (so neither KML, XLSX nor Atom), delete, and what reverses the direction of a text.
_CONTROL = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
_MAYBE_GARBLED = "[\u00c2-\u00f4\u251c\u252c][^\\x00-\\x7f]|\ufffd"


@dataclass(frozen=True)
class ReceivedLayer:
    """One layer or sheet of a received file, as read.

    `rows` is indexed by row number and has the fields of the file under their own names. `geometry` has the same index,
    with None where the file has no geometry; it is None for a table. `crs` is the CRS stated in the file, or None if
    the file states none, or one that PROJ does not know, whose text is then in `unknown_crs`. `account` lists the rows
    that could not be read, the repairs made while reading, and findings about single rows or (row 0) the whole file.
    `walls` names the restrictions that were active in the worker process (`layers.read.sandbox.restrictions`). `answer`
    is the response of that process; only `read` sets it.
    """

    format: Format
    rows: pd.DataFrame
    geometry: gpd.GeoSeries | None
    crs: pyproj.CRS | None
    encoding: str | None = None
    account: RowAccount = field(default_factory=RowAccount)
    walls: tuple[str, ...] = ()
    answer: WorkerResponse | None = None
    unknown_crs: str = ""

    @property
    def row_count(self) -> int:
        """The number of rows in the file, including those that could not be read."""
        return len(self.rows) + len(self.account.rejects)


def start_reading(
    executor: Executor,
    path: Path,
    *,
    encoding: str | None = None,
    sublayer: str | None = None,
    nothing_written: bool = False,
    cache_file: Path | None = None,
) -> Callable[[], ReceivedLayer]:
    """Start reading a file in the sandbox in the background, or load its saved response.

    `path`, `encoding`, `sublayer`, `nothing_written`: as for `read`. `cache_file`: A response saved by
    `client.save_response`. It is used instead of reading the file again, unless it is damaged. Returns: it waits for
    the response and returns the `ReceivedLayer`, without `answer`. It raises the errors of `read`. Call it only once.
    """
    read_response = partial(
        client.read_response,
        encoding=encoding,
        sublayer=sublayer,
        nothing_written=nothing_written,
        cache_file=cache_file,
    )
    waiting = [
        executor.submit(read_response, _require_file(path))
    ]  # popped when it is there, so that the rows are not held in memory twice
    return lambda: _convert_response(path, waiting.pop().result(), encoding)


def read(
    path: Path, *, encoding: str | None = None, sublayer: str | None = None, nothing_written: bool = False
) -> ReceivedLayer:
    """Read one layer or one sheet of the file at `path`.

    `path`: A file in any supported format (`Format`). It is parsed in the sandbox. `encoding`: the encoding of texts;
    None to detect it. `repair` undoes a double encoding (Ã‘ for Ñ); otherwise such texts are only reported as findings.
    Returns: the rows under the file's own field names, and its geometry in the file's own CRS. Rows that could not be
    read are listed in its `account`.
    """
    answer = client.read_response(
        _require_file(path), encoding=encoding, sublayer=sublayer, nothing_written=nothing_written
    )
    return replace(_convert_response(path, answer, encoding), answer=answer)


def _require_file(path: Path) -> Path:
    if not path.exists():
        raise SourceError(N_("the file {name} does not exist"), name=path)
    return path


def _convert_response(path: Path, answer: client.WorkerResponse, encoding: str | None) -> ReceivedLayer:
    head, tail = answer.head, answer.tail
    file_format = Format(head.format)
    rows = build_rows(answer)
    if not len(rows) and any(finding == "link_not_followed" for _row, finding, *_ in tail.findings):
        raise SourceError(
            N_(
                "{name} has no places, only a link to a file elsewhere; links are not followed. Open it "
                "in the program that made it, for example Google Earth, save the places as KMZ, and add "
                "that file"
            ),
            name=path.name,
        )
    garbled_rows = find_garbled_texts(answer.rows.select(answer.head.fields), rows)
    account = _build_account(tail)
    dropped = drop_control_characters(answer.rows.select(answer.head.fields), rows)
    account.add_repairs([row for row, _ in dropped], "control_characters_dropped", [column for _, column in dropped])
    if encoding == REPAIR or head.encoding == MIXED:
        account.add_repairs(
            [row for row, *_ in garbled_rows], "letters_mended", [column for _, column, _ in garbled_rows]
        )
        for row, column, value in garbled_rows:
            rows.loc[row, column] = repair_encoding(value)
    else:
        noticed = [(row, "garbled_letters", column, value[:200]) for row, column, value in garbled_rows]
        account.add(findings=_build_frame(noticed, FINDING_COLUMNS))
    geometry, geometries, in_cells = None, None, head.geometry_field
    if head.geometry is not None:
        geometries = _decode_shapes(path, answer, account)
    if geometries is not None:
        at_fault = [(row, *fault, _format_row(rows, row)) for row, fault in sorted(tail.faults.items())]
        account.add(rejects=_build_frame(at_fault, REJECTED))
        is_accepted = ~rows.index.isin(account.rejects["row"])
        rows, geometry = rows[is_accepted], gpd.GeoSeries(geometries[is_accepted], index=rows.index[is_accepted])
        rows = rows.drop(columns=[in_cells] if in_cells else [])
    crs = _parse_crs(head.crs)
    return ReceivedLayer(
        file_format,
        rows,
        geometry,
        crs,
        encoding=head.encoding,
        account=account,
        walls=tuple(tail.walls),
        unknown_crs=(head.crs or "")[:_LONGEST_CRS] if crs is None else "",
    )


def _build_account(tail: Tail) -> RowAccount:
    """Build the account of the rows that the sandbox rejected, repaired and reported."""
    account = RowAccount()
    account.add(
        rejects=_build_frame(tail.rejects, REJECTED),
        repairs=_build_frame(tail.repairs, REPAIRED),
        findings=_build_frame(tail.findings, FINDING_COLUMNS),
    )
    return account


def _build_frame(rows: Sequence[tuple[object, ...]], columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns))


def _decode_shapes(path: Path, answer: client.WorkerResponse, account: RowAccount) -> Geometries:
    """Return the geometry of each row, and note a repair for each geometry with corrected nesting."""
    head, tail = answer.head, answer.tail
    if head.geometry_encoding:
        return _decode_geoarrow(answer.rows, str(head.geometry), head.geometry_encoding)
    try:
        column = answer.rows.column(head.geometry).cast(shapes.SHAPE)
        parts = [shapes.decode(part) for part in column.chunks]  # together they would be copied
        geometries = np.concatenate(parts) if parts else np.empty(0, dtype=object)
        geometries[[row - 1 for row in tail.mended]] = shapes.decode(
            pa.array([*tail.mended.values()], type=shapes.SHAPE)
        )
    except (ValueError, TypeError, IndexError, pa.ArrowException, shapely.errors.ShapelyError) as error:
        raise client.reader_failure(path.name, type(error).__name__) from error
    nested = [
        (row, SIDE_BY_SIDE if row in tail.side_by_side else "nesting_mended", None) for row in sorted(tail.mended)
    ]
    account.add(repairs=_build_frame(nested, REPAIRED))
    return geometries


def _decode_geoarrow(table: pa.Table, name: str, encoding: str) -> Geometries:
    """Decode the geometry that a GeoParquet file stores as lists of coordinates (GeoArrow)."""
    plain = table.schema.field(name).with_metadata({"ARROW:extension:name": f"geoarrow.{encoding}"})
    geometry_table = pa.table([table.column(name)], schema=pa.schema([plain]))
    return np.asarray(gpd.GeoDataFrame.from_arrow(geometry_table, geometry=name).geometry.to_numpy(), dtype=object)


def _parse_crs(stated: str | None) -> pyproj.CRS | None:
    """Parse the CRS that a file states; None if it states none or an unknown one, which the user may replace."""
    try:
        return None if stated is None else pyproj.CRS.from_user_input(stated)
    except pyproj.exceptions.CRSError:
        return None


def _format_row(rows: pd.DataFrame, number: int) -> str:
    return str(rows.loc[number].to_json(force_ascii=False, date_format="iso", default_handler=str))


# The fields of a response as a frame indexed by row number, and the texts in it that have lost letters.


def build_rows(answer: WorkerResponse) -> pd.DataFrame:
    """Return the fields of each row as a frame indexed by row number."""
    table, fields = answer.rows, answer.head.fields
    if ROW in table.column_names:
        numbers = table.column(ROW).to_pylist()
        convert = _parse_cell if answer.head.tagged else str
        cells = {
            i: [None if cell is None else convert(cell) for cell in table.column(i + 1).to_pylist()]
            for i in range(len(fields))
        }
        rows = pd.DataFrame(cells, index=pd.Index(numbers, dtype="int64"), dtype=object)
        return rows.set_axis(pd.Index(fields, dtype=object), axis="columns")
    # Copied: a text that stays in its Arrow batch would keep the geometry of the batch in memory.
    features: pd.DataFrame = (
        table.select(fields).combine_chunks().to_pandas(integer_object_nulls=True)
    )  # otherwise a missing value turns 1001 into 1001.0
    texts = pd.DataFrame(_format_nested_columns(table, features), index=features.index, dtype=object)
    return features.assign(**{str(name): texts[name] for name in texts}).set_axis(
        pd.RangeIndex(1, table.num_rows + 1), axis="index"
    )


def _parse_cell(written: str) -> object:
    """Parse a workbook cell that `layers.read.sandbox.arrow_reader.tag_cell` wrote as text."""
    kind, text = written[0], written[1:]
    match kind:
        case "i":
            return int(text)
        case "f":
            return float(text)
        case "b":
            return text == "1"
        case "t":
            return dt.datetime.fromisoformat(text)
        case "d":
            return dt.date.fromisoformat(text)
        case _:
            return text


def _format_nested_columns(table: pa.Table, rows: pd.DataFrame) -> dict[str, list[str | None]]:
    """Return nested and binary columns as text.

    Lists are joined with semicolons, as a table would store them. Other nested values become JSON, and binary values
    hexadecimal.
    """
    nested = [str(name) for name in rows if pa.types.is_nested(table.schema.field(str(name)).type)]
    binary = [str(name) for name in rows if pa.types.is_binary(table.schema.field(str(name)).type)]
    return {name: [_format_value(value) for value in rows[name]] for name in nested} | {
        name: [value.hex() if isinstance(value, bytes) else None for value in rows[name]] for name in binary
    }


def _format_value(value: object) -> str | None:
    if isinstance(value, np.ndarray | list):
        return ";".join(map(str, value))
    return None if value is None else json.dumps(value, ensure_ascii=False, default=str)


def drop_control_characters(table: pa.Table, rows: pd.DataFrame) -> list[tuple[int, str]]:
    """Drop control characters from the texts of `rows`, which no file format could hold; return row and column."""
    dropped = []
    for i, kind in enumerate(table.schema.types):
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            places = pc.indices_nonzero(pc.match_substring_regex(table.column(i), _CONTROL)).to_pylist()
        elif pa.types.is_nested(kind):
            places = np.flatnonzero(rows.iloc[:, i].str.contains(_CONTROL, na=False)).tolist()
        else:
            continue
        for place in places:
            if isinstance(text := rows.iloc[place, i], str):
                rows.iloc[place, i] = re.sub(_CONTROL, "", text)
                dropped.append((int(rows.index[place]), table.column_names[i]))
    return dropped


def find_garbled_texts(table: pa.Table, rows: pd.DataFrame) -> list[tuple[int, str, str]]:
    """Find texts that were decoded twice or have lost letters; return row, column and text of each."""
    garbled = []
    for i, name in enumerate(table.column_names):
        if not pa.types.is_string(table.schema.field(i).type) and not pa.types.is_large_string(
            table.schema.field(i).type
        ):
            continue
        texts = table.column(i)
        maybe = pc.unique(texts.filter(pc.match_substring_regex(texts, _MAYBE_GARBLED)))
        bad = [text for text in maybe.to_pylist() if text is not None and is_garbled(text)]  # each distinct text once
        places = (
            pc.indices_nonzero(pc.is_in(texts, value_set=pa.array(bad, type=texts.type))).to_pylist() if bad else []
        )
        garbled += [(int(rows.index[place]), name, str(rows.iloc[place, i])) for place in places]
    return garbled
