"""Reading of GeoParquet as Arrow batches. Its metadata are checked against its columns."""

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from lindero.layers.errors import N_, DamagedError, SourceError

_NATIVE = frozenset({"point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon"})
_DEGREES = "OGC:CRS84"  # the default of the standard if a file states no CRS


@dataclass(frozen=True)
class OpenFile:
    """An open GeoParquet file: its fields, geometry column and encoding (empty: WKB), CRS, and rows in batches."""

    fields: list[str]
    geometry_name: str
    geometry_encoding: str
    crs: str | None
    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]


@contextmanager
def open_file(path: Path, name: str) -> Generator[OpenFile]:
    """Open the file at `path`, which users know as `name`."""
    import pyarrow.parquet as pq  # imported only where needed, because it takes a while

    def reading_error(why: object) -> SourceError:
        return DamagedError(N_("{name} cannot be read as {format}: {why}"), name=name, format="GeoParquet", why=why)

    try:
        with pq.ParquetFile(path) as file:
            metadata = file.schema_arrow.metadata or {}
            geo_metadata = json.loads(metadata.get(b"geo", b"null"))
            if not isinstance(geo_metadata, dict):
                raise SourceError(
                    N_("{name} is a Parquet table without geometry; ask for it as GeoParquet, CSV or XLSX"),
                    name=name,
                )
            geometry = str(geo_metadata.get("primary_column", "geometry"))
            columns = [str(column) for column in file.schema_arrow.names]
            column_metadata = geo_metadata.get("columns", {}).get(geometry)
            if geometry not in columns or columns.count(geometry) > 1 or not isinstance(column_metadata, dict):
                raise reading_error(geometry)
            encoding = str(column_metadata.get("encoding", "WKB"))
            kind = file.schema_arrow.field(geometry).type
            if encoding == "WKB" and not (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
                raise reading_error(f"{geometry}: {kind}")
            if encoding != "WKB" and encoding not in _NATIVE:
                raise reading_error(encoding)
            crs = column_metadata.get("crs", _DEGREES)
            index = [
                i for i in json.loads(metadata.get(b"pandas", b"{}")).get("index_columns", []) if isinstance(i, str)
            ]
            selected_columns = [column for column in dict.fromkeys(columns) if column not in index]
            fields = [column for column in selected_columns if column != geometry]
            schema = pa.schema([file.schema_arrow.field(column) for column in selected_columns])
            batches = file.iter_batches(batch_size=16_384, columns=selected_columns, use_threads=False)
            geoarrow_encoding = "" if encoding == "WKB" else encoding
            yield OpenFile(
                fields, geometry, geoarrow_encoding, json.dumps(crs) if isinstance(crs, dict) else crs, schema, batches
            )
    except (ValueError, OSError, KeyError, TypeError, AttributeError, pa.ArrowException) as error:
        raise reading_error(error) from error
