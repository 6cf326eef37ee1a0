"""How well the boundaries of a source are known, and how that is known: stated, by its datum, estimated, or assumed."""

from enum import StrEnum

import geopandas as gpd
import numpy as np
import pandas as pd

from lindero.geo.geometry.areas import mean_offsets_m
from lindero.geo.geometry.datum_shift import DatumShift
from lindero.geo.geometry.projection import Floats, is_polygonal
from lindero.geo.overlay.prepared_layer import ASSUMED_ACCURACY_M
from lindero.layers.check.validate import HECTARES_DIFFER

COLUMN = "boundary_accuracy_m"
_FEWEST = 10  # rows that agree on their hectares, from which an accuracy is estimated
_MOST = 2_000  # rows that are measured for it


class Basis(StrEnum):
    """How the accuracy of a boundary is known."""

    STATED = "stated"  # by whoever sent or added it, or by the publisher's method
    TRANSFORMATION = "transformation"  # that of the operation which left its datum
    ESTIMATED = "estimated"  # from official and drawn hectares
    ASSUMED = "assumed"


def told(rows: gpd.GeoDataFrame, shift: DatumShift | None) -> tuple[gpd.GeoDataFrame, dict[str, object]]:
    """
    Give rows the accuracy that their source has, and say how it is known, for the row of the source.

    No boundary is better known than the operation that brought it onto WGS 84. Where none is stated it is the coarsest
    of what is assumed, that operation, and the estimate: hectares that agree do not show that a boundary is in its
    place. A row of which no more is known than what is assumed stays empty.
    """
    operation_m = (shift.accuracy_m if shift else None) or 0.0
    record: dict[str, object] = {
        "crs_operation": shift.operation if shift else None,
        "crs_operation_accuracy_m": shift.accuracy_m if shift else None,
    }
    if "area_ha" not in rows:
        return rows, record
    areal = is_polygonal(rows.geometry.to_numpy())
    estimate_m = estimated_m(gpd.GeoDataFrame(rows[areal]))
    unstated = {
        Basis.ASSUMED: ASSUMED_ACCURACY_M,
        Basis.TRANSFORMATION: operation_m,
        Basis.ESTIMATED: estimate_m or 0.0,
    }
    basis = max(unstated, key=unstated.__getitem__)
    stated = rows[COLUMN].astype(float) if COLUMN in rows else pd.Series(np.nan, index=rows.index)
    raised = stated.clip(lower=operation_m) if operation_m > 0 else stated
    known = raised if basis is Basis.ASSUMED else raised.fillna(unstated[basis])
    if areal.any():
        if stated[areal].notna().mean() > 0.5:  # noqa: PLR2004  most
            is_raised = (stated[areal] < operation_m).mean() > 0.5  # noqa: PLR2004  most
            basis = Basis.TRANSFORMATION if is_raised else Basis.STATED
        record |= {COLUMN: float(known[areal].fillna(ASSUMED_ACCURACY_M).median()), "accuracy_basis": basis.value}
        record |= {"accuracy_estimated_m": estimate_m}
    return rows if known.isna().all() else rows.assign(**{COLUMN: known}), record


def estimated_m(rows: gpd.GeoDataFrame) -> float | None:
    """
    Estimate the accuracy of areas: the median of their mean offsets from what would enclose the official hectares.

    All rows are asked, for of those alone whose hectares agree it would come out too small. Rows whose hectares differ
    by more than a tenth may be another thing, or cut: where they are most, or few rows agree, nothing can be estimated.
    """
    if "area_official_ha" not in rows:
        return None
    both = rows[(rows["area_official_ha"].astype(float) > 0) & (rows["area_ha"] > 0)]
    some = both.iloc[:: max(1, len(both) // _MOST)]
    official: Floats = some["area_official_ha"].to_numpy(dtype=float)
    ratio = official / some["area_ha"].to_numpy(dtype=float)
    agree = (ratio <= 1 + HECTARES_DIFFER) & (ratio >= 1 / (1 + HECTARES_DIFFER))
    if agree.sum() < max(_FEWEST, len(some) / 2):
        return None
    return round(float(np.median(mean_offsets_m(some.geometry.to_numpy(), official))), 1)
