"""Matching of records between an earlier and a later snapshot of a register."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lindero.geo.overlay.overlap import overlap
from lindero.geo.registers import name_matching

MIN_SHARE = 0.9  # share of each record's area that the other must cover to count as the same shape
DATES = ("applied_on", "granted_on", "established_on")  # dates of a record that do not change

_HALF_TURN = 180.0
_COLUMNS = ["before_id", "after_id", "matched_by"]


def match_records(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    """Match the records of two snapshots of a register: by code, and otherwise by shape, name, holder and dates.

    `before`, `after`: frames of valid polygons in one CRS with a unique `id`, `code` and `name`, and where the layer
    has them, `holder` and dates (`DATES`). A code is used if it occurs once in each snapshot, regardless of case and
    punctuation. Shapes are the same if each covers 90 % of the other. The same shape alone is not enough: a lapsed
    concession is often applied for again, on the same squares. The name must be the same too, or the holder and a date;
    and no date may differ. Returns: one row per matched record, each record once: `before_id`, `after_id`, `matched_by`
    (`code`, `shape_and_name` or `shape_holder_and_date`).
    """
    by_code = _match_by_code(before, after)
    rest_before = before[~before["id"].isin(by_code["before_id"])]
    rest_after = after[~after["id"].isin(by_code["after_id"])]
    by_shape = _match_by_shape(rest_before, rest_after)
    matches = pd.concat([by_code.assign(matched_by="code"), by_shape])
    return matches[_COLUMNS].sort_values("after_id", ignore_index=True)


def unique_keys(codes: pd.Series) -> pd.Series:
    """Return the keys of codes that occur once in a snapshot, by which its records are matched.

    Returns: keys, as `name_matching.key` returns them, under the same index; None where the key is missing or repeated.
    """
    keys = name_matching.keys(codes)
    return keys.where(~keys.duplicated(keep=False), None)


def _match_by_code(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    sides = [
        pd.DataFrame({"code": unique_keys(frame["code"]), name: frame["id"]})
        .dropna(subset="code")
        .astype({"code": str})
        for frame, name in ((before, "before_id"), (after, "after_id"))
    ]
    return sides[0].merge(sides[1], on="code")[["before_id", "after_id"]]


def _match_by_shape(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    """Match records with the same attributes on the same area, best fit first, each record once."""
    before, after = _filter_candidates(before, after)
    if before.empty:
        return pd.DataFrame(columns=_COLUMNS, dtype=object)
    pairs = overlap(before, after)
    pairs = pairs.assign(fit=np.minimum(pairs["share_of_left"], pairs["share_of_right"]))
    pairs = pairs[pairs["fit"] >= MIN_SHARE]
    sides = ((before, "left_id"), (after, "right_id"))
    grounds = _find_grounds(*(frame.set_index("id").loc[pairs[side]] for frame, side in sides))
    pairs = pairs.assign(matched_by=grounds)[grounds != ""].sort_values(
        ["fit", "left_id", "right_id"], ascending=[False, True, True]
    )
    used: set[object] = set()
    matches = []
    for left, right, matched_by in zip(pairs["left_id"], pairs["right_id"], pairs["matched_by"], strict=True):
        if ("before", left) not in used and ("after", right) not in used:
            used |= {("before", left), ("after", right)}
            matches.append((left, right, matched_by))
    return pd.DataFrame(matches, columns=_COLUMNS, dtype=object)


def _find_grounds(before: pd.DataFrame, after: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Return by which attributes the rows of two frames are the same record, pair by pair; empty where they are not."""
    is_same_name = name_matching.is_same_name(*(name_matching.keys(side["name"]) for side in (before, after)))
    is_same_date, is_other_date = (np.zeros(len(before), dtype=bool) for _ in range(2))
    for column in DATES:
        if column in before and column in after:
            dates = [pd.to_datetime(side[column], errors="coerce").to_numpy() for side in (before, after)]
            is_known = ~np.isnat(dates[0]) & ~np.isnat(dates[1])
            is_same_date |= is_known & (dates[0] == dates[1])
            is_other_date |= is_known & (dates[0] != dates[1])
    grounds = np.where(is_same_name, "shape_and_name", "").astype(object)
    if "holder" in before and "holder" in after:
        rest = np.flatnonzero(is_same_date & ~is_same_name)
        holders = [name_matching.keys(side["holder"].iloc[rest]) for side in (before, after)]
        is_same_holder = name_matching.is_same_name(*holders) & holders[0].notna().to_numpy()
        grounds[rest[is_same_holder]] = "shape_holder_and_date"
    return np.where(is_other_date, "", grounds)


def _filter_candidates(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Filter records to those that could be a record with an intersecting box by their attributes.

    Attributes are faster to compare than areas.
    """
    boxes = [shapely.box(*frame.geometry.bounds.to_numpy().T) for frame in (before, after)]
    if any((np.abs(shapely.bounds(side_boxes)[:, ::2]) > _HALF_TURN).any() for side_boxes in boxes):
        return before, after  # a box beyond ±180° may match one on the other side of the antimeridian
    before_rows, after_rows = shapely.STRtree(boxes[1]).query(boxes[0])
    is_same = _find_grounds(before.iloc[before_rows], after.iloc[after_rows]) != ""
    return before.iloc[np.unique(before_rows[is_same])], after.iloc[np.unique(after_rows[is_same])]
