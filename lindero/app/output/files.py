"""Rows as files of every kind, each whole or not at all, with days as days and the terms of their sources inside."""

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
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FieldError

from lindero.app.output.plain import as_json, as_text
from lindero.app.text.digits import rounded
from lindero.layers.disk.builds import put_in_place
from lindero.layers.disk.scratch import scratch
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.layer import Layer
from lindero.layers.model.parse_values import is_missing, is_null
from lindero.layers.model.schema import LAYERS

Frame = TypeVar("Frame", bound=pd.DataFrame)
_DRIVERS = {"geojson": "GeoJSON", "fgb": "FlatGeobuf", "kml": "LIBKML"}
_LONGEST_CELL = 32_767  # letters, of a workbook
_LONGEST_FIELD, _LONGEST_NAME = 254, 10  # bytes of a Shapefile's text and letters of its fields' names
_ARROW = {"DATE": pa.date32(), "INTEGER": pa.int32(), "DOUBLE": pa.float64(), "BOOLEAN": pa.bool_()}
_BESIDE = {"geometry", "geom"}
_NOT_WRITTEN = (OSError, DataLayerError, DataSourceError, FieldError, ValueError, pa.ArrowException, sqlite3.Error)


def write_file(
    rows: pd.DataFrame, kind: str, output: Path, *, layer: Layer | None = None, terms: Sequence[str] = ()
) -> None:
    """
    Write rows to a new file of a kind (`format.EVERY_KIND`); an earlier one of its name stays unless this one is whole.

    `layer` tells the types of its columns, `terms` whose the rows are, a line each.

    Raises
    ------
    AnswerError
        If the kind holds geometry and the rows have none, or the file cannot be written.
    """
    writer = _writer(kind, rows)
    named = layer.name if layer else output.name.partition(".")[0]
    with new_file(output) as written:
        writer(plain(rows), written, named, layer, terms)
    if kind == "csv" and terms:
        with new_file(output.with_name(f"{output.stem}-LICENCE.txt")) as beside:
            beside.write_text("\n".join(terms) + "\n", encoding="utf-8")


@contextmanager
def new_file(output: Path) -> Generator[Path]:
    """Yield the path of a file in a folder of its own; once written, it replaces `output`, whole or not at all."""
    try:
        with scratch(output.resolve().parent) as folder:
            written = folder / output.name
            yield written
            put_in_place(written, output)
    except _NOT_WRITTEN as error:
        why = getattr(error, "strerror", None) or error
        raise AnswerError(N_("{file} cannot be written: {why}"), file=output, why=why) from error


def write_together(
    layers: Mapping[str, gpd.GeoDataFrame], kind: str, output: Path, *, terms: Sequence[str] = ()
) -> None:
    """
    Write layers (rows by the name of each) to one file for phones: `gpx`, `kml-phone`, or `kmz`, which is that packed.

    Raises
    ------
    AnswerError
        If the file cannot be written.
    """
    from lindero.app.output.formats import gpx
    from lindero.app.output.symbols import label

    titles = {name: label(name) for name in layers}
    with new_file(output) as written:
        if kind == "gpx":
            written.write_bytes(gpx.together({titles[name]: rows for name, rows in layers.items()}, terms))
        else:
            _kml_together(layers, titles, written, terms, packed=kind == "kmz")


def _kml_together(
    layers: Mapping[str, gpd.GeoDataFrame],
    titles: Mapping[str, str],
    output: Path,
    terms: Sequence[str],
    *,
    packed: bool,
) -> None:
    from lindero.app.output.formats import kml_outlines

    files = {titles[name]: output.parent / f".{name}.kml" for name in layers}
    for (name, rows), file in zip(layers.items(), files.values(), strict=True):
        _phone_kml(plain(rows), file, name, LAYERS.get(name), terms)
    whole = output.parent / ".doc.kml" if packed else output
    kml_outlines.together(files, whole)
    if packed:
        with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(whole, "doc.kml")


