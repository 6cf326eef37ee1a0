"""Apportionment of a numeric column of polygons to the features that the polygons overlap."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from lindero.geo.errors import N_, FrameError
from lindero.geo.overlay.footprint import footprint
from lindero.geo.overlay.prepared_layer import PolygonLayer


@dataclass(frozen=True)
class Apportionment:
    """A column of the left layer, apportioned to the right layer by area.

    `pairs` are the given pairs, with each pair's share of the column. `by_right` has one row per right feature: `id`
    and the column, largest first. `total` is the column's sum over the left polygons. It equals `inside` (on any right
    feature, counted once) plus `outside`. Where right features overlap each other, `by_right` sums to more than
    `inside`. `not_stated` is the number of left polygons without a value.
    """

    column: str
    pairs: pd.DataFrame
    by_right: pd.DataFrame
    total: float
    inside: float
    outside: float
    not_stated: int


def apportion(pairs: pd.DataFrame, left: gpd.GeoDataFrame, right: gpd.GeoDataFrame, *, column: str) -> Apportionment:
    """Apportion an extensive column by area: each right feature receives value × shared area / own area.

    This is areal weighting, as in tobler's `area_interpolate(extensive_variables=…, allocate_total=False)`. It assumes
    that the counted quantity is spread evenly over each polygon.

    `pairs`: the result of `overlap(left, right)`. `left`, `right`: the frames of the overlap, in any CRS. `left` has
    the column. `column`: name of a column of numbers that can be added (hectares mined, people), not of rates.

    Goodchild and Lam (1980), *Areal interpolation: a variant of the traditional spatial problem*, Geo-Processing 1.
    """
    if column not in left.columns or column in pairs.columns or not pd.api.types.is_numeric_dtype(left[column]):
        raise FrameError(N_("there is no numeric column '{column}' to apportion"), column=column)
    layer = PolygonLayer.from_frame(left)
    polygons = left[left["id"].isin(layer.ids)]
    column_values = pd.Series(polygons[column].astype(float).to_numpy(), index=pd.Index(polygons["id"]))
    known_values = column_values.fillna(0)
    apportioned = pairs.assign(**{column: pairs["left_id"].map(known_values).astype(float) * pairs["share_of_left"]})
    covered = footprint(pairs, left, right, by="left_id")
    inside = float((known_values.reindex(covered["id"]).to_numpy(dtype=float) * covered["share"].to_numpy()).sum())
    by_right = apportioned.groupby("right_id")[column].sum().rename_axis("id").reset_index()
    total = float(np.sum(known_values))
    return Apportionment(
        column,
        apportioned,
        by_right.sort_values([column, "id"], ascending=[False, True], ignore_index=True),
        total,
        inside,
        total - inside,
        int(column_values.isna().sum()),
    )
