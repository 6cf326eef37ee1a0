"""Rows as files in each format: replaced atomically, with dates as dates and the terms of the sources."""

import io
import sqlite3
import zipfile
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lindero.app.media.files.plain import escape_cell, to_json
from lindero.layers.disk.builds import replace_file
from lindero.layers.disk.scratch import temporary_folder
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.layer import Layer
from lindero.layers.model.parse_values import is_missing, is_null
from lindero.layers.model.schema import LAYERS

Frame = TypeVar("Frame", bound=pd.DataFrame)
_DRIVERS = {"geojson": "GeoJSON", "fgb": "FlatGeobuf", "kml": "LIBKML"}
_LONGEST_CELL = 32_767  # letters of a cell in a workbook
_LONGEST_FIELD, _LONGEST_NAME = 254, 10  # of a Shapefile: bytes of a text, and letters of a field name
_ARROW = {"DATE": pa.date32(), "INTEGER": pa.int32(), "DOUBLE": pa.float64(), "BOOLEAN": pa.bool_()}
_GEOMETRY_COLUMNS = {"geometry", "geom"}


def write_file(
    rows: pd.DataFrame, kind: str, output: Path, *, layer: Layer | None = None, terms: Sequence[str] = ()
) -> None:
    """Write rows to a new file of a format (`formats.EVERY_KIND`).

    A previous file is replaced only when the new one is complete.

    `layer` gives the column types. `terms` credits the sources, one line each.
    """
    writer = _choose_writer(kind, rows)
    layer_name = layer.name if layer else output.name.partition(".")[0]
    with replacement_file(output) as temporary:
        writer(join_lists(rows), temporary, layer_name, layer, terms)
    if kind == "csv" and terms:
        with replacement_file(output.with_name(f"{output.stem}-LICENCE.txt")) as licence_file:
            licence_file.write_text("\n".join(terms) + "\n", encoding="utf-8")


@contextmanager
def replacement_file(output: Path) -> Generator[Path]:
    """Yield the path of a temporary file that atomically replaces `output` when the block ends."""
    try:
        with temporary_folder(output.resolve().parent) as folder:
            temporary = folder / output.name
            yield temporary
            replace_file(temporary, output)
    except _list_write_errors() as error:
        why = getattr(error, "strerror", None) or error
        raise AnswerError(N_("{file} cannot be written: {why}"), file=output, why=why) from error


def _list_write_errors() -> tuple[type[Exception], ...]:
    """Return the errors that mean that a file cannot be written. GDAL is loaded only for formats that need it."""
    from pyogrio.errors import DataLayerError, DataSourceError, FieldError

    return (OSError, DataLayerError, DataSourceError, FieldError, ValueError, pa.ArrowException, sqlite3.Error)


def write_layers(layers: Mapping[str, gpd.GeoDataFrame], kind: str, output: Path, *, terms: Sequence[str] = ()) -> None:
    """Write layers (rows by layer name) to one file for phones: `gpx`, `kml-phone`, or `kmz`, which is zipped KML."""
    from lindero.app.media.files.formats import gpx
    from lindero.app.text.codes import class_label

    titles = {name: class_label(name) for name in layers}
    with replacement_file(output) as temporary:
        if kind == "gpx":
            temporary.write_bytes(gpx.layers_to_gpx({titles[name]: rows for name, rows in layers.items()}, terms))
        else:
            _write_kml_layers(layers, titles, temporary, terms, packed=kind == "kmz")


def _write_kml_layers(
    layers: Mapping[str, gpd.GeoDataFrame],
    titles: Mapping[str, str],
    output: Path,
    terms: Sequence[str],
    *,
    packed: bool,
) -> None:
    from lindero.app.media.files.formats import kml_outlines

    files = {titles[name]: output.parent / f".{name}.kml" for name in layers}
    for (name, rows), file in zip(layers.items(), files.values(), strict=True):
        _write_phone_kml(join_lists(rows), file, name, LAYERS.get(name), terms)
    merged = output.parent / ".doc.kml" if packed else output
    kml_outlines.merge_files(files, merged)
    if packed:
        with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(merged, "doc.kml")


