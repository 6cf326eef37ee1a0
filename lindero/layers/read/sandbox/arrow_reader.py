"""One received file, read in the sandbox (`restrictions`) and given back as Arrow: no pandas, no geopandas here."""

import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely

from lindero.layers.errors import N_, DamagedError, SourceError
from lindero.layers.read.formats import geometry_text
from lindero.layers.read.formats.archives import gunzip, unpack
from lindero.layers.read.formats.detect import JSON_FORMATS, TABLES, Format, recognise, stated_crs
from lindero.layers.read.formats.markup_tables import read_markup
from lindero.layers.read.formats.tables import Table, read_csv
from lindero.layers.read.formats.vector import gdal, geojson, geopackage, geoparquet, mapinfo, shapefile, topojson
from lindero.layers.read.formats.vector.kml_description import describe
from lindero.layers.read.formats.workbook import read_book, read_xlsx
from lindero.layers.read.sandbox import shapes
from lindero.layers.read.sandbox.restrictions import Limits
from lindero.layers.read.sandbox.worker_protocol import Head, Meter, Request, Tail, plain, plain_schema

GEOMETRY = "lindero:geometry"  # the column of what a table's cells hold as text
CLOSED = "ring_closed"
UNREADABLE = "unreadable_geometry"
ROW = "lindero:row"  # the column that numbers the rows of a table; features are numbered as they come
_SUFFIXES = {
    Format.GEOJSON: ".geojson",
    Format.GEOJSON_LINES: ".geojsonl",
    Format.ESRIJSON: ".json",
    Format.TOPOJSON: ".json",
    Format.GEOPACKAGE: ".gpkg",
    Format.KML: ".kml",
    Format.GML: ".gml",
    Format.DXF: ".dxf",
    Format.GPX: ".gpx",
    Format.FLATGEOBUF: ".fgb",
}
_WITH_ARCS = frozenset({Format.GEOPACKAGE, Format.FILEGDB})
_EMPTY_WKB_BYTES = 9  # byte order, type, no parts
_EXACT = 2**53  # from here on a number with a point is no longer exact


Sink = Callable[[Head, pa.Schema, Iterable[pa.RecordBatch]], None]


def read_into(sink: Sink, request: Request, limits: Limits) -> Tail:
    """
    Read the file that is asked for: its head and rows go into `sink`, the rest is returned.

    Raises
    ------
    SourceError
        If it cannot be read; also after `sink` was called.
    """
    return _read(sink, Path(request.path), request, limits, depth=1)


def _read(sink: Sink, path: Path, request: Request, limits: Limits, *, depth: int) -> Tail:  # noqa: PLR0911  one a format
    scratch = Path(request.scratch)
    found = Format.FILEGDB if depth > 1 and path.is_dir() else recognise(path)  # a folder comes out of an archive
    if found in TABLES:
        return _table(sink, _read_table(path, found, request), found, path.name, limits)
    match found:
        case Format.ZIP | Format.GZIP if not limits.written_bytes:
            raise SourceError(
                N_("{name} is an archive: unpacking it would leave its content on the disk; add the file inside it"),
                name=path.name,
            )
        case Format.ZIP:
            with unpack(path, sublayer=request.sublayer, scratch=scratch, depth=depth) as inner:
                return _read(sink, inner, _inside(request, inner), limits, depth=depth + 1)
        case Format.GZIP:
            with gunzip(path, scratch=scratch, depth=depth) as inner:
                return _read(sink, inner, request, limits, depth=depth + 1)
        case Format.GEOPARQUET:
            return _geoparquet(sink, path, limits)
        case Format.SHAPEFILE:
            return _shapefile(sink, path, request, limits)
        case Format.TAB | Format.MIF:
            return _mapinfo(sink, path, found, request, limits)
        case _:
            return _with_gdal(sink, path, found, request, limits)


def _read_table(path: Path, found: Format, request: Request) -> Table:
    match found:
        case Format.CSV:
            return read_csv(path, encoding=request.encoding)
        case Format.XLSX:
            return read_xlsx(path, sheet=request.sublayer)
        case Format.XML_BOOK | Format.HTML:
            return read_markup(path, found, sheet=request.sublayer)
        case _:
            return read_book(path, sheet=request.sublayer, kind=found.value)