def add_layer(rows: gpd.GeoDataFrame, name: str, output: Path) -> None:
    """
    Add a layer to a GeoPackage that was written before.

    Raises
    ------
    AnswerError
        If it cannot be written.
    """
    texts = {column: rows[column].astype(str) for column in ("as_of",) if column in rows}
    flat = plain(rows.assign(**texts))
    try:
        flat.to_file(output, layer=name, driver="GPKG", engine="pyogrio", index=False, mode="a")
    except (OSError, DataLayerError, DataSourceError) as error:
        raise AnswerError(N_("{file} cannot be written: {why}"), file=output, why=error) from error


def losses(rows: pd.DataFrame, kind: str) -> dict[str, int]:
    """Count what a kind of file cannot hold of these rows: `boundaries_too_long`, `texts_cut`; empty if nothing."""
    losses_by_column: dict[str, int] = {}
    if kind == "xlsx" and is_drawn(rows):
        losses_by_column["boundaries_too_long"] = sum(len(text) > _LONGEST_CELL for text in _wkt(rows).dropna())
    if kind == "shp":
        texts = (value for name in rows.columns for value in rows[name] if isinstance(value, str))
        losses_by_column["texts_cut"] = sum(len(text.encode()) > _LONGEST_FIELD for text in texts)
    return {name: count for name, count in losses_by_column.items() if count}


def is_drawn(rows: pd.DataFrame) -> bool:
    """Whether rows have geometry."""
    return isinstance(rows, gpd.GeoDataFrame) and rows.active_geometry_name is not None


def with_geometry(rows: pd.DataFrame) -> gpd.GeoDataFrame:
    """
    Give rows that have geometry as such.

    Raises
    ------
    AnswerError
        If they have none.
    """
    if not isinstance(rows, gpd.GeoDataFrame) or rows.active_geometry_name is None:
        raise AnswerError(N_("this answer has no geometry to write; choose csv or json"))
    return rows


def plain(frame: Frame) -> Frame:
    """Give lists as text: GIS formats hold none."""
    several = (list, np.ndarray)
    lists = [name for name in frame.columns if any(isinstance(value, several) for value in frame[name])]
    flat = frame.copy()
    for name in lists:
        flat[name] = [";".join(value) if isinstance(value, several) else None for value in frame[name]]
    return flat


def with_texts(rows: Frame) -> Frame:
    """Return rows whose columns of several kinds, such as dates and nothing, hold texts, for GIS formats."""
    flat = plain(rows)
    for column in [name for name in flat if flat[name].dtype == object]:
        flat[column] = [None if is_missing(value) else str(value) for value in flat[column]]
    return flat


def as_csv(rows: pd.DataFrame) -> str:
    """Write CSV; a cell that a spreadsheet would compute is marked as text, and a lone return ends no row."""
    out = io.StringIO()
    _flat(rows).map(as_text).to_csv(out, index=False)
    return out.getvalue()


def round_figures(rows: Frame) -> Frame:
    """Return rows with every column of floating-point numbers rounded (`digits.rounded`)."""
    floats = [str(name) for name in rows if isinstance(rows[name].dtype, np.dtype) and rows[name].dtype.kind == "f"]
    return rows.assign(**{name: [rounded(name, value) for value in rows[name].tolist()] for name in floats})


