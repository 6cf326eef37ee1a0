"""Reading of files with GDAL as Arrow.

Only the needed drivers and settings are enabled, and none that reaches the network or other files.
"""

import codecs
import os
import warnings
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from lindero.layers.errors import N_, DamagedError, SourceError
from lindero.layers.model.schema import LAYERS
from lindero.layers.read.formats.detect import ASK_AGAIN, Format

ALLOWED_DRIVERS = frozenset(
    {
        "GeoJSON",
        "GeoJSONSeq",
        "ESRIJSON",
        "TopoJSON",
        "ESRI Shapefile",
        "GPKG",
        "LIBKML",
        "GML",
        "MapInfo File",
        "DXF",
        "FlatGeobuf",
        "GPX",
        "OpenFileGDB",
    }
)
_OTHER_DRIVERS = (
    "ADBC,AIVector,AVCBin,AVCE00,AmigoCloud,Arrow,BAG,CAD,CSV,CSW,Carto,DGN,EDIGEO,EEDA,ESRIC,"
    "Elasticsearch,GDALG,GMLAS,GPSBabel,GTFS,GeoRSS,HANA,HTTP,IDB,Idrisi,Interlis 1,Interlis 2,JML,"
    "JP2OpenJPEG,JSONFG,KML,LIBERTIFF,LVBAG,MBTiles,MEM,MSSQLSpatial,MVT,MapML,Memory,"
    "MiraMonVector,MongoDBv3,MySQL,NAS,NGW,NITF,OAPIF,OCI,ODBC,ODS,OGCAPI,OGR_GMT,OGR_PDS,OGR_VRT,OSM,"
    "PCIDSK,PDF,PDS4,PGDUMP,PGeo,PLSCENES,PMTiles,Parquet,PostGISRaster,PostgreSQL,S57,SDTS,SOSI,SQLite,"
    "SVG,SXF,Selafin,TIGER,UK .NTF,VDV,VFK,VICAR,VRT,WAsP,WCS,WFS,WMS,WMTS,XLS,XLSX,XODR,netCDF"
)
ENVIRONMENT = {  # set before pyogrio is imported in the process
    "GDAL_SKIP": _OTHER_DRIVERS,
    "GDAL_DRIVER_PATH": "disable",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "CPL_CURL_ENABLE_VSIMEM": "NO",
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "OGR_SQLITE_PRAGMA": "trusted_schema=0",
    "OGR_SQLITE_STATIC_VIRTUAL_OGR": "NO",
    "SQLITE_USE_OGR_VFS": "NO",
    "OGR_FLATGEOBUF_STREAM_BASE_IMPL": "YES",  # GDAL's direct Arrow reader miscounts if a row has no geometry
    "LIBKML_RESOLVE_STYLE": "NO",
    "LIBKML_VISIBILITY_FIELD": "kml_visibility",  # `visibility` is a column of Lindero
    "GML_SKIP_RESOLVE_ELEMS": "ALL",  # links to other features, also in other files
    "GML_DOWNLOAD_SCHEMA": "NO",
    "DXF_CLOSED_LINE_AS_POLYGON": "YES",
    "PROJ_NETWORK": "OFF",
    "OGR_GEOJSON_DATE_AS_STRING": "YES",  # otherwise midnight east of Greenwich becomes the previous date
    "OGR_GEOJSON_MAX_OBJ_SIZE": "200",  # maximum MB per feature
    "GDAL_NUM_THREADS": "1",
    "GDAL_PAM_ENABLED": "NO",
}
_BATCH_ROWS = 4_096  # small, so that batches are processed while more are read
_QGIS_TABLES = ("layer_styles", "qgis_projects")  # tables of QGIS that are not layers
_COVERAGE = "coverage"  # a layer of Lindero's exports that states where its sources have data
SEVERAL_LAYERS = frozenset({Format.GEOPACKAGE, Format.KML, Format.GPX, Format.FILEGDB, Format.TOPOJSON, Format.GML})
_OPEN_OPTIONS = {Format.GML: {"WRITE_GFS": "NO", "DOWNLOAD_SCHEMA": "NO", "CONSIDER_EPSG_AS_URN": "AUTO"}}
_IGNORED_WARNINGS = (  # GDAL warnings about problems that are also detected and reported by row
    "non closed ring",
    "skipped",
    "linked to",
    "several features with id",
    "organizepolygons",
    "more than one geometry",
    "ogr_geojson_max_obj_size",
    "dbf file",
    "measured (m) geometry",
    "column names or layer",
    "too many members in array",
    "unsupported geometry type",
    "invalid coord dimension",
)
_MAY_HOLD_ARCS = frozenset(range(7, 15))  # collections, and all types that are curves or surfaces in WKB


@dataclass(frozen=True)
class OpenLayer:
    """An open GDAL layer: its metadata, and its features in batches that are read one by one."""

    fields: list[str]
    geometry_name: str | None
    crs: str | None
    encoding: str | None
    batches: pa.RecordBatchReader
    warnings: list[str]
    layer: str | None
    count: int  # of features, if the file states it; otherwise negative