def _inside(request: Request, inner: Path) -> Request:
    """Ask of what was in an archive for the layer named, unless the name was that of the file itself."""
    named = request.sublayer and (request.sublayer.endswith(inner.name) or request.sublayer == inner.stem)
    beside = tuple(map(str, inner.parent.iterdir()))
    return Request(request.path, request.scratch, beside, request.encoding, None if named else request.sublayer)


def _table(sink: Sink, table: Table, found: Format, name: str, limits: Limits) -> Tail:
    meter = Meter(limits, None, name)
    if len(table.rows) > limits.rows:
        raise meter.refusal()
    is_tagged = found in TABLES - {Format.CSV}
    encode = tag if is_tagged else str
    columns: list[pa.Array] = [pa.array(list(table.rows), type=pa.int64())]
    for i in range(len(table.columns)):
        cells = [row[i] for row in table.rows.values()]
        columns.append(pa.array([None if cell is None else encode(cell) for cell in cells], type=pa.large_string()))
    head = Head(found.value, table.columns, encoding=table.encoding, tagged=is_tagged)
    tail = Tail(rejects=table.rejects, findings=table.findings)
    at = geometry_text.column_of(table.columns, table.rows.values())
    if at is not None:
        head.geometry, head.geometry_field = GEOMETRY, table.columns[at]
        written = geometry_text.shapes_of({number: row[at] for number, row in table.rows.items()}, table.columns[at])
        head.crs, tail.faults = written.crs, written.faults
        tail.mend(written.closed, CLOSED)
        columns.append(shapes.encode(np.array(written.shapes, dtype=object)))
    batch = pa.record_batch(columns, names=[ROW, *table.columns, *([GEOMETRY] if head.geometry else [])])
    sink(head, batch.schema, meter.through([batch]))
    return tail


def tag(cell: object) -> str:
    """Write a cell as text that begins with its kind: i(nteger), f(loat), b(oolean), t(ime), d(ate), s(tring)."""
    match cell:
        case bool():
            return f"b{int(cell)}"
        case int():
            return f"i{cell}"
        case float():
            return f"f{cell!r}"
        case dt.datetime():
            return f"t{cell.isoformat()}"
        case dt.date():
            return f"d{cell.isoformat()}"
        case _:
            return f"s{cell}"


def _geoparquet(sink: Sink, path: Path, limits: Limits) -> Tail:
    with geoparquet.open_file(path, path.name) as opened:
        head = Head(Format.GEOPARQUET.value, opened.fields, opened.geometry_name, opened.geometry_encoding, opened.crs)
        schema, tail = plain_schema(opened.schema, path.name), Tail()
        meter = Meter(limits, opened.geometry_name, path.name)
        batches = meter.through(plain(batch, schema) for batch in opened.batches)
        is_wkb = not opened.geometry_encoding
        sink(head, *_with_shapes(tail, opened.geometry_name if is_wkb else None, schema, batches))
    return tail


def _shapefile(sink: Sink, path: Path, request: Request, limits: Limits) -> Tail:
    parts = shapefile.parts(path, map(Path, request.beside))
    cpg = parts[".cpg"].read_text(encoding="latin_1")[:100] if ".cpg" in parts else None
    attributes = shapefile.examine(parts[".dbf"], parts[".dbf"].name, cpg=cpg)
    shapefile.check(parts, attributes.rows)
    encoding = request.encoding if request.encoding not in {None, "repair"} else attributes.encoding
    staged = {suffix: part for suffix, part in parts.items() if suffix != ".cpg"}
    layer = _staged(staged, Path(request.scratch))
    tail = _gdal(sink, layer, path.name, Format.SHAPEFILE, limits, encoding=encoding, sublayer=request.sublayer)
    for row, column, value in attributes.overflowed:
        tail.notice(row, "not_readable", column, value)
    if attributes.claimed and not request.encoding and attributes.encoding != attributes.claimed:
        tail.notice(0, "encoding_not_as_claimed", "", f"{attributes.claimed} → {attributes.encoding}")
    return tail


def _mapinfo(sink: Sink, path: Path, found: Format, request: Request, limits: Limits) -> Tail:
    kept = mapinfo.parts(path, found, map(Path, request.beside))
    encoding = None if request.encoding == "repair" else request.encoding
    scratch = Path(request.scratch)
    mapinfo.with_encoding(kept, found, encoding, scratch if limits.written_bytes else None)
    return _gdal(sink, _staged(kept, scratch), path.name, found, limits, sublayer=request.sublayer)


