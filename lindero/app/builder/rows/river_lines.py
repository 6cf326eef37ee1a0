"""Reading of the operator's own river networks, as lines that can be followed."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from lindero.app.builder.rows.coordinates import locate_rows
from lindero.app.builder.rows.row_location import Land
from lindero.app.text.codes import translate_code
from lindero.geo.geometry.prepared import prepared_copy
from lindero.layers.errors import N_, SourceError
from lindero.layers.model.schema import CRS
from lindero.layers.read.reader import read
from lindero.layers.sources.mapping import FieldMapping
from lindero.layers.workspace.manifest_file import SourceEntry

_LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
_MARGIN_DEGREES = 0.5  # degrees: rivers along the border, or into the country, are kept


@dataclass(frozen=True)
class ReceivedRivers:
    """A received file of rivers: lines in OGC:CRS84, numbers of rows read and rejected by reason, and accuracy."""

    lines: gpd.GeoDataFrame
    read: int
    rejected: Counter[str]
    accuracy_m: float


def read_rivers(
    path: Path, land: Land, *, accuracy_m: float, crs: str = "", encoding: str = "", sublayer: str = ""
) -> ReceivedRivers:
    """Read a file of rivers in the sandbox. Each row is kept as a line or rejected for a reason."""
    received = read(path, encoding=encoding or None, sublayer=sublayer or None)
    if received.geometry is None:
        raise SourceError(N_("{name} has no lines; rivers must be a file of lines"), name=path.name)
    entry, unmapped = (
        SourceEntry(id="rivers", file=str(path), crs=crs),
        FieldMapping("", "", "", "", frozenset(), {}),
    )
    located = locate_rows(entry, unmapped, received, land)
    shapes = gpd.GeoSeries(shapely.force_2d(located.geometry.to_numpy()), index=located.geometry.index, crs=CRS)
    reasons = _rejection_reasons(shapes, land)
    rejected = Counter([*reasons[reasons != ""], *received.account.rejects["reason"]])
    if not received.row_count:
        raise SourceError(N_("{name} has no rows; check that the file is complete"), name=path.name)
    if (reasons != "").all():
        reasons_text = ", ".join(f"{translate_code(reason)} ({count})" for reason, count in rejected.most_common())
        raise SourceError(N_("every row of {name} was rejected: {reasons}"), name=path.name, reasons=reasons_text)
    shift = located.shift.accuracy_m if located.shift is not None else None
    lines = gpd.GeoDataFrame(geometry=shapely.get_parts(shapes.to_numpy()[(reasons == "").to_numpy()]), crs=CRS)
    return ReceivedRivers(lines, received.row_count, rejected, max(accuracy_m, shift or 0.0))


def _rejection_reasons(shapes: gpd.GeoSeries, land: Land) -> pd.Series:
    """Return the reason why each row is rejected; empty for rows that are kept.

    Rows outside the workspace's country are rejected only if the workspace names one.
    """
    geometries = shapes.to_numpy()
    reasons = pd.Series("", index=shapes.index, dtype=object)
    if not land.own_country.empty:
        own_area = land.own_country.geometry.union_all()
        reasons[~shapely.dwithin(prepared_copy(own_area), geometries, _MARGIN_DEGREES)] = "line_outside_the_country"
    reasons[shapely.length(geometries) == 0] = "no_length"
    reasons[~pd.Series(shapely.get_type_id(geometries), index=shapes.index).isin(_LINES)] = "not_a_line"
    reasons[shapely.is_missing(geometries) | shapely.is_empty(geometries)] = "no_geometry"
    return reasons
