"""
What goes between the process that asks for a file and the one that reads it: JSON lines round the Arrow stream.

Both sides count what passes (`Meter`) by the same limits: a small file may hold much, and whoever asks has to hold it.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field

import pyarrow as pa

from lindero.layers.errors import N_, DamagedError, SourceError
from lindero.layers.read.sandbox.restrictions import Limits

_BYTES_A_CELL = 8  # what a cell costs whoever holds it, however empty
_BYTES_A_VALUE_WITHIN = 64  # of a list or a record, which becomes an object of Python
_BYTES_A_CORNER = 16


@dataclass(frozen=True)
class Request:
    """
    What to read: a file, those of its name beside it, and what the user says of it.

    `scratch` is a folder for what must be written on the way.
    """

    path: str
    scratch: str
    beside: tuple[str, ...] = ()
    encoding: str | None = None
    sublayer: str | None = None


@dataclass
class Head:
    """What is known of a file before its rows: the `fields`, the column of geometry and how that is encoded."""

    format: str
    fields: list[str]
    geometry: str | None = None
    geometry_encoding: str = ""  # GeoArrow's name of it; empty: as `layers.read.sandbox.shapes` writes it
    crs: str | None = None
    encoding: str | None = None
    tagged: bool = False  # cells are text that begins with its kind (see `tagged`)
    geometry_field: str | None = None  # of a table: the field whose cells hold the geometry as text


@dataclass
class Tail:
    """What is known after them: rejects, repairs, findings by row (0: the whole file), geometry mended."""

    rejects: list[tuple[int, str, str, str]] = field(default_factory=list)
    repairs: list[tuple[int, str, str | None]] = field(default_factory=list)
    findings: list[tuple[int, str, str, str]] = field(default_factory=list)
    mended: dict[int, object] = field(default_factory=dict)  # as `layers.read.sandbox.shapes` writes it
    faults: dict[int, tuple[str, str]] = field(default_factory=dict)
    side_by_side: list[int] = field(default_factory=list)  # rows of `mended` whose rings may be holes
    walls: list[str] = field(default_factory=list)

    def mend(self, rows: Iterable[int], repair: str) -> None:
        """Note a repair of some rows."""
        self.repairs += [(row, repair, None) for row in rows]

    def notice(self, row: int, finding: str, column: str, detail: str) -> None:
        """Note a finding."""
        self.findings.append((row, finding, column, detail))


def as_json(message: Head | Tail) -> str:
    """Write what is known of a file as a line of JSON."""
    return json.dumps(asdict(message), default=str)


def tail_of(message: dict[str, object]) -> Tail:
    """Read what `as_json` wrote of a tail: JSON has no tuples, and names everything by text."""
    tail = Tail(**message)  # type: ignore[arg-type]  # the fields of that very class
    tail.mended = {int(row): shape for row, shape in tail.mended.items()}
    tail.faults = {int(row): (why, what) for row, (why, what) in tail.faults.items()}
    return tail


class Meter:
    """Counts the rows, the geometry and the rest of what passes, batch by batch."""

    def __init__(self, limits: Limits, geometry: str | None, name: str) -> None:
        self._limits, self._geometry, self._name = limits, geometry, name
        self._rows = self._geometry_bytes = self._attribute_bytes = 0

    def count(self, batch: pa.RecordBatch) -> None:
        """
        Count a batch, and its columns.

        Raises
        ------
        SourceError
            If that is more than the limits allow.
        """
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
                self._attribute_bytes += column.nbytes + _bytes_of_values(column)
        most = self._limits
        if (
            self._rows > most.rows
            or self._geometry_bytes > most.geometry_bytes
            or self._attribute_bytes > most.attribute_bytes
        ):
            raise self.refusal()

    def through(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Give batches on, each of them counted."""
        for batch in batches:
            self.count(batch)
            yield batch

    def refusal(self) -> SourceError:
        """Say in words what is too much."""
        return SourceError(
            N_(
                "{name} holds more than {rows} rows, {corners} corners or {megabytes} MB in its fields, "
                "more than a map needs; send a part of it"
            ),
            name=self._name,
            rows=self._limits.rows,
            corners=self._limits.geometry_bytes // _BYTES_A_CORNER,
            megabytes=self._limits.attribute_bytes // 1024**2,
        )


def plain_schema(schema: pa.Schema, name: str) -> pa.Schema:
    """
    Give a schema in which every text stands where it belongs, none as a number that points to a list of texts.

    Raises
    ------
    DamagedError
        If a column holds such numbers farther within, which no program writes by itself.
    """
    plainer = pa.schema([field.with_type(_plain(field.type)) for field in schema])
    if odd := [field.name for field in plainer if not is_plain(field.type)]:
        raise DamagedError(N_("{name} has fields of a kind that is not read: {which}"), name=name, which=", ".join(odd))
    return plainer


def plain(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Give a batch the types of `plain_schema`: what one text of a list stands for in many rows is then counted."""
    columns = [
        column if column.type == field.type else column.cast(field.type)
        for column, field in zip(batch.columns, schema, strict=True)
    ]
    return pa.record_batch(columns, schema=schema)


def is_plain(kind: pa.DataType) -> bool:
    """Whether no value of this kind stands for more than its own bytes, nor one within it."""
    within = (kind.field(i).type for i in range(kind.num_fields))
    return kind == _plain(kind) and all(map(is_plain, within))


def _plain(kind: pa.DataType) -> pa.DataType:
    if isinstance(kind, pa.BaseExtensionType):
        return _plain(kind.storage_type)
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        return _plain(kind.value_type)
    if pa.types.is_string_view(kind):
        return pa.large_string()
    if pa.types.is_binary_view(kind):
        return pa.large_binary()
    return pa.list_(kind.value_field) if pa.types.is_list_view(kind) else kind


def _bytes_of_values(column: pa.Array, *, each: int = _BYTES_A_CELL) -> int:
    """Estimate what the values of a column cost besides their own bytes, also those within others."""
    kind = column.type
    if pa.types.is_struct(kind):
        within = [column.field(i) for i in range(kind.num_fields)]
    else:
        within = [column.flatten()] if pa.types.is_nested(kind) else []
    return each * len(column) + sum(_bytes_of_values(values, each=_BYTES_A_VALUE_WITHIN) for values in within)
