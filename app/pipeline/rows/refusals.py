"""What is kept of the rows of a source that were refused: who they are, and the ground that they may be about."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.pipeline.rows.row_report import Ingested
from lindero.geo import area_ha
from lindero.geo.geometry.projection import is_polygonal
from lindero.layers.database.definitions import OF_PERSONS
from lindero.layers.model.schema import CRS, REFUSED

_COLUMNS = [column.name for column in REFUSED]


def refused(taken: Ingested, rows: pd.DataFrame, drawn: gpd.GeoSeries | None) -> gpd.GeoDataFrame:
    """
    Give the refused rows of a source; none of people, of whom nothing is kept that was refused.

    Parameters
    ----------
    rows
        All rows of the source as they were mapped, under their numbers.
    drawn
        Their geometry in OGC:CRS84 as it was received.

    Returns
    -------
    GeoDataFrame
        The columns of `layers.model.schema.REFUSED`; `geometry` is the likely reading of what was drawn, if there is
        one, and `area_ha` its hectares.
    """
    if taken.entry.layer in OF_PERSONS or taken.rejects.empty:
        return gpd.GeoDataFrame(columns=_COLUMNS, geometry="geometry", crs=CRS)
    numbers = pd.Index(taken.rejects["row_number"].astype("int64"))
    shapes = [None] * len(numbers) if drawn is None else list(drawn.reindex(numbers))
    likely = gpd.GeoSeries(np.array([*map(_likely, shapes), None], dtype=object)[:-1], index=numbers, crs=CRS)
    about = rows.reindex(index=numbers, columns=["code", "name", "area_official_ha"])
    told = taken.rejects.set_index(numbers)[["source_id", "snapshot_on", "row_number", "reason", "detail"]]
    frame = told.join(about).assign(layer=taken.entry.layer, area_ha=area_ha(likely))
    return gpd.GeoDataFrame(frame, geometry=likely, crs=CRS)[_COLUMNS].reset_index(drop=True)


def _likely(shape: BaseGeometry | None) -> BaseGeometry | None:
    """Read a boundary that crosses itself as the standard reads rings; None where that leaves no ground."""
    if shape is None or not np.isfinite(shapely.get_coordinates(shape)).all() or not is_polygonal(np.array([shape]))[0]:
        return None
    west, south, east, north = shape.bounds
    if shape.is_empty or west < -180 or east > 180 or south < -90 or north > 90:  # noqa: PLR2004  degrees
        return None
    parts = shapely.get_parts(shapely.make_valid(shape, method="structure", keep_collapsed=False))
    ground = [part for part in parts if part.geom_type == "Polygon" and part.area > 0]
    return shapely.union_all(ground) if ground else None
