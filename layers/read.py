"""Any received file as rows, numbered from 1 as they stand in it; the file itself is never changed."""

import warnings
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FieldError

from layers.archive import unpacked
from layers.errors import N_, CRSError, SourceError
from layers.formats import Format, recognise, stated_crs
from layers.tabular import read_csv, read_xlsx

_SHAPEFILE_LENGTH = slice(24, 28)  # of the file, in words of two bytes
_SEVERAL_LAYERS = frozenset({Format.GEOPACKAGE, Format.KML})
_REJECTED = ("row", "reason", "detail", "received")
_REPAIRED = ("row", "repair", "detail")


def _no_rows(columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="int64" if name == "row" else "object") for name in columns})


@dataclass(frozen=True)
class Received:
    """
    A file as it was read.

    `rows` is indexed by row number and holds the fields as named in the file; `geometry` has the same index (None where
    the file has none), or is None for a table. `crs` is what the file states, None if it states nothing. `rejects` and
    `repairs` are rows that could not be read, and what reading had to mend.
    """

    format: Format
    rows: pd.DataFrame
    geometry: gpd.GeoSeries | None
    crs: pyproj.CRS | None
    encoding: str | None = None
    rejects: pd.DataFrame = field(default_factory=lambda: _no_rows(_REJECTED))
    repairs: pd.DataFrame = field(default_factory=lambda: _no_rows(_REPAIRED))

    @property
    def rows_read(self) -> int:
        """All rows of the file, also those that could not be read."""
        return len(self.rows) + len(self.rejects)


def read(path: Path, *, encoding: str | None = None, sublayer: str | None = None) -> Received:
    """
    Read the file at `path`: one layer of it, or one sheet.

    Raises
    ------
    SourceError
        If the file is missing, empty, broken, in a format that is not read, or holds several layers and none is named.
    CRSError
        If it states a coordinate reference system that is not known.
    """
    match recognise(path):
        case Format.CSV:
            rows, rejects, found = read_csv(path, encoding=encoding)
            return Received(Format.CSV, rows, None, None, encoding=found, rejects=rejects)
        case Format.XLSX:
            return Received(Format.XLSX, read_xlsx(path, sheet=sublayer), None, None)
        case Format.ZIP:
            with unpacked(path) as inner:
                return read(inner, encoding=encoding, sublayer=sublayer)
        case Format.GEOPARQUET:
            return _read_geoparquet(path)
        case Format.SHAPEFILE as found_format:
            _check_sidecars(path)
            return _read_with_gdal(path, found_format, encoding=encoding, sublayer=sublayer)
        case found_format:
            return _read_with_gdal(path, found_format, encoding=encoding, sublayer=sublayer)


def _read_with_gdal(path: Path, found: Format, *, encoding: str | None, sublayer: str | None) -> Received:
    stated = stated_crs(path) if found is Format.GEOJSON else None
    try:
        layer = sublayer or (_only_layer(path) if found in _SEVERAL_LAYERS else None)
        with warnings.catch_warnings():
            # GDAL warns of faults that are found again, and accounted for by row, in what follows.
            warnings.simplefilter("ignore", RuntimeWarning)
            warnings.simplefilter("ignore", UserWarning)
            meta, table = pyogrio.read_arrow(path, layer=layer, encoding=encoding)
    except (DataSourceError, DataLayerError, FieldError, OSError, ValueError) as error:
        raise SourceError(
            N_("{name} cannot be read as {format}: {why}"), name=path.name, format=found.value, why=error
        ) from error
    geometry_name = meta["geometry_name"] or "wkb_geometry"
    fields = [str(name) for name in meta["fields"]]
    rows = table.select(fields).to_pandas(integer_object_nulls=True)  # else a gap makes 1001 read 1001.0
    rows = rows.set_axis(pd.RangeIndex(1, table.num_rows + 1), axis="index").assign(**_lists_as_text(rows))
    wkb = table.column(geometry_name).to_numpy(zero_copy_only=False) if geometry_name in table.column_names else None
    geometry, repairs, rejects = _parsed(wkb, rows)
    return Received(
        found,
        rows.drop(index=list(rejects["row"])),
        geometry,
        _stated_crs(path, found, meta["crs"], stated),
        encoding=meta["encoding"],
        rejects=rejects,
        repairs=repairs,
    )


