"""
Any received file as rows, numbered from 1 as they stand in it; the file itself is never changed.

It is opened in another process, behind walls (`layers.read.sandbox.client`, `layers.read.sandbox.restrictions`); what
comes back is Arrow.
"""

import datetime as dt
import json
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

from lindero.layers.errors import N_, CRSError, SourceError
from lindero.layers.model.row_account import FOUND, REJECTED, REPAIRED, RowAccount
from lindero.layers.read.formats.detect import Format
from lindero.layers.read.formats.encodings import REPAIR, is_garbled, mended
from lindero.layers.read.sandbox import client, shapes
from lindero.layers.read.sandbox.arrow_reader import ROW
from lindero.layers.read.sandbox.client import Answer
from lindero.layers.read.sandbox.shapes import Geometries
from lindero.layers.read.sandbox.worker_protocol import Tail

SIDE_BY_SIDE = "rings_side_by_side"  # a repair: each ring is a part, until its ground tells that it is a hole
_MAYBE_GARBLED = "[\u00c2-\u00f4\u251c\u252c][^\\x00-\\x7f]|\ufffd"


@dataclass(frozen=True)
class Received:
    """
    A file as it was read.

    `rows` is indexed by row number and holds the fields as named in the file; `geometry` has the same index (None where
    the file has none), or is None for a table. `crs` is what the file states, None if it states nothing. `account` says
    which rows could not be read, what reading had to mend, and what it noticed, of a row or (row 0) of the whole file.
    `walls` are those that stood round the process that read it (`layers.read.sandbox.restrictions`). `answer` is what
    that process gave, where `read` was asked.
    """

    format: Format
    rows: pd.DataFrame
    geometry: gpd.GeoSeries | None
    crs: pyproj.CRS | None
    encoding: str | None = None
    account: RowAccount = field(default_factory=RowAccount)
    walls: tuple[str, ...] = ()
    answer: Answer | None = None

    @property
    def rows_read(self) -> int:
        """All rows of the file, also those that could not be read."""
        return len(self.rows) + len(self.account.rejects)


def begin(
    executor: Executor,
    path: Path,
    *,
    encoding: str | None = None,
    sublayer: str | None = None,
    nothing_written: bool = False,
    kept: Path | None = None,
) -> Callable[[], Received]:
    """
    Have a file opened behind walls while something else is done, unless what they gave was `kept` (`client.keep`).

    What is given back waits for it, and gives and raises what `read` would.
    """
    ask = partial(client.ask, encoding=encoding, sublayer=sublayer, nothing_written=nothing_written, kept=kept)
    waiting = [executor.submit(ask, _there(path))]  # let go of once it is there: rows are not to be held twice
    return lambda: _received(path, waiting.pop().result(), encoding)


def read(
    path: Path, *, encoding: str | None = None, sublayer: str | None = None, nothing_written: bool = False
) -> Received:
    """
    Read the file at `path`: one layer of it, or one sheet.

    `encoding` "repair" undoes a double encoding (Ã‘ for Ñ) in its texts, which is otherwise only found. With
    `nothing_written` a file that would have to be unpacked or rewritten on the disk to be read is refused.

    Raises
    ------
    SourceError
        If the file is missing, empty, broken, in a format that is not read, holds several layers and none is named, or
        exceeds what reading may cost.
    CRSError
        If it states a coordinate reference system that is not known.
    """
    answer = client.ask(_there(path), encoding=encoding, sublayer=sublayer, nothing_written=nothing_written)
    return replace(_received(path, answer, encoding), answer=answer)


def _there(path: Path) -> Path:
    if not path.exists():
        raise SourceError(N_("there is no file {name}"), name=path)
    return path


def _received(path: Path, answer: client.Answer, encoding: str | None) -> Received:
    head, tail = answer.head, answer.tail
    found = Format(head.format)
    rows = rows_of(answer)
    if not len(rows) and any(finding == "link_not_followed" for _row, finding, *_ in tail.findings):
        raise SourceError(
            N_(
                "{name} holds no places, only a link to a file elsewhere, which is not followed: open it in the "
                "program that made it, such as Google Earth, save the places themselves as KMZ, and add that file"
            ),
            name=path.name,
        )
    garbled_rows = garbled_texts(answer.rows.select(answer.head.fields), rows)
    account = _account_of(tail)
    if encoding == REPAIR:
        account.mend([row for row, *_ in garbled_rows], "letters_mended", [column for _, column, _ in garbled_rows])
        for row, column, value in garbled_rows:
            rows.loc[row, column] = mended(value)
    else:
        noticed = [(row, "garbled_letters", column, value[:200]) for row, column, value in garbled_rows]
        account.note(findings=_frame(noticed, FOUND))
    geometry, drawn, in_cells = None, None, head.geometry_field
    if head.geometry is not None:
        drawn = _shapes(path, answer, account)
    if drawn is not None:
        at_fault = [(row, *fault, _as_text(rows, row)) for row, fault in sorted(tail.faults.items())]
        account.note(rejects=_frame(at_fault, REJECTED))
        kept = ~rows.index.isin(account.rejects["row"])
        rows, geometry = rows[kept], gpd.GeoSeries(drawn[kept], index=rows.index[kept])
        rows = rows.drop(columns=[in_cells] if in_cells else [])
    return Received(
        found,
        rows,
        geometry,
        _crs(path, head.crs),
        encoding=head.encoding,
        account=account,
        walls=tuple(tail.walls),
    )