def add_layer(rows: gpd.GeoDataFrame, name: str, output: Path) -> None:
    """Add a layer to an existing GeoPackage."""
    text_columns = {column: rows[column].astype(str) for column in ("as_of",) if column in rows}
    flat = join_lists(rows.assign(**text_columns))
    try:
        flat.to_file(output, layer=name, driver="GPKG", engine="pyogrio", index=False, mode="a")
    except _list_write_errors() as error:
        raise AnswerError(N_("{file} cannot be written: {why}"), file=output, why=error) from error


def count_losses(rows: pd.DataFrame, kind: str) -> dict[str, int]:
    """Count the values of these rows that a format cannot hold: `boundaries_too_long`, `texts_cut`.

    Kinds of loss that do not occur are left out.
    """
    losses_by_column: dict[str, int] = {}
    if kind == "xlsx" and has_geometry(rows):
        losses_by_column["boundaries_too_long"] = sum(len(text) > _LONGEST_CELL for text in _to_wkt(rows).dropna())
    if kind == "shp":
        texts = (value for name in rows.columns for value in rows[name] if isinstance(value, str))
        losses_by_column["texts_cut"] = sum(len(text.encode()) > _LONGEST_FIELD for text in texts)
    return {name: count for name, count in losses_by_column.items() if count}


def has_geometry(rows: pd.DataFrame) -> bool:
    """Return whether rows have geometry."""
    return isinstance(rows, gpd.GeoDataFrame) and rows.active_geometry_name is not None


