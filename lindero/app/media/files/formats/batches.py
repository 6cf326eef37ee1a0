"""Answers written in batches of rows with the same columns, so that a long answer is never all in memory."""

import json
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import TextIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lindero.app.media.files.files import replacement_file, to_csv, to_records
from lindero.app.media.files.plain import to_json
from lindero.app.media.files.rounding import round_figures


def write_csv(batches: Iterable[pd.DataFrame], output: TextIO) -> None:
    """Write batches as one CSV table with rounded figures."""
    output.writelines(to_csv(round_figures(batch), header=position == 0) for position, batch in enumerate(batches))


def write_json(batches: Iterable[pd.DataFrame], output: TextIO, *, head: Mapping[str, object], rows_key: str) -> None:
    """Write batches as JSON: `head` first, then all rows under the key `rows_key`. The text is that of `to_json`.

    The rows must contain no lists. `json` indents in Python only, which takes five times as long as its C encoder.
    """
    begin, end = to_json({**head, rows_key: [None]}).rsplit("null", 1)
    separator = begin
    for record in chain.from_iterable(map(to_records, batches)):
        line = json.dumps(record, ensure_ascii=False, separators=(",\n   ", ": "), default=str, allow_nan=False)
        output.write(f"{separator}{{\n   {line[1:-1]}\n  }}")
        separator = ",\n  "
    output.write(to_json({**head, rows_key: []}) if separator is begin else end)


def write_parquet(batches: Iterable[pd.DataFrame], output: Path) -> None:
    """Write batches to a Parquet file, one row group per batch."""
    tables = (pa.Table.from_pandas(batch, preserve_index=False) for batch in batches)
    first = next(tables)
    with replacement_file(output) as temporary, pq.ParquetWriter(temporary, first.schema) as writer:
        for table in chain([first], tables):
            writer.write_table(table.cast(first.schema))