def _account_of(tail: Tail) -> RowAccount:
    """Give what reading inside the sandbox rejected, repaired and found."""
    account = RowAccount()
    account.note(
        rejects=_frame(tail.rejects, REJECTED),
        repairs=_frame(tail.repairs, REPAIRED),
        findings=_frame(tail.findings, FOUND),
    )
    return account


def _frame(rows: Sequence[tuple[object, ...]], columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns))


def _shapes(path: Path, answer: client.Answer, account: RowAccount) -> Geometries:
    """
    Return the geometry of each row; of what was nested wrongly and mended, a repair is noted.

    Raises
    ------
    SourceError
        If the reader was broken: what it gave is no geometry.
    """
    head, tail = answer.head, answer.tail
    if head.geometry_encoding:
        return _native(answer.rows, str(head.geometry), head.geometry_encoding)
    try:
        drawn = shapes.decode(answer.rows.column(head.geometry).cast(shapes.SHAPE).combine_chunks())
        drawn[[row - 1 for row in tail.mended]] = shapes.decode(pa.array([*tail.mended.values()], type=shapes.SHAPE))
    except (ValueError, TypeError, IndexError, pa.ArrowException, shapely.errors.ShapelyError) as error:
        raise client.broke_the_reader(path.name, type(error).__name__) from error
    nested = [
        (row, SIDE_BY_SIDE if row in tail.side_by_side else "nesting_mended", None) for row in sorted(tail.mended)
    ]
    account.note(repairs=_frame(nested, REPAIRED))
    return drawn


def _native(table: pa.Table, name: str, encoding: str) -> Geometries:
    """Give geometry that a GeoParquet file holds as lists of coordinates."""
    plain = table.schema.field(name).with_metadata({"ARROW:extension:name": f"geoarrow.{encoding}"})
    alone = pa.table([table.column(name)], schema=pa.schema([plain]))
    return np.asarray(gpd.GeoDataFrame.from_arrow(alone, geometry=name).geometry.to_numpy(), dtype=object)


def _crs(path: Path, stated: str | None) -> pyproj.CRS | None:
    if stated is None:
        return None
    try:
        return pyproj.CRS.from_user_input(stated)
    except pyproj.exceptions.CRSError as error:
        raise CRSError(
            N_("{name} states a coordinate reference system that is not known: {crs}"),
            name=path.name,
            crs=stated[:200],
        ) from error


def _as_text(rows: pd.DataFrame, number: int) -> str:
    return str(rows.loc[number].to_json(force_ascii=False, date_format="iso", default_handler=str))


# The fields of what was read, as a frame under row numbers; and the texts in it that have lost their letters.


def rows_of(answer: Answer) -> pd.DataFrame:
    """Give the fields of each row, under its number."""
    table, fields = answer.rows, answer.head.fields
    if ROW in table.column_names:
        numbers = table.column(ROW).to_pylist()
        make = _cell if answer.head.tagged else str
        cells = {
            i: [None if cell is None else make(cell) for cell in table.column(i + 1).to_pylist()]
            for i in range(len(fields))
        }
        rows = pd.DataFrame(cells, index=pd.Index(numbers, dtype="int64"), dtype=object)
        return rows.set_axis(pd.Index(fields, dtype=object), axis="columns")
    # copied: a text that stays where it came holds on to the geometry that came with it
    features: pd.DataFrame = (
        table.select(fields).combine_chunks().to_pandas(integer_object_nulls=True)
    )  # else a gap makes 1001 read 1001.0
    texts = pd.DataFrame(_nested_as_text(table, features), index=features.index, dtype=object)
    return features.assign(**{str(name): texts[name] for name in texts}).set_axis(
        pd.RangeIndex(1, table.num_rows + 1), axis="index"
    )


def _cell(written: str) -> object:
    """Give a cell of a workbook as it was: `layers.read.sandbox.arrow_reader.tag` says how it is written."""
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


def _nested_as_text(table: pa.Table, rows: pd.DataFrame) -> dict[str, list[str | None]]:
    """Give columns of lists as text with semicolons, as a table would hold them, and others within others as JSON."""
    nested = [str(name) for name in rows if pa.types.is_nested(table.schema.field(str(name)).type)]
    binary = [str(name) for name in rows if pa.types.is_binary(table.schema.field(str(name)).type)]
    return {name: [_plain(value) for value in rows[name]] for name in nested} | {
        name: [value.hex() if isinstance(value, bytes) else None for value in rows[name]] for name in binary
    }


def _plain(value: object) -> str | None:
    if isinstance(value, np.ndarray | list):
        return ";".join(map(str, value))
    return None if value is None else json.dumps(value, ensure_ascii=False, default=str)


def garbled_texts(table: pa.Table, rows: pd.DataFrame) -> list[tuple[int, str, str]]:
    """Find texts that were decoded twice or have lost letters: row, column, text."""
    found = []
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
        found += [(int(rows.index[place]), name, str(rows.iloc[place, i])) for place in places]
    return found