def records(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Give rows as JSON can hold them: None where nothing is known, geometry left out."""
    table = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    return [
        {str(name): None if is_null(value) else value for name, value in row.items()}
        for row in table.astype(object).to_dict("records")
    ]


_Writer = Callable[[pd.DataFrame, Path, str, Layer | None, Sequence[str]], None]


def _writer(kind: str, rows: pd.DataFrame) -> _Writer:
    tables: Mapping[str, _Writer] = {"csv": _csv, "json": _json, "xlsx": _xlsx}
    if kind in tables:
        return tables[kind]
    if kind == "parquet":
        return _geoparquet if is_drawn(rows) else _parquet
    with_geometry(rows)
    drawn: Mapping[str, _Writer] = {"gpkg": _geopackage, "gpx": _gpx, "kml-phone": _phone_kml, "shp": _shapefile}
    return drawn[kind] if kind in drawn else partial(_gis, driver=_DRIVERS[kind])


def _gpx(rows: pd.DataFrame, output: Path, _name: str, _layer: Layer | None, terms: Sequence[str]) -> None:
    from lindero.app.output.formats import gpx

    output.write_bytes(gpx.document(with_geometry(rows), terms))


def _csv(rows: pd.DataFrame, output: Path, _name: str, _layer: Layer | None, _terms: Sequence[str]) -> None:
    output.write_text(as_csv(rows), encoding="utf-8-sig")  # by that mark spreadsheets know Ñ


def _json(rows: pd.DataFrame, output: Path, name: str, _layer: Layer | None, terms: Sequence[str]) -> None:
    output.write_text(as_json({"layer": name, "terms": [*terms], "rows": records(rows)}), encoding="utf-8")


def _xlsx(rows: pd.DataFrame, output: Path, name: str, layer: Layer | None, terms: Sequence[str]) -> None:
    """Write a workbook of one sheet; a text is text, whatever a spreadsheet would make of it."""
    import openpyxl  # it takes a while, and the other kinds of file do not need it

    book = openpyxl.Workbook(write_only=True)
    book.properties.title, book.properties.description = name, "\n".join(terms)
    sheet = book.create_sheet(name[:31])
    sheet.freeze_panes = "A2"
    table = _flat(with_types(rows, layer))
    sheet.append([*table.columns])
    for row in table.astype(object).itertuples(index=False):
        sheet.append([_sheet_cell(sheet, value) for value in row])
    book.save(output)


def _sheet_cell(sheet: object, value: object) -> object:
    if is_null(value) or (isinstance(value, str) and len(value) > _LONGEST_CELL):
        return None
    if not isinstance(value, str):
        return value.item() if isinstance(value, np.generic) else value
    from openpyxl.cell import WriteOnlyCell  # as above
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\ufffd", value))
    cell.data_type = "s"
    return cell


def _parquet(rows: pd.DataFrame, output: Path, _name: str, layer: Layer | None, terms: Sequence[str]) -> None:
    table = pa.Table.from_pandas(pd.DataFrame(with_types(rows, layer)), preserve_index=False)
    pq.write_table(_with_terms(table, terms), output)


def _geoparquet(rows: pd.DataFrame, output: Path, _name: str, layer: Layer | None, terms: Sequence[str]) -> None:
    with_geometry(with_types(rows, layer)).to_parquet(output, index=False)
    if terms:
        pq.write_table(_with_terms(pq.read_table(output), terms), output)


def _with_terms(table: pa.Table, terms: Sequence[str]) -> pa.Table:
    metadata = table.schema.metadata or {}
    return table.replace_schema_metadata({**metadata, b"terms": "\n".join(terms).encode()} if terms else metadata)


def _gis(
    rows: pd.DataFrame, output: Path, name: str, layer: Layer | None, terms: Sequence[str], *, driver: str
) -> None:
    frame = with_geometry(with_types(rows, layer))
    options = {"DESCRIPTION": "\n".join(terms)} if terms else {}
    if driver == "FlatGeobuf" and frame.geometry.isna().any():
        options["SPATIAL_INDEX"] = "NO"  # which rows without a place cannot be in
    if driver == "LIBKML":
        pyogrio.set_gdal_config_options({"LIBKML_VISIBILITY_FIELD": "kml_visibility"})  # a column is called visibility
    _written(frame, output, driver, name, options)


def _geopackage(rows: pd.DataFrame, output: Path, name: str, layer: Layer | None, terms: Sequence[str]) -> None:
    """Write a GeoPackage; a layer of ours opens drawn, with its columns in words."""
    _gis(rows, output, name, layer, terms, driver="GPKG")
    if layer is not None:
        from lindero.app.output.formats import qgis
        from lindero.layers.publish import geopackage_style

        geopackage_style.write(output, name, qgis.dress(with_geometry(rows), layer, terms))


def _phone_kml(rows: pd.DataFrame, output: Path, name: str, layer: Layer | None, terms: Sequence[str]) -> None:
    from lindero.app.output.formats import kml_outlines

    _gis(rows, output, name, layer, terms, driver="LIBKML")
    kml_outlines.add(output, with_geometry(rows), name)


def _written(frame: gpd.GeoDataFrame, output: Path, driver: str, name: str, options: Mapping[str, str]) -> None:
    pyogrio.write_dataframe(frame, output, driver=driver, layer=name, use_arrow=True, layer_options=dict(options))


def _shapefile(rows: pd.DataFrame, output: Path, name: str, layer: Layer | None, terms: Sequence[str]) -> None:
    """Write an archive of a Shapefile, or of two if there are points and areas, with what each field is in full."""
    frame = with_geometry(with_types(rows, layer))
    short = _short_names(name for name in frame.columns if name != frame.geometry.name)
    areas = frame.geometry.geom_type.isin(["Polygon", "MultiPolygon"])
    parts = {name: frame}
    if areas.any() and frame.geometry[~areas].notna().any():
        parts = {f"{name}_areas": frame[areas], f"{name}_points": frame[~areas]}
    folder = output.parent / "shapefile"
    folder.mkdir()
    for part, some in parts.items():
        flags = some.select_dtypes("bool[pyarrow]").columns
        numbers = some.assign(**{flag: some[flag].astype("int32[pyarrow]") for flag in flags})
        named = with_geometry(numbers.rename(columns=short))
        _written(named, folder / f"{part}.shp", "ESRI Shapefile", part, {"ENCODING": "UTF-8"})
    fields = "".join(f"{cut},{whole}\r\n" for whole, cut in short.items())
    (folder / "fields.txt").write_text(f"field,column\r\n{fields}", encoding="utf-8")
    (folder / "LICENCE.txt").write_text("\n".join(terms) + "\n", encoding="utf-8")
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)


def _short_names(names: Iterable[object]) -> dict[str, str]:
    """Cut names to what a Shapefile holds, each its own."""
    short: dict[str, str] = {}
    for name in map(str, names):
        cut, number = name[:_LONGEST_NAME], 1
        while cut in short.values():
            number += 1
            cut = f"{name[: _LONGEST_NAME - len(str(number))]}{number}"
        short[name] = cut
    return short


def with_types(rows: Frame, layer: Layer | None) -> Frame:
    """Give columns the types that a layer says they have; a column that holds nothing is one of text."""
    kinds = {column.name: column.type for column in layer.columns if not column.several} if layer else {}
    frame = rows.copy()
    for name in frame.columns.difference([*_BESIDE, getattr(rows, "active_geometry_name", None)]):
        kind = _ARROW.get(kinds.get(str(name), ""))
        if kind is not None:
            values = [None if is_null(value) else value for value in frame[name].astype(object)]
            frame[name] = pd.Series(pd.array(_cast(values, kind), dtype=pd.ArrowDtype(kind)), index=frame.index)
        elif frame[name].isna().all():
            frame[name] = pd.Series([None] * len(frame), index=frame.index, dtype=pd.ArrowDtype(pa.large_string()))
    return frame


def _cast(values: list[object], kind: pa.DataType) -> pa.Array:
    if pa.types.is_date(kind):
        values = [value.date() if isinstance(value, pd.Timestamp) else value for value in values]
    if pa.types.is_integer(kind):
        values = [None if value is None else int(str(value).removesuffix(".0")) for value in values]
    return pa.array(values, type=kind)


def _flat(rows: pd.DataFrame) -> pd.DataFrame:
    """Give rows with their geometry as text."""
    if not is_drawn(rows):
        return pd.DataFrame(rows)
    drawn = with_geometry(rows)
    return pd.DataFrame(drawn.drop(columns=drawn.geometry.name)).assign(geometry=_wkt(drawn))


def _wkt(rows: pd.DataFrame) -> "pd.Series[str]":
    return pd.Series(with_geometry(rows).geometry.to_wkt(), index=rows.index)