def _with_gdal(sink: Sink, path: Path, found: Format, request: Request, limits: Limits) -> Tail:
    scratch, encoding = Path(request.scratch), None
    links = 0
    source, stated, named = path, None, 0
    if found is Format.GEOPACKAGE:
        geopackage.examine(path, path.name)
    if found in {Format.KML, Format.GPX}:
        links = path.read_bytes().count(b"<NetworkLink>")
    if found in JSON_FORMATS:
        writable = scratch if limits.written_bytes else None
        source, encoding = geojson.in_utf8(path, writable, path.name, request.encoding)
        source = geojson.without_nul(source, writable, path.name)
    if found in JSON_FORMATS - {Format.GEOJSON}:  # GDAL passes over a mark in that one alone
        source = geojson.without_mark_of_utf8(source, scratch if limits.written_bytes else None, path.name)
    if found in {Format.GEOJSON, Format.GEOJSON_LINES}:
        stated, named = stated_crs(source, name=path.name), geojson.features_named(source)
    left_out: topojson.LeftOut = {}
    if found is Format.TOPOJSON:
        source, left_out = topojson.keep_every_row(source, scratch if limits.written_bytes else None, path.name)
    layer = source if found is Format.FILEGDB else _staged({_SUFFIXES[found]: source}, scratch)
    tail = _gdal(
        sink,
        layer,
        path.name,
        found,
        limits,
        sublayer=request.sublayer,
        stated=stated,
        source=source,
        named=named,
        left_out=left_out,
    )
    if found in JSON_FORMATS and geojson.is_limited(source):
        tail.notice(0, "cut_off_by_its_server", "", "exceededTransferLimit")
    if links:
        tail.notice(0, "link_not_followed", "", f"{links}")
    if encoding not in {None, "utf-8"}:
        tail.notice(0, "encoding_not_as_claimed", "", f"utf-8 → {encoding}")
    return tail


def _gdal(
    sink: Sink,
    layer: Path,
    name: str,
    found: Format,
    limits: Limits,
    *,
    encoding: str | None = None,
    sublayer: str | None = None,
    stated: str | None = None,
    source: Path | None = None,
    named: int = 0,
    left_out: topojson.LeftOut | None = None,
) -> Tail:
    tail = Tail()
    with gdal.open_layer(layer, found, name=name, encoding=encoding, sublayer=sublayer) as opened:
        schema = plain_schema(opened.batches.schema, name)
        geometry = opened.geometry_name if opened.geometry_name in schema.names else None
        is_geojson = found in {Format.GEOJSON, Format.GEOJSON_LINES}
        # RFC 7946 says degrees, but many files say nothing and hold metres; GDAL takes degrees for both
        crs = stated if is_geojson else opened.crs
        fields = [one for one in opened.fields if one in schema.names]
        head = Head(found.value, fields, geometry, crs=crs, encoding=opened.encoding)
        seen = _Seen(tail, geometry)
        curved: list[int] = []
        batches: Iterable[pa.RecordBatch] = (plain(batch, schema) for batch in opened.batches)
        if geometry is not None and found in _WITH_ARCS:
            batches = gdal.straighten(batches, geometry, layer, opened.layer, curved)
        if geometry is not None and found is Format.TOPOJSON:
            batches = (_without_empty(batch, geometry) for batch in batches)
        if found is Format.KML:
            metered = Meter(limits, geometry, name).through(batches)
            head.fields, schema, batches = _with_described(tail, head.fields, schema, metered)
        batches = seen.through(Meter(limits, geometry, name).through(batches))
        sink(head, *_with_shapes(tail, geometry, schema, batches))
        warned = opened.warned
        if found is Format.FLATGEOBUF and seen.rows < opened.count:
            raise DamagedError(
                N_("{name} cannot be read as {format}: it is cut off, or says of itself what is not so"),
                name=name,
                format=found.value,
            )
        if found is Format.TOPOJSON:
            in_layer = (left_out or {}).get(str(opened.layer), {})
            unreadable = {row: in_layer.get(row, "arcs") for row in sorted(seen.hollow)}
            tail.faults |= {row: (UNREADABLE, kind) for row, kind in unreadable.items() if kind}
    if source is not None and is_geojson and (seen.hollow or named > seen.rows):
        _note_reread(tail, geojson.reread(source, found, seen.hollow, name, seen.rows))
    for row in curved:
        tail.notice(row, "curves_straightened", "geometry", "")
    for one in warned:
        tail.notice(0, "reader_warned", "", one.replace(str(layer.parent) + os.sep, "")[:200])
    return tail


