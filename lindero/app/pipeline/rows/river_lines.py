"""Rivers of the operator's own: from a received file to lines that can be followed."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from lindero.app.pipeline.rows.coordinates import in_degrees
from lindero.app.pipeline.rows.row_location import Land
from lindero.geo.geometry.prepared import prepared_copy
from lindero.layers.errors import N_, SourceError
from lindero.layers.model.schema import CRS
from lindero.layers.read.reader import read
from lindero.layers.sources.mapping import FieldMapping
from lindero.layers.workspace.manifest_file import SourceEntry

_LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
_BESIDE = 0.5  # degrees: a river that runs along the border, or into the country, is kept


@dataclass(frozen=True)
class Received:
    """A received file of rivers: `lines` in OGC:CRS84, rows `read` and `rejected` by reason, and its accuracy."""

    lines: gpd.GeoDataFrame
    read: int
    rejected: Counter[str]
    accuracy_m: float


def read_rivers(
    path: Path, land: Land, *, accuracy_m: float, crs: str = "", encoding: str = "", sublayer: str = ""
) -> Received:
    """
    Read a file of rivers, behind walls as any other; each row is kept as a line or rejected for a reason.

    Raises
    ------
    SourceError
        If it cannot be read, or none of its rows can be kept.
    CRSError
        As `app.pipeline.rows.coordinates.in_degrees`.
    """
    found = read(path, encoding=encoding or None, sublayer=sublayer or None)
    if found.geometry is None:
        raise SourceError(N_("{name} holds no lines: rivers are a file of lines"), name=path.name)
    entry, unmapped = (
        SourceEntry(id="rivers", file=str(path), crs=crs),
        FieldMapping("", "", "", "", frozenset(), {}),
    )
    located = in_degrees(entry, unmapped, found, land)
    shapes = gpd.GeoSeries(shapely.force_2d(located.geometry.to_numpy()), index=located.geometry.index, crs=CRS)
    reasons = _reasons(shapes, land)
    rejected = Counter([*reasons[reasons != ""], *found.account.rejects["reason"]])
    if (reasons != "").all():
        told = ", ".join(f"{reason} ({count})" for reason, count in rejected.most_common()) or "–"
        raise SourceError(N_("no row of {name} can be kept: {reasons}"), name=path.name, reasons=told)
    shift = located.shift.accuracy_m if located.shift is not None else None
    lines = gpd.GeoDataFrame(geometry=shapely.get_parts(shapes.to_numpy()[(reasons == "").to_numpy()]), crs=CRS)
    return Received(lines, found.rows_read, rejected, max(accuracy_m, shift or 0.0))


def _reasons(shapes: gpd.GeoSeries, land: Land) -> pd.Series:
    """Return why each row cannot be kept, empty where it can; of the country, only if the workspace names one."""
    every = shapes.to_numpy()
    told = pd.Series("", index=shapes.index, dtype=object)
    if not land.own.empty:
        own = land.own.geometry.union_all()
        told[~shapely.dwithin(prepared_copy(own), every, _BESIDE)] = "line_outside_the_country"
    told[shapely.length(every) == 0] = "no_length"
    told[~pd.Series(shapely.get_type_id(every), index=shapes.index).isin(_LINES)] = "not_a_line"
    told[shapely.is_missing(every) | shapely.is_empty(every)] = "no_geometry"
    return told