def require_geometry(rows: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the rows as a GeoDataFrame."""
    if not isinstance(rows, gpd.GeoDataFrame) or rows.active_geometry_name is None:
        raise AnswerError(N_("this answer has no geometry to write; choose csv or json"))
    return rows


def join_lists(frame: Frame) -> Frame:
    """Return a copy with lists joined to text by semicolons, because GIS formats have no lists."""
    several = (list, np.ndarray)
    lists = [name for name in frame.columns if any(isinstance(value, several) for value in frame[name])]
    flat = frame.copy()
    for name in lists:
        flat[name] = [";".join(value) if isinstance(value, several) else None for value in frame[name]]
    return flat


def mixed_columns_to_text(rows: Frame) -> Frame:
    """Return a copy with columns of mixed types, such as dates and missing values, as text for GIS formats."""
    flat = join_lists(rows)
    for column in [name for name in flat if flat[name].dtype == object]:
        flat[column] = [None if is_missing(value) else str(value) for value in flat[column]]
    return flat


def to_csv(rows: pd.DataFrame, *, header: bool = True) -> str:
    """Return rows as CSV.

    A cell that a spreadsheet would run as a formula is marked as text. A lone carriage return does not end a row.
    """
    out = io.StringIO()
    table = _geometry_to_text(rows)
    numeric = table.select_dtypes(["number", "bool"]).columns  # the cells of other columns may be text
    cells = [table[name] if name in numeric else table[name].map(escape_cell) for name in table]
    (pd.concat(cells, axis=1) if cells else table).to_csv(out, index=False, header=header)
    return out.getvalue()


def to_records(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Return rows as dictionaries for JSON: missing values are None, and geometry is left out."""
    table = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    return [
        {str(name): None if is_null(value) else value for name, value in row.items()}
        for row in table.astype(object).to_dict("records")
    ]


_Writer = Callable[[pd.DataFrame, Path, str, Layer | None, Sequence[str]], None]


def _choose_writer(kind: str, rows: pd.DataFrame) -> _Writer:
    table_writers: Mapping[str, _Writer] = {"csv": _write_csv, "json": _write_json, "xlsx": _write_xlsx}
    if kind in table_writers:
        return table_writers[kind]
    if kind == "parquet":
        return _write_geoparquet if has_geometry(rows) else _write_parquet
    require_geometry(rows)
    geometry_writers: Mapping[str, _Writer] = {
        "gpkg": _write_geopackage,
        "gpx": _write_gpx,
        "kml-phone": _write_phone_kml,
        "shp": _write_shapefile,
    }
    return geometry_writers[kind] if kind in geometry_writers else partial(_write_gis, driver=_DRIVERS[kind])


def _write_gpx(rows: pd.DataFrame, output: Path, _name: str, _layer: Layer | None, terms: Sequence[str]) -> None:
    from lindero.app.media.files.formats import gpx

    output.write_bytes(gpx.rows_to_gpx(require_geometry(rows), terms))


def _write_csv(rows: pd.DataFrame, output: Path, _name: str, _layer: Layer | None, _terms: Sequence[str]) -> None:
    output.write_text(to_csv(rows), encoding="utf-8-sig")  # spreadsheets need the byte-order mark to read Ñ


def _write_json(rows: pd.DataFrame, output: Path, name: str, _layer: Layer | None, terms: Sequence[str]) -> None:
    output.write_text(to_json({"layer": name, "terms": [*terms], "rows": to_records(rows)}), encoding="utf-8")


def _write_xlsx(rows: pd.DataFrame, output: Path, name: str, layer: Layer | None, terms: Sequence[str]) -> None:
    """Write a workbook of one sheet. Text stays text, even if it looks like a formula."""
    import openpyxl  # slow to load, and no other format needs it

    book = openpyxl.Workbook(write_only=True)
    book.properties.title, book.properties.description = name, "\n".join(terms)
    sheet = book.create_sheet(name[:31])
    sheet.freeze_panes = "A2"
    table = _geometry_to_text(apply_types(rows, layer))
    sheet.append([*table.columns])
    for row in table.astype(object).itertuples(index=False):
        sheet.append([_build_cell(sheet, value) for value in row])
    book.save(output)


def _build_cell(sheet: object, value: object) -> object:
    if is_null(value) or (isinstance(value, str) and len(value) > _LONGEST_CELL):
        return None
    if not isinstance(value, str):
        return value.item() if isinstance(value, np.generic) else value
    from openpyxl.cell import WriteOnlyCell  # loaded here for the same reason
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\ufffd", value))
    cell.data_type = "s"
    return cell


def _write_parquet(rows: pd.DataFrame, output: Path, _name: str, layer: Layer | None, terms: Sequence[str]) -> None:
    table = pa.Table.from_pandas(pd.DataFrame(apply_types(rows, layer)), preserve_index=False)
    pq.write_table(_add_terms(table, terms), output)


def _write_geoparquet(rows: pd.DataFrame, output: Path, _name: str, layer: Layer | None, terms: Sequence[str]) -> None:
    require_geometry(apply_types(rows, layer)).to_parquet(output, index=False)
    if terms:
        pq.write_table(_add_terms(pq.read_table(output), terms), output)


def _add_terms(table: pa.Table, terms: Sequence[str]) -> pa.Table:
    metadata = table.schema.metadata or {}
    return table.replace_schema_metadata({**metadata, b"terms": "\n".join(terms).encode()} if terms else metadata)


def _write_gis(
    rows: pd.DataFrame, output: Path, name: str, layer: Layer | None, terms: Sequence[str], *, driver: str
) -> None:
    frame = require_geometry(apply_types(rows, layer))
    options = {"DESCRIPTION": "\n".join(terms)} if terms else {}
    if driver == "FlatGeobuf" and frame.geometry.isna().any():
        options["SPATIAL_INDEX"] = "NO"  # the index cannot contain rows without a place
    if driver == "LIBKML":
        import pyogrio

        pyogrio.set_gdal_config_options({"LIBKML_VISIBILITY_FIELD": "kml_visibility"})  # it is a column of ours
    _write_dataframe(frame, output, driver, name, options)


def _write_geopackage(rows: pd.DataFrame, output: Path, name: str, layer: Layer | None, terms: Sequence[str]) -> None:
    """Write a GeoPackage. A known layer gets QGIS styles and translated field aliases."""
    _write_gis(rows, output, name, layer, terms, driver="GPKG")
    if layer is not None:
        from lindero.app.media.files.formats import qgis
        from lindero.layers.publish import geopackage_style

        geopackage_style.write_layer_style(output, name, qgis.build_layer_style(require_geometry(rows), layer, terms))


def _write_phone_kml(rows: pd.DataFrame, output: Path, name: str, layer: Layer | None, terms: Sequence[str]) -> None:
    from lindero.app.media.files.formats import kml_outlines

    _write_gis(rows, output, name, layer, terms, driver="LIBKML")
    kml_outlines.add_outlines(output, require_geometry(rows), name)


def _write_dataframe(frame: gpd.GeoDataFrame, output: Path, driver: str, name: str, options: Mapping[str, str]) -> None:
    import pyogrio

    pyogrio.write_dataframe(frame, output, driver=driver, layer=name, use_arrow=True, layer_options=dict(options))


def _write_shapefile(rows: pd.DataFrame, output: Path, name: str, layer: Layer | None, terms: Sequence[str]) -> None:
    """Write a zip archive of a Shapefile, or of two if there are both points and areas.

    `fields.txt` lists the full name of each field.
    """
    frame = require_geometry(apply_types(rows, layer))
    short = _short_names(name for name in frame.columns if name != frame.geometry.name)
    areas = frame.geometry.geom_type.isin(["Polygon", "MultiPolygon"])
    parts = {name: frame}
    if areas.any() and frame.geometry[~areas].notna().any():
        parts = {f"{name}_areas": frame[areas], f"{name}_points": frame[~areas]}
    folder = output.parent / "shapefile"
    folder.mkdir()
    for part, part_rows in parts.items():
        flags = part_rows.select_dtypes("bool[pyarrow]").columns
        numbers = part_rows.assign(**{flag: part_rows[flag].astype("int32[pyarrow]") for flag in flags})
        renamed = require_geometry(numbers.rename(columns=short))
        _write_dataframe(renamed, folder / f"{part}.shp", "ESRI Shapefile", part, {"ENCODING": "UTF-8"})
    fields = "".join(f"{short_name},{full_name}\r\n" for full_name, short_name in short.items())
    (folder / "fields.txt").write_text(f"field,column\r\n{fields}", encoding="utf-8")
    (folder / "LICENCE.txt").write_text("\n".join(terms) + "\n", encoding="utf-8")
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)