def _with_shapes(
    tail: Tail, geometry: str | None, schema: pa.Schema, batches: Iterable[pa.RecordBatch]
) -> tuple[pa.Schema, Iterable[pa.RecordBatch]]:
    """Return batches with coordinates in place of WKB; rings that were closed and what cannot be read are noted."""
    if geometry is None:
        return schema, batches
    place = schema.get_field_index(geometry)
    schema = schema.set(place, pa.field(geometry, shapes.SHAPE))

    def convert() -> Iterator[pa.RecordBatch]:
        done = 0
        for batch in batches:
            found, closed, lost = shapes.parse_wkb(batch.column(place))
            tail.mend((done + 1 + closed).tolist(), CLOSED)
            tail.faults |= {done + 1 + at: (UNREADABLE, "") for at in lost.tolist()}
            columns = [*batch.columns]
            columns[place] = shapes.encode(found)
            done += batch.num_rows
            yield pa.record_batch(columns, schema=schema)

    return schema, convert()


def _note_reread(tail: Tail, result: geojson.Reread) -> None:
    """Note the geometry that was mended, and why other is none."""
    drawn = {row: shapely.from_geojson(text, on_invalid="ignore") for row, text in result.mended.items()}
    tail.faults |= {row: (UNREADABLE, "") for row, shape in drawn.items() if shape is None} | result.faults
    mended = {row: shape for row, shape in drawn.items() if shape is not None}
    tail.mended = dict(zip(mended, shapes.encode(np.array([*mended.values()], dtype=object)).to_pylist(), strict=True))
    tail.side_by_side = [row for row in result.side_by_side if row in mended]


def _without_empty(batch: pa.RecordBatch, geometry: str) -> pa.RecordBatch:
    """Return a batch with null in place of empty geometries."""
    import pyarrow.compute as pc  # not needed for tables

    place = batch.schema.get_field_index(geometry)
    wkb = batch.column(place)
    filled = pc.if_else(pc.greater(pc.binary_length(wkb), _EMPTY_WKB_BYTES), wkb, pa.scalar(None, wkb.type))
    return batch.set_column(place, batch.schema.field(place), filled)


def _with_described(
    tail: Tail,
    fields: list[str],
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
) -> tuple[list[str], pa.Schema, Iterable[pa.RecordBatch]]:
    """Add the fields that the descriptions of places hold; for that all of them have to be seen first."""
    table, found = describe(pa.Table.from_batches(batches, schema))
    if found:
        tail.notice(0, "fields_in_description", "", ", ".join(found)[:200])
    return [*fields, *found], table.schema, table.to_batches()


@dataclass
class _Seen:
    """What passes by: how many rows, which of them have no or empty geometry, which numbers lost digits."""

    tail: Tail
    geometry: str | None
    rows: int = 0
    hollow: set[int] = field(default_factory=set)

    def through(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if self.geometry is not None:
                self._look_at_geometry(batch.column(batch.schema.get_field_index(self.geometry)))
            for i, column in enumerate(batch.schema):
                if pa.types.is_floating(column.type):
                    self._look_at_numbers(column.name, batch.column(i))
            self.rows += batch.num_rows
            yield batch

    def _look_at_geometry(self, wkb: pa.Array) -> None:
        import pyarrow.compute as pc  # not needed for tables

        size = pc.fill_null(pc.binary_length(wkb), 0)
        small = pc.indices_nonzero(pc.less_equal(size, _EMPTY_WKB_BYTES))
        self.hollow.update(self.rows + 1 + place for place in small.to_pylist())

    def _look_at_numbers(self, name: str, values: pa.Array) -> None:
        import pyarrow.compute as pc  # not needed for tables

        large = pc.indices_nonzero(pc.greater(pc.abs(values), float(_EXACT))).to_pylist()
        for place in large:
            self.tail.notice(self.rows + 1 + place, "digits_lost", name, str(values[place]))


def _staged(parts: dict[str, Path], scratch: Path) -> Path:
    """Give the parts of a file plain names side by side: names that mean something to GDAL mean nothing then."""
    for suffix, part in parts.items():
        link = scratch / f"layer{suffix}"
        try:
            link.symlink_to(part.resolve())
        except OSError:  # where users may not make links
            shutil.copyfile(part, link)
    return scratch / f"layer{next(iter(parts))}"
