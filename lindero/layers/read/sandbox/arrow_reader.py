"""Reading one received file as Arrow inside the sandbox (`restrictions`), without pandas or geopandas."""

import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely

from lindero.layers.errors import N_, DamagedError, SourceError
from lindero.layers.read.formats import geometry_text
from lindero.layers.read.formats.archives import gunzip, unpack
from lindero.layers.read.formats.detect import JSON_FORMATS, TABLES, Format, detect_format, read_crs_name
from lindero.layers.read.formats.encodings import MIXED
from lindero.layers.read.formats.markup_tables import read_markup
from lindero.layers.read.formats.tables import Table, read_csv
from lindero.layers.read.formats.vector import gdal, geojson, geopackage, geoparquet, mapinfo, shapefile, topojson
from lindero.layers.read.formats.vector.kml_description import add_described_fields
from lindero.layers.read.formats.workbook import read_workbook, read_xlsx
from lindero.layers.read.sandbox import shapes
from lindero.layers.read.sandbox.restrictions import Limits
from lindero.layers.read.sandbox.worker_protocol import Head, Meter, Request, Tail, convert_batch, plain_schema

GEOMETRY = "lindero:geometry"  # the column with the geometry that the cells of a table contain as text
RING_CLOSED = "ring_closed"
UNREADABLE = "unreadable_geometry"
ROW = "lindero:row"  # the column with the row numbers of a table; features are numbered in order
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
_ARC_FORMATS = frozenset({Format.GEOPACKAGE, Format.FILEGDB})
_EXACT = 2**53  # larger numbers with a decimal point are not exact


Sink = Callable[[Head, pa.Schema, Iterable[pa.RecordBatch]], None]


def read_layer(sink: Sink, request: Request, limits: Limits) -> Tail:
    """Read the requested file: pass its head and rows to `sink` and return the tail."""
    return _read_file(sink, Path(request.path), request, limits, depth=1)


def _read_file(sink: Sink, path: Path, request: Request, limits: Limits, *, depth: int) -> Tail:  # noqa: PLR0911  one a format
    scratch = Path(request.scratch)
    file_format = (
        Format.FILEGDB if depth > 1 and path.is_dir() else detect_format(path)
    )  # an archive may contain a geodatabase folder
    if file_format in TABLES:
        return _send_table(sink, _read_table(path, file_format, request), file_format, path.name, limits)
    match file_format:
        case Format.ZIP | Format.GZIP if not limits.written_bytes:
            raise SourceError(
                N_("{name} is an archive. Unpacking it would leave its content on the disk; add the file inside it"),
                name=path.name,
            )
        case Format.ZIP:
            with unpack(path, sublayer=request.sublayer, scratch=scratch, depth=depth) as inner:
                return _read_file(sink, inner, _inner_request(request, inner), limits, depth=depth + 1)
        case Format.GZIP:
            with gunzip(path, scratch=scratch, depth=depth) as inner:
                return _read_file(sink, inner, request, limits, depth=depth + 1)
        case Format.GEOPARQUET:
            return _send_geoparquet(sink, path, limits)
        case Format.SHAPEFILE:
            return _send_shapefile(sink, path, request, limits)
        case Format.TAB | Format.MIF:
            return _send_mapinfo(sink, path, file_format, request, limits)
        case _:
            return _send_gdal_format(sink, path, file_format, request, limits)


def _read_table(path: Path, file_format: Format, request: Request) -> Table:
    match file_format:
        case Format.CSV:
            return read_csv(path, encoding=request.encoding)
        case Format.XLSX:
            return read_xlsx(path, sheet=request.sublayer)
        case Format.XML_BOOK | Format.HTML:
            return read_markup(path, file_format, sheet=request.sublayer)
        case _:
            return read_workbook(path, sheet=request.sublayer, kind=file_format.value)


def _inner_request(request: Request, inner: Path) -> Request:
    """Build the request for the file inside an archive, with the layer name unless it was the inner file's own."""
    is_file_name = request.sublayer and (request.sublayer.endswith(inner.name) or request.sublayer == inner.stem)
    siblings = tuple(map(str, inner.parent.iterdir()))
    return Request(
        request.path, request.scratch, siblings, request.encoding, None if is_file_name else request.sublayer
    )