def _short_names(names: Iterable[object]) -> dict[str, str]:
    """Shorten names to the length that a Shapefile allows, and keep them distinct."""
    short: dict[str, str] = {}
    for name in map(str, names):
        short_name, number = name[:_LONGEST_NAME], 1
        while short_name in short.values():
            number += 1
            short_name = f"{name[: _LONGEST_NAME - len(str(number))]}{number}"
        short[name] = short_name
    return short


def apply_types(rows: Frame, layer: Layer | None) -> Frame:
    """Convert columns to the types that the layer defines. A column without any value becomes text."""
    kinds = {column.name: column.type for column in layer.columns if not column.several} if layer else {}
    frame = rows.copy()
    for name in frame.columns.difference([*_GEOMETRY_COLUMNS, getattr(rows, "active_geometry_name", None)]):
        kind = _ARROW.get(kinds.get(str(name), ""))
        if kind is not None:
            values = [None if is_null(value) else value for value in frame[name].astype(object)]
            frame[name] = pd.Series(pd.array(_cast_values(values, kind), dtype=pd.ArrowDtype(kind)), index=frame.index)
        elif frame[name].isna().all():
            frame[name] = pd.Series([None] * len(frame), index=frame.index, dtype=pd.ArrowDtype(pa.large_string()))
    return frame


def _cast_values(values: list[object], kind: pa.DataType) -> pa.Array:
    if pa.types.is_date(kind):
        values = [value.date() if isinstance(value, pd.Timestamp) else value for value in values]
    if pa.types.is_integer(kind):
        values = [None if value is None else int(str(value).removesuffix(".0")) for value in values]
    return pa.array(values, type=kind)


def _geometry_to_text(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with their geometry as WKT."""
    if not has_geometry(rows):
        return pd.DataFrame(rows)
    frame = require_geometry(rows)
    return pd.DataFrame(frame.drop(columns=frame.geometry.name)).assign(geometry=_to_wkt(frame))


def _to_wkt(rows: pd.DataFrame) -> "pd.Series[str]":
    return pd.Series(require_geometry(rows).geometry.to_wkt(), index=rows.index)
