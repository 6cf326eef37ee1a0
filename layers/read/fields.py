"""The fields of what was read, as a frame under row numbers; and the texts in it that have lost their letters."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lindero.layers.formats.encodings import garbled
from lindero.layers.sandbox.arrow_reader import ROW
from lindero.layers.sandbox.client import Answer

_MAYBE_GARBLED = "[\u00c2-\u00f4\u251c\u252c][^\\x00-\\x7f]|\ufffd"


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
    """Give a cell of a workbook as it was: `layers.sandbox.arrow_reader.tagged` says how it is written."""
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
        bad = [text for text in maybe.to_pylist() if text is not None and garbled(text)]  # each distinct text once
        places = (
            pc.indices_nonzero(pc.is_in(texts, value_set=pa.array(bad, type=texts.type))).to_pylist() if bad else []
        )
        found += [(int(rows.index[place]), name, str(rows.iloc[place, i])) for place in places]
    return found