def _send_table(sink: Sink, table: Table, file_format: Format, name: str, limits: Limits) -> Tail:
    meter = Meter(limits, None, name)
    if len(table.rows) > limits.rows:
        raise meter.limit_error()
    is_tagged = file_format in TABLES - {Format.CSV}
    encode = tag_cell if is_tagged else str
    columns: list[pa.Array] = [pa.array(list(table.rows), type=pa.int64())]
    for i in range(len(table.columns)):
        cells = [row[i] for row in table.rows.values()]
        columns.append(pa.array([None if cell is None else encode(cell) for cell in cells], type=pa.large_string()))
    head = Head(file_format.value, table.columns, encoding=table.encoding, tagged=is_tagged)
    tail = Tail(rejects=table.rejects, findings=table.findings)
    geometry_column = geometry_text.find_geometry_column(table.columns, table.rows.values())
    if geometry_column is not None:
        head.geometry, head.geometry_field = GEOMETRY, table.columns[geometry_column]
        parsed = geometry_text.parse_column(
            {number: row[geometry_column] for number, row in table.rows.items()}, table.columns[geometry_column]
        )
        head.crs, tail.faults = parsed.crs, parsed.faults
        tail.add_repairs(parsed.closed, RING_CLOSED)
        columns.append(shapes.encode(np.array(parsed.shapes, dtype=object)))
    batch = pa.record_batch(columns, names=[ROW, *table.columns, *([GEOMETRY] if head.geometry else [])])
    sink(head, batch.schema, meter.iter_batches([batch]))
    return tail


def tag_cell(cell: object) -> str:
    """Format a cell as text that starts with a letter for its type.

    The letters are i (integer), f (float), b (boolean), t (date with time), d (date) and s (string).
    """
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


def _send_geoparquet(sink: Sink, path: Path, limits: Limits) -> Tail:
    with geoparquet.open_file(path, path.name) as opened:
        head = Head(Format.GEOPARQUET.value, opened.fields, opened.geometry_name, opened.geometry_encoding, opened.crs)
        schema, tail = plain_schema(opened.schema, path.name), Tail()
        meter = Meter(limits, opened.geometry_name, path.name)
        batches = meter.iter_batches(convert_batch(batch, schema) for batch in opened.batches)
        is_wkb = not opened.geometry_encoding
        sink(head, *_convert_shapes(tail, opened.geometry_name if is_wkb else None, schema, batches))
    return tail


def _send_shapefile(sink: Sink, path: Path, request: Request, limits: Limits) -> Tail:
    parts = shapefile.find_parts(path, map(Path, request.beside))
    cpg = parts[".cpg"].read_text(encoding="latin_1")[:100] if ".cpg" in parts else None
    attributes = shapefile.read_attributes(parts[".dbf"], parts[".dbf"].name, cpg=cpg)
    shapefile.check_lengths(parts, attributes.rows)
    encoding = request.encoding if request.encoding not in {None, "repair"} else attributes.encoding
    if encoding == MIXED:  # read byte by byte; the parent process decodes the cells in UTF-8
        encoding, sink = "latin_1", _mark_mixed_values(sink)
    linked_parts = {suffix: part for suffix, part in parts.items() if suffix != ".cpg"}
    layer = _stage_parts(linked_parts, Path(request.scratch))
    tail = _send_gdal_layer(
        sink, layer, path.name, Format.SHAPEFILE, limits, encoding=encoding, sublayer=request.sublayer
    )
    for row, column, value in attributes.overflowed:
        tail.add_finding(row, "not_readable", column, value)
    if attributes.claimed and not request.encoding and attributes.encoding != attributes.claimed:
        tail.add_finding(0, "encoding_not_as_claimed", "", f"{attributes.claimed} → {attributes.encoding}")
    return tail


def _mark_mixed_values(sink: Sink) -> Sink:
    return lambda head, schema, batches: sink(replace(head, encoding=MIXED), schema, batches)


def _send_mapinfo(sink: Sink, path: Path, file_format: Format, request: Request, limits: Limits) -> Tail:
    table_parts = mapinfo.find_parts(path, file_format, map(Path, request.beside))
    encoding = None if request.encoding == "repair" else request.encoding
    scratch = Path(request.scratch)
    mapinfo.ensure_charset(table_parts, file_format, encoding, scratch if limits.written_bytes else None)
    return _send_gdal_layer(
        sink, _stage_parts(table_parts, scratch), path.name, file_format, limits, sublayer=request.sublayer
    )


