"""A figure that a polygon carries, shared out over what the polygon lies on."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from lindero.geo.errors import N_, FrameError
from lindero.geo.overlay.footprint import footprint
from lindero.geo.overlay.prepared_layer import Ground


@dataclass(frozen=True)
class Apportioned:
    """
    A column of the left layer shared out over the right one.

    `pairs` are those given, with the column as each pair's share of it. `by_right` has one row per right feature: `id`
    and the column, largest first. `total` is the column's total over the left polygons: `inside`, on any right feature,
    counted once, plus `outside`. Where right features overlap each other `by_right` adds up to more than `inside`.
    `not_stated`: left polygons that have no figure.
    """

    column: str
    pairs: pd.DataFrame
    by_right: pd.DataFrame
    total: float
    inside: float
    outside: float
    not_stated: int


def apportion(pairs: pd.DataFrame, left: gpd.GeoDataFrame, right: gpd.GeoDataFrame, *, column: str) -> Apportioned:
    """
    Share an extensive column out by area: a feature gets of it what it holds of the polygon's ground.

    Areal weighting (Goodchild and Lam 1980, *Areal interpolation: a variant of the traditional spatial problem*), which
    tobler's `area_interpolate(extensive_variables=…, allocate_total=False)` computes: value × shared area / own area.
    It assumes that what is counted is spread evenly over each polygon.

    Parameters
    ----------
    pairs
        What `overlap(left, right)` gave.
    left, right
        The frames that were laid over each other; `left` has the column: numbers that add up (hectares mined, people),
        not rates.

    Raises
    ------
    FrameError
        If `left` has no such column, it holds no numbers, or the pairs have one of that name. A `ValueError`.
    """
    if column not in left.columns or column in pairs.columns or not pd.api.types.is_numeric_dtype(left[column]):
        raise FrameError(N_("there is no column {column} of numbers to share out"), column=column)
    ground = Ground.of(left)
    polygons = left[left["id"].isin(ground.ids)]
    values = pd.Series(polygons[column].astype(float).to_numpy(), index=pd.Index(polygons["id"]))
    figures = values.fillna(0)
    shared = pairs.assign(**{column: pairs["left_id"].map(figures).astype(float) * pairs["share_of_left"]})
    covered = footprint(pairs, left, right, by="left_id")
    inside = float((figures.reindex(covered["id"]).to_numpy(dtype=float) * covered["share"].to_numpy()).sum())
    by_right = shared.groupby("right_id")[column].sum().rename_axis("id").reset_index()
    total = float(np.sum(figures))
    return Apportioned(
        column,
        shared,
        by_right.sort_values([column, "id"], ascending=[False, True], ignore_index=True),
        total,
        inside,
        total - inside,
        int(values.isna().sum()),
    )