def _parsed(
    wkb: "np.ndarray[tuple[int], np.dtype[np.object_]] | None", rows: pd.DataFrame
) -> tuple[gpd.GeoSeries | None, pd.DataFrame, pd.DataFrame]:
    """Geometry of each row; rings that do not close are closed and reported, what no reader understands is rejected."""
    if wkb is None:
        return None, _no_rows(_REPAIRED), _no_rows(_REJECTED)
    shapes = shapely.from_wkb(wkb, on_invalid="ignore")
    given = np.array([value is not None for value in wkb], dtype=bool)
    open_rings = given & (shapes == None)  # noqa: E711  element by element
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        shapes[open_rings] = shapely.from_wkb(wkb[open_rings], on_invalid="fix")
    lost = given & (shapes == None)  # noqa: E711
    numbers = rows.index.to_numpy()
    closed = numbers[open_rings & ~lost]
    repairs = pd.DataFrame({"row": closed, "repair": "ring_closed", "detail": None}) if len(closed) else None
    received = [_as_text(rows.loc[number]) for number in numbers[lost]]
    rejects = pd.DataFrame(
        {"row": numbers[lost], "reason": "unreadable_geometry", "detail": None, "received": received}
    )
    geometry = gpd.GeoSeries(shapes[~lost], index=rows.index[~lost])
    return geometry, _no_rows(_REPAIRED) if repairs is None else repairs, rejects if lost.any() else _no_rows(_REJECTED)


def _lists_as_text(rows: pd.DataFrame) -> dict[str, list[str | None]]:
    """Give columns of lists as text with semicolons, as a table would hold them."""
    lists = [name for name in rows if rows[name].map(lambda value: isinstance(value, np.ndarray)).any()]
    return {
        str(name): [";".join(map(str, value)) if isinstance(value, np.ndarray) else None for value in rows[name]]
        for name in lists
    }


def _only_layer(path: Path) -> str:
    names = [str(name) for name, _ in pyogrio.list_layers(path)]
    if len(names) != 1:
        raise SourceError(
            N_("{name} holds {count} layers: {layers}; name one with --sublayer"),
            name=path.name,
            count=len(names),
            layers=", ".join(names) or "–",
        )
    return names[0]


def _stated_crs(path: Path, found: Format, crs: str | None, stated: str | None) -> pyproj.CRS | None:
    if found is Format.GEOJSON:
        crs = stated  # RFC 7946 says degrees, but many files say nothing and hold metres; GDAL takes degrees for both
    if crs is None:
        return None
    try:
        return pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise CRSError(
            N_("{name} states a coordinate reference system that is not known: {crs}"), name=path.name, crs=crs
        ) from error


def _read_geoparquet(path: Path) -> Received:
    try:
        frame = gpd.read_parquet(path)
    except (ValueError, OSError, KeyError) as error:
        raise SourceError(
            N_("{name} cannot be read as {format}: {why}"), name=path.name, format=Format.GEOPARQUET.value, why=error
        ) from error
    frame = frame.set_axis(pd.RangeIndex(1, len(frame) + 1), axis="index")
    rows = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return Received(Format.GEOPARQUET, rows, gpd.GeoSeries(frame.geometry.to_numpy(), index=frame.index), frame.crs)


def _check_sidecars(path: Path) -> None:
    """Hold that a Shapefile is whole: GDAL reads on without its .dbf, and all fields would be lost."""
    beside = {file.suffix.lower() for file in path.parent.iterdir() if file.stem == path.stem}
    if missing := sorted({".dbf", ".shx"} - beside):
        raise SourceError(
            N_("{name} came without {missing}: a Shapefile is several files; put them side by side, or ask for a .zip"),
            name=path.name,
            missing=", ".join(f"{path.stem}{suffix}" for suffix in missing),
        )
    with path.open("rb") as file:
        head = file.read(_SHAPEFILE_LENGTH.stop)
    if path.stat().st_size < 2 * int.from_bytes(head[_SHAPEFILE_LENGTH], "big"):
        raise SourceError(N_("{name} is cut off: it says that it is longer"), name=path.name)


def _as_text(row: pd.Series) -> str:
    return row.to_json(force_ascii=False, date_format="iso", default_handler=str)