def _send_gdal_format(sink: Sink, path: Path, file_format: Format, request: Request, limits: Limits) -> Tail:
    scratch, encoding = Path(request.scratch), None
    links = 0
    source, crs_name, feature_count = path, None, 0
    if file_format is Format.GEOPACKAGE:
        geopackage.check_tables(path, path.name)
    if file_format in {Format.KML, Format.GPX}:
        links = path.read_bytes().count(b"<NetworkLink>")
    if file_format in JSON_FORMATS:
        writable = scratch if limits.written_bytes else None
        source, encoding = geojson.ensure_utf8(path, writable, path.name, request.encoding)
        source = geojson.replace_nul(source, writable, path.name)
    if file_format in JSON_FORMATS - {Format.GEOJSON}:  # GDAL skips a byte order mark only in this format
        source = geojson.remove_bom(source, scratch if limits.written_bytes else None, path.name)
    if file_format in {Format.GEOJSON, Format.GEOJSON_LINES}:
        crs_name, feature_count = read_crs_name(source, name=path.name), geojson.count_features(source)
    unreadable: topojson.LeftOut = {}
    if file_format is Format.TOPOJSON:
        source, unreadable = topojson.keep_every_row(source, scratch if limits.written_bytes else None, path.name)
    layer = source if file_format is Format.FILEGDB else _stage_parts({_SUFFIXES[file_format]: source}, scratch)
    tail = _send_gdal_layer(
        sink,
        layer,
        path.name,
        file_format,
        limits,
        sublayer=request.sublayer,
        crs_name=crs_name,
        source=source,
        feature_count=feature_count,
        unreadable_objects=unreadable,
    )
    if file_format in JSON_FORMATS and geojson.is_truncated(source):
        tail.add_finding(0, "cut_off_by_its_server", "", "exceededTransferLimit")
    if links:
        tail.add_finding(0, "link_not_followed", "", f"{links}")
    if encoding not in {None, "utf-8"}:
        tail.add_finding(0, "encoding_not_as_claimed", "", f"utf-8 → {encoding}")
    return tail


def _send_gdal_layer(
    sink: Sink,
    layer: Path,
    name: str,
    file_format: Format,
    limits: Limits,
    *,
    encoding: str | None = None,
    sublayer: str | None = None,
    crs_name: str | None = None,
    source: Path | None = None,
    feature_count: int = 0,
    unreadable_objects: topojson.LeftOut | None = None,
) -> Tail:
    tail = Tail()
    with gdal.open_layer(layer, file_format, name=name, encoding=encoding, sublayer=sublayer) as opened:
        schema = plain_schema(opened.batches.schema, name)
        geometry = opened.geometry_name if opened.geometry_name in schema.names else None
        is_geojson = file_format in {Format.GEOJSON, Format.GEOJSON_LINES}
        # RFC 7946 requires degrees, but many files state no CRS and contain metres. GDAL assumes degrees for both.
        crs = crs_name if is_geojson else opened.crs
        fields = [message for message in opened.fields if message in schema.names]
        head = Head(file_format.value, fields, geometry, crs=crs, encoding=opened.encoding)
        observer = _BatchObserver(tail, geometry)
        curved: list[int] = []
        batches: Iterable[pa.RecordBatch] = (convert_batch(batch, schema) for batch in opened.batches)
        if geometry is not None and file_format in _ARC_FORMATS:
            batches = gdal.straighten_arcs(batches, geometry, layer, opened.layer, curved)
        if geometry is not None and file_format is Format.TOPOJSON:
            batches = (shapes.clear_empty_geometries(batch, geometry) for batch in batches)
        if file_format is Format.KML:
            metered = Meter(limits, geometry, name).iter_batches(batches)
            head.fields, schema, batches = _add_description_fields(tail, head.fields, schema, metered)
        batches = observer.iter_batches(Meter(limits, geometry, name).iter_batches(batches))
        sink(head, *_convert_shapes(tail, geometry, schema, batches))
        warned = opened.warnings
        if file_format is Format.FLATGEOBUF and observer.rows < opened.count:
            raise DamagedError(
                N_("{name} cannot be read as {format}: it is truncated, or its header is wrong"),
                name=name,
                format=file_format.value,
            )
        if file_format is Format.TOPOJSON:
            in_layer = (unreadable_objects or {}).get(str(opened.layer), {})
            unreadable = {row: in_layer.get(row, "arcs") for row in sorted(observer.hollow)}
            tail.faults |= {row: (UNREADABLE, kind) for row, kind in unreadable.items() if kind}
    if source is not None and is_geojson and (observer.hollow or feature_count > observer.rows):
        _note_diagnosis(tail, geojson.diagnose_geometries(source, file_format, observer.hollow, name, observer.rows))
    for row in curved:
        tail.add_finding(row, "curves_straightened", "geometry", "")
    for message in warned:
        tail.add_finding(0, "reader_warned", "", message.replace(str(layer.parent) + os.sep, "")[:200])
    return tail