@contextmanager
def open_layer(
    path: Path, file_format: Format, *, name: str, encoding: str | None, sublayer: str | None
) -> Generator[OpenLayer]:
    """Open one layer of the file at `path`, which users know as `name`."""
    import pyogrio  # GDAL reads its environment at import
    from pyogrio.errors import DataLayerError, DataSourceError, FieldError

    reader_warnings: list[str] = []
    layer = None
    try:
        if file_format in SEVERAL_LAYERS:
            layer = _choose_layer(path, name, sublayer)
        elif sublayer not in {None, Path(name).stem}:
            raise SourceError(
                N_("{name} does not have the layer '{sublayer}'; it has {layers}"),
                name=name,
                sublayer=sublayer,
                layers=Path(name).stem,
            )
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            options = {"encoding": _gdal_encoding(encoding)} if encoding else {}
            options |= _OPEN_OPTIONS.get(file_format, {})
            with pyogrio.open_arrow(path, layer=layer, use_pyarrow=True, batch_size=_BATCH_ROWS, **options) as (
                meta,
                reader,
            ):
                yield OpenLayer(
                    [str(field) for field in meta["fields"]],
                    meta["geometry_name"] or "wkb_geometry",
                    meta["crs"],
                    meta["encoding"],
                    reader,
                    reader_warnings,
                    layer,
                    int(pyogrio.read_info(path)["features"]) if file_format is Format.FLATGEOBUF else -1,
                )
            reader_warnings += filter_warnings(str(warning.message) for warning in caught)
    except (IndexError, UnboundLocalError) as error:  # from pyogrio, if GDAL opened a file and finds nothing in it
        raise DamagedError(
            N_("{name} cannot be read as {format}: it is truncated, or its header is wrong"),
            name=name,
            format=file_format.value,
        ) from error
    except (DataSourceError, DataLayerError, FieldError, OSError, ValueError, RuntimeError, pa.ArrowException) as error:
        why = str(error).replace(str(path), name).replace(str(path.parent) + os.sep, "")
        raise DamagedError(
            N_("{name} cannot be read as {format}: {why}"), name=name, format=file_format.value, why=why
        ) from error


def _gdal_encoding(name: str) -> str:
    """Return the name of an encoding that GDAL knows, too: it does not know `latin_1`, and would decode nothing."""
    try:
        return codecs.lookup(name).name
    except LookupError:
        return name


def straighten_arcs(
    batches: Iterable[pa.RecordBatch], geometry: str, path: Path, layer: str | None, rows: list[int]
) -> Generator[pa.RecordBatch]:
    """Yield batches with arcs replaced by short straight edges, as GDAL draws them.

    The numbers of the rows with arcs are added to `rows`. Arrow returns arcs unchanged; GDAL straightens them when it
    reads without Arrow.
    """
    import pyogrio  # GDAL reads its environment at import

    row_count = 0
    for batch in batches:
        geometry_index = batch.schema.get_field_index(geometry)
        received = batch.column(geometry_index).to_pylist() if _may_have_arcs(batch.column(geometry_index)) else []
        if received:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # reported once already
                gdal_result = pyogrio.raw.read(
                    path, layer=layer, columns=[], skip_features=row_count, max_features=len(received)
                )
            straight = [
                new if _geometry_type(old) in _MAY_HOLD_ARCS else old
                for old, new in zip(received, gdal_result[2], strict=True)
            ]
            rows += [
                row_count + i for i, (old, new) in enumerate(zip(received, straight, strict=True), 1) if old != new
            ]
            column = pa.array(straight, type=batch.column(geometry_index).type)
            batch = batch.set_column(geometry_index, batch.schema.field(geometry_index), column)  # noqa: PLW2901  the same, straightened
        row_count += batch.num_rows
        yield batch


def _may_have_arcs(wkb: pa.Array) -> bool:
    import pyarrow.compute as pc  # not needed for tables

    heads = pc.unique(pc.binary_slice(wkb, 0, 5))  # byte order and type: few distinct values, however many rows
    return any(_geometry_type(head) in _MAY_HOLD_ARCS for head in heads.to_pylist())


def _geometry_type(wkb: bytes | None) -> int:
    """Return the geometry type of a WKB value without its Z and M flags; 0 if there is no geometry."""
    if wkb is None or len(wkb) < 5:  # noqa: PLR2004  byte order and type
        return 0
    return (int.from_bytes(wkb[1:5], "little" if wkb[0] else "big") & 0x0FFFFFFF) % 1000


def filter_warnings(messages: "Generator[str]") -> list[str]:
    """Return the GDAL warnings about problems that are not detected elsewhere."""
    lines = dict.fromkeys(message for message in messages)
    return [line for line in lines if not any(known_text in line.lower() for known_text in _IGNORED_WARNINGS)]


def _data_layers(names: list[str]) -> list[str]:
    """Return the data layers of a file.

    QGIS styles and projects are left out, and so is the coverage layer of Lindero's own exports.
    """
    excluded = {*_QGIS_TABLES, *([_COVERAGE] if LAYERS.keys() & {*names} else [])}
    return [name for name in names if name not in excluded] or names


def _choose_layer(path: Path, name: str, sublayer: str | None) -> str:
    import pyogrio  # GDAL reads its environment at import

    names = [str(layer_name) for layer_name, _ in pyogrio.list_layers(path)]
    if sublayer in names:
        return str(sublayer)
    if sublayer:
        raise SourceError(
            N_("{name} does not have the layer '{sublayer}'; it has {layers}"),
            name=name,
            sublayer=sublayer,
            layers=", ".join(names) or "–",
        )
    if not names:
        raise SourceError(
            N_("{name} has no layers: it was saved empty, or the server had no data to send; {todo}"),
            name=name,
            todo=ASK_AGAIN,
        )
    filled = _data_layers(names)
    if len(filled) > 1:
        filled = [
            candidate
            for candidate in filled
            if pyogrio.read_info(path, layer=candidate, force_feature_count=True)["features"]
        ]
    if not filled:
        raise SourceError(
            N_("the layers of {name} have no rows ({layers}); ask the sender for the complete file"),
            name=name,
            layers=", ".join(names),
        )
    if len(filled) != 1:
        raise SourceError(
            N_("{name} has {count} layers: {layers}; choose one with --sublayer"),
            name=name,
            count=len(filled),
            layers=", ".join(filled),
        )
    return filled[0]
