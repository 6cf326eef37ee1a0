"""Where a file's coordinates lie: in which reference system, and whether that is believable."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyproj
from shapely import box

from geo.plausible import Bounds, likely_crs, looks_like_degrees, oddly_placed
from layers.errors import N_, CRSError, SourceError
from layers.read import Received
from layers.schema import CRS
from layers.sources.mapping import FieldMapping, coordinates
from layers.values import is_missing, number
from layers.workspace import SourceEntry


@dataclass(frozen=True)
class Land:
    """Country polygons (`code`, `name`) to tell coordinates that cannot be right, and the workspace's own country."""

    countries: gpd.GeoDataFrame
    country: str

    @property
    def own(self) -> gpd.GeoDataFrame:
        """The workspace's country; empty if it names none that is known."""
        return self.countries[self.countries["code"] == self.country]


def in_degrees(entry: SourceEntry, mapping: FieldMapping, received: Received, path: Path, land: Land) -> gpd.GeoSeries:
    """
    Give the geometry of each row in OGC:CRS84, from the file's own or from columns of coordinates.

    Raises
    ------
    CRSError
        If the coordinates do not fit the CRS that the file or the user states; the message names the likely one.
    SourceError
        If a table's coordinates are no numbers.
    """
    geometry = received.geometry if received.geometry is not None else _points(mapping, received)
    crs = _stated(entry, received)
    bounds: Bounds = tuple(map(float, geometry.total_bounds))  # type: ignore[assignment]  # four of them
    degrees = geometry.count() == 0 or looks_like_degrees(bounds)
    if crs is None or crs.is_geographic:
        if not degrees:
            raise _not_degrees(path, entry, bounds, land)
        if crs is None or crs.equals(pyproj.CRS(CRS), ignore_axis_order=True):
            return gpd.GeoSeries(geometry.to_numpy(), index=geometry.index, crs=CRS)
    elif degrees and geometry.count():
        raise CRSError(
            N_("{name}: {crs} is in metres, but the coordinates ({bounds}) are degrees; if so, add --crs OGC:CRS84"),
            name=path.name,
            crs=crs.name,
            bounds=_written(bounds),
        )
    return geometry.set_crs(crs, allow_override=True).to_crs(CRS)


def oddities(geometry: gpd.GeoSeries, land: Land) -> pd.DataFrame:
    """
    Find rows that lie where territory seldom does: `row`, `finding`, `column_name`, `detail`.

    Beyond the reach of the base data nothing is said of the ocean: what is sea there, it does not know.
    """
    own = land.own["name"]
    found = oddly_placed(geometry, land.countries, expected=own.iloc[0] if len(own) else None)
    reach = box(*land.countries.total_bounds)
    beyond = [not shape.intersects(reach) for shape in geometry.loc[found["row"]]]
    return found[~(pd.Series(beyond, index=found.index, dtype=bool) & (found["finding"] == "in_the_ocean"))].assign(
        column_name="geometry"
    )


def _points(mapping: FieldMapping, received: Received) -> gpd.GeoSeries:
    columns = coordinates(mapping, received)
    if columns is None:
        return gpd.GeoSeries(pd.Series(None, index=received.rows.index, dtype=object), crs=CRS)
    longitude, latitude = (_numbers(column) for column in columns)
    given = longitude.notna() & latitude.notna()
    points = gpd.GeoSeries(gpd.points_from_xy(longitude[given], latitude[given]), index=longitude.index[given])
    return gpd.GeoSeries(points.reindex(received.rows.index))


def _numbers(values: pd.Series) -> pd.Series:
    def read(row: object, value: object) -> float | None:
        try:
            return None if is_missing(value) else number(value)
        except ValueError as error:
            raise SourceError(
                N_("row {row}: {column} {value} is no number of degrees or metres"),
                row=row,
                column=values.name,
                value=value,
            ) from error

    return pd.Series([read(*item) for item in values.items()], index=values.index, dtype="float64")


def _stated(entry: SourceEntry, received: Received) -> pyproj.CRS | None:
    """Give the CRS that the user states, else the file's."""
    if not entry.crs:
        return received.crs
    try:
        return pyproj.CRS.from_user_input(entry.crs)
    except pyproj.exceptions.CRSError as error:
        raise CRSError(N_("{crs} is no coordinate reference system that is known"), crs=entry.crs) from error


def _not_degrees(path: Path, entry: SourceEntry, bounds: Bounds, land: Land) -> CRSError:
    own = land.own
    found = likely_crs(
        bounds, hint=f"{path.name} {entry.title}", expected=None if own.empty else own.geometry.union_all()
    )
    if not found:
        return CRSError(
            N_("{name} says that it holds degrees, but its coordinates ({bounds}) are none; state its CRS with --crs"),
            name=path.name,
            bounds=_written(bounds),
        )
    best, *others = found
    return CRSError(
        N_("{name} reads as degrees, but holds metres ({bounds}): likely {title}. Add --crs {best}{others}"),
        name=path.name,
        bounds=_written(bounds),
        title=pyproj.CRS(best.crs).name,
        best=best.crs,
        others="".join(f" | {one.crs}" for one in others[:3]),
    )


def _written(bounds: Bounds) -> str:
    return " ".join(f"{edge:.10g}" for edge in bounds)