def _convert_shapes(
    tail: Tail, geometry: str | None, schema: pa.Schema, batches: Iterable[pa.RecordBatch]
) -> tuple[pa.Schema, Iterable[pa.RecordBatch]]:
    """Return WKB as coordinate arrays: schema and batches. Closed rings and unreadable geometry go to `tail`."""
    if geometry is None:
        return schema, batches
    geometry_index = schema.get_field_index(geometry)
    schema = schema.set(geometry_index, pa.field(geometry, shapes.SHAPE))

    def convert_batches() -> Iterator[pa.RecordBatch]:
        row_count = 0
        for batch in batches:
            geometries, closed, lost = shapes.parse_wkb(batch.column(geometry_index))
            tail.add_repairs((row_count + 1 + closed).tolist(), RING_CLOSED)
            tail.faults |= {row_count + 1 + position: (UNREADABLE, "") for position in lost.tolist()}
            columns = [*batch.columns]
            columns[geometry_index] = shapes.encode(geometries)
            row_count += batch.num_rows
            yield pa.record_batch(columns, schema=schema)

    return schema, convert_batches()


def _note_diagnosis(tail: Tail, result: geojson.GeometryDiagnosis) -> None:
    """Record which geometries were repaired, and why the others cannot be read."""
    geometries = {row: shapely.from_geojson(text, on_invalid="ignore") for row, text in result.mended.items()}
    tail.faults |= {row: (UNREADABLE, "") for row, shape in geometries.items() if shape is None} | result.faults
    mended = {row: shape for row, shape in geometries.items() if shape is not None}
    tail.mended = dict(zip(mended, shapes.encode(np.array([*mended.values()], dtype=object)).to_pylist(), strict=True))
    tail.side_by_side = [row for row in result.side_by_side if row in mended]


def _add_description_fields(
    tail: Tail,
    fields: list[str],
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
) -> tuple[list[str], pa.Schema, Iterable[pa.RecordBatch]]:
    """Add the fields in descriptions of KML placemarks; all batches are read first, as each may have others."""
    table, new_fields = add_described_fields(pa.Table.from_batches(batches, schema))
    if new_fields:
        tail.add_finding(0, "fields_in_description", "", ", ".join(new_fields)[:200])
    return [*fields, *new_fields], table.schema, table.to_batches()


@dataclass
class _BatchObserver:
    """An observer of batches that counts rows and records rows without geometry.

    It also records a finding for each number too large to be exact as a float.
    """

    tail: Tail
    geometry: str | None
    rows: int = 0
    hollow: set[int] = field(default_factory=set)

    def iter_batches(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if self.geometry is not None:
                self._find_empty_geometries(batch.column(batch.schema.get_field_index(self.geometry)))
            for i, column in enumerate(batch.schema):
                if pa.types.is_floating(column.type):
                    self._find_lost_digits(column.name, batch.column(i))
            self.rows += batch.num_rows
            yield batch

    def _find_empty_geometries(self, wkb: pa.Array) -> None:
        import pyarrow.compute as pc  # not needed for tables

        size = pc.fill_null(pc.binary_length(wkb), 0)
        small = pc.indices_nonzero(pc.less_equal(size, shapes.EMPTY_WKB_BYTES))
        self.hollow.update(self.rows + 1 + position for position in small.to_pylist())

    def _find_lost_digits(self, name: str, values: pa.Array) -> None:
        import pyarrow.compute as pc  # not needed for tables

        large = pc.indices_nonzero(pc.greater(pc.abs(values), float(_EXACT))).to_pylist()
        for position in large:
            self.tail.add_finding(self.rows + 1 + position, "digits_lost", name, str(values[position]))


def _stage_parts(parts: dict[str, Path], scratch: Path) -> Path:
    """Link the parts of a file side by side under plain names, and return the path of the first.

    GDAL gives meaning to some file names; plain names avoid that. Where links are not permitted, the parts are copied.
    """
    for suffix, part in parts.items():
        link = scratch / f"layer{suffix}"
        try:
            link.symlink_to(part.resolve())
        except OSError:  # users may not be allowed to create links
            shutil.copyfile(part, link)
    return scratch / f"layer{next(iter(parts))}"
