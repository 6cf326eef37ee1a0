"""Shared ground counted once, however many pairs lie on it."""

from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.areas import M2_PER_HA
from geo.ground import Ground
from geo.plane import Geometries


@dataclass(frozen=True)
class Totals:
    """What all pairs come to: `gross_ha` adds them up, `footprint_ha` counts ground once, over all features."""

    pairs: int
    left_features: int
    right_features: int
    gross_ha: float
    footprint_ha: float


def totals(pairs: pd.DataFrame, left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Totals:
    """
    Sum up the pairs that `overlap(left, right)` gave, or any selection of them.

    Parameters
    ----------
    pairs
        With `left_id`, `right_id`, `area_ha`.
    left, right
        The frames that were laid over each other.
    """
    covered = _covered(pairs, Ground.of(right), Ground.of(left), "right_id", "left_id")
    return Totals(
        pairs=len(pairs),
        left_features=int(pairs["left_id"].nunique()),
        right_features=int(pairs["right_id"].nunique()),
        gross_ha=float(pairs["area_ha"].sum()),
        footprint_ha=_area_of_union(covered.to_numpy()) / M2_PER_HA,
    )


def footprint(
    pairs: pd.DataFrame,
    left: gpd.GeoDataFrame,
    right: gpd.GeoDataFrame,
    *,
    by: Literal["left_id", "right_id"] = "right_id",
) -> pd.DataFrame:
    """
    Count, for every feature of one side, the ground that the other side covers: once, however many lie on it.

    Parameters
    ----------
    pairs, left, right
        As for `totals`.
    by
        Which side's features the rows are.

    Returns
    -------
    DataFrame
        `id`, `gross_ha` (the pairs added up), `footprint_ha` (ground counted once), `share` (footprint of the feature's
        own area, 0 to 1); the largest footprint first.
    """
    sides = {"left_id": Ground.of(left), "right_id": Ground.of(right)}
    own = sides.pop(by)
    ((other_by, other),) = sides.items()
    covered = _covered(pairs, own, other, by, other_by)
    own_m2 = pd.Series(own.area_m2, index=own.ids).reindex(covered.index).to_numpy(dtype=float)
    covered_m2 = shapely.area(covered.to_numpy())
    table = pd.DataFrame(
        {
            "id": covered.index.to_series(index=range(len(covered))),
            "gross_ha": pairs.groupby(by)["area_ha"].sum().reindex(covered.index).to_numpy(dtype=float),
            "footprint_ha": covered_m2 / M2_PER_HA,
            "share": np.minimum(covered_m2 / own_m2, 1.0),
        }
    )
    return table.sort_values(["footprint_ha", "id"], ascending=[False, True], ignore_index=True, kind="stable")


def _covered(pairs: pd.DataFrame, own: Ground, other: Ground, own_by: str, other_by: str) -> pd.Series:
    """Draw, for every feature of `own` that is in the pairs, the part that features of `other` cover; by id."""
    at_own = pd.Index(own.ids).get_indexer(pairs[own_by])
    at_other = pd.Index(other.ids).get_indexer(pairs[other_by])
    groups = pd.Series(at_other).groupby(at_own)
    shapes = [shapely.intersection(own.shapes[at], shapely.union_all(other.shapes[on])) for at, on in groups]
    return pd.Series(np.array(shapes, dtype=object), index=pd.Index(own.ids.iloc[list(groups.groups)]), dtype=object)


def _area_of_union(shapes: Geometries) -> float:
    """Measure what shapes cover together, uniting only those that share ground with another."""
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    meeting = np.zeros(len(shapes), dtype=bool)
    meeting[first[first != second]] = True
    return float(shapely.area(shapes[~meeting]).sum() + shapely.area(shapely.union_all(shapes[meeting])))
