"""Messages between the client and the worker that reads a file: JSON lines before and after an Arrow stream.

Both sides count the data against the same limits (`Meter`). A small file may contain a large amount of data, which the
client must store.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field

import pyarrow as pa

from lindero.layers.errors import N_, DamagedError, SourceError
from lindero.layers.read.sandbox.restrictions import Limits

_BYTES_A_CELL = 8  # bytes that every cell takes in memory, even if empty
_BYTES_A_VALUE_WITHIN = 64  # bytes per value in a list or a record, which becomes a Python object
_BYTES_A_VERTEX = 16


@dataclass(frozen=True)
class Request:
    """A request to read a file, with its sibling files of the same name and the user's options.

    `scratch` is a folder for temporary files.
    """

    path: str
    scratch: str
    beside: tuple[str, ...] = ()
    encoding: str | None = None
    sublayer: str | None = None


@dataclass
class Head:
    """The metadata sent before the rows: the `fields`, the geometry column and the encoding of the geometry."""

    format: str
    fields: list[str]
    geometry: str | None = None
    geometry_encoding: str = ""  # GeoArrow's name of it; empty: as written by `layers.read.sandbox.shapes`
    crs: str | None = None
    encoding: str | None = None
    tagged: bool = False  # cells are texts that begin with a letter for their type (see `tag_cell`)
    geometry_field: str | None = None  # of a table: the field that contains the geometry as text


@dataclass
class Tail:
    """The results that follow the rows: rejects, repairs, findings by row (0: the whole file) and repaired geometry."""

    rejects: list[tuple[int, str, str, str]] = field(default_factory=list)
    repairs: list[tuple[int, str, str | None]] = field(default_factory=list)
    findings: list[tuple[int, str, str, str]] = field(default_factory=list)
    mended: dict[int, object] = field(default_factory=dict)  # as written by `layers.read.sandbox.shapes`
    faults: dict[int, tuple[str, str]] = field(default_factory=dict)
    side_by_side: list[int] = field(default_factory=list)  # rows of `mended` whose rings may be holes
    walls: list[str] = field(default_factory=list)

    def add_repairs(self, rows: Iterable[int], repair: str) -> None:
        """Add a repair for each of the rows."""
        self.repairs += [(row, repair, None) for row in rows]

    def add_finding(self, row: int, finding: str, column: str, detail: str) -> None:
        """Add a finding."""
        self.findings.append((row, finding, column, detail))


def to_json(message: Head | Tail) -> str:
    """Format the head or the tail as a line of JSON."""
    return json.dumps(asdict(message), default=str)


def parse_tail(message: dict[str, object]) -> Tail:
    """Parse a tail written by `to_json`, and restore its tuples and numeric keys, which JSON does not have."""
    tail = Tail(**message)  # type: ignore[arg-type]  # the fields of a Tail
    tail.mended = {int(row): shape for row, shape in tail.mended.items()}
    tail.faults = {int(row): (reason, detail) for row, (reason, detail) in tail.faults.items()}
    return tail


class Meter:
    """A counter of the rows and of the geometry and attribute bytes in a stream of batches."""

    def __init__(self, limits: Limits, geometry: str | None, name: str) -> None:
        self._limits, self._geometry, self._name = limits, geometry, name
        self._rows = self._geometry_bytes = self._attribute_bytes = 0

    def count(self, batch: pa.RecordBatch) -> None:
        """Count the rows, bytes and columns of a batch."""
        if batch.num_columns > self._limits.fields:
            raise SourceError(
                N_("{name} has more than {most} columns: leave out those that are not needed"),
                name=self._name,
                most=self._limits.fields,
            )
        self._rows += batch.num_rows
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            if name == self._geometry:
                self._geometry_bytes += column.nbytes
            else:
                self._attribute_bytes += column.nbytes + _estimate_overhead(column)
        limits = self._limits
        if (
            self._rows > limits.rows
            or self._geometry_bytes > limits.geometry_bytes
            or self._attribute_bytes > limits.attribute_bytes
        ):
            raise self.limit_error()

    def iter_batches(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield batches, counting each of them."""
        for batch in batches:
            self.count(batch)
            yield batch

    def limit_error(self) -> SourceError:
        """Return the error that states the limits."""
        return SourceError(
            N_(
                "{name} has more than {rows} rows, {vertices} vertices or {megabytes} MB in its fields, "
                "which is over the limit; split it and add one part at a time"
            ),
            name=self._name,
            rows=self._limits.rows,
            vertices=self._limits.geometry_bytes // _BYTES_A_VERTEX,
            megabytes=self._limits.attribute_bytes // 1024**2,
        )


def plain_schema(schema: pa.Schema, name: str) -> pa.Schema:
    """Return a schema without dictionary, run-end or view encoding, so that each text is stored in its own row."""
    plainer = pa.schema([field.with_type(_plain_type(field.type)) for field in schema])
    if odd := [field.name for field in plainer if not is_plain(field.type)]:
        raise DamagedError(
            N_("{name} has fields of a type that Lindero does not read: {which}"), name=name, which=", ".join(odd)
        )
    return plainer


def convert_batch(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Convert a batch to the types of `plain_schema`.

    A dictionary text is then counted in every row that uses it.
    """
    columns = [
        column if column.type == field.type else column.cast(field.type)
        for column, field in zip(batch.columns, schema, strict=True)
    ]
    return pa.record_batch(columns, schema=schema)


def is_plain(kind: pa.DataType) -> bool:
    """Return whether every value of a type, including nested values, is stored as its own bytes."""
    inner_types = (kind.field(i).type for i in range(kind.num_fields))
    return kind == _plain_type(kind) and all(map(is_plain, inner_types))


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if isinstance(kind, pa.BaseExtensionType):
        return _plain_type(kind.storage_type)
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        return _plain_type(kind.value_type)
    if pa.types.is_string_view(kind):
        return pa.large_string()
    if pa.types.is_binary_view(kind):
        return pa.large_binary()
    return pa.list_(kind.value_field) if pa.types.is_list_view(kind) else kind


def _estimate_overhead(column: pa.Array, *, bytes_per_value: int = _BYTES_A_CELL) -> int:
    """Estimate the memory that the values of a column, including nested ones, take besides their own bytes."""
    kind = column.type
    if pa.types.is_struct(kind):
        inner_arrays = [column.field(i) for i in range(kind.num_fields)]
    else:
        inner_arrays = [column.flatten()] if pa.types.is_nested(kind) else []
    return bytes_per_value * len(column) + sum(
        _estimate_overhead(values, bytes_per_value=_BYTES_A_VALUE_WITHIN) for values in inner_arrays
    )
