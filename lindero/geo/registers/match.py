"""Matching of records between an earlier and a later snapshot of a register."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.overlay.overlap import overlap
from lindero.geo.registers import name_matching

MIN_SHARE = 0.9  # share of each record's area that the other must cover to count as the same shape

_HALF_TURN = 180.0
_COLUMNS = ["before_id", "after_id", "matched_by"]


def match_records(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    """
    Match the records of two snapshots of a register: by code, and otherwise by shape and name.

    Parameters
    ----------
    before, after
        Frames of valid polygons in one CRS with a unique `id`, `code` and `name`. A code is used if it occurs once in
        each snapshot, regardless of case and punctuation. Shapes are the same if each covers 90 % of the other. The
        same shape alone is not enough: a lapsed concession is often applied for again, on the same squares, by another
        holder.

    Returns
    -------
    DataFrame
        One row per matched record, each record once: `before_id`, `after_id`, `matched_by` (`code` or
        `shape_and_name`).

    Raises
    ------
    GeoError
        If a frame is not valid, as in `geo.overlay.overlap`. A `ValueError`.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> record = {"id": ["1"], "code": ["A-1"], "name": ["Veta"]}
    >>> old = gpd.GeoDataFrame(record, geometry=[box(0, 0, 1, 1)], crs="OGC:CRS84")
    >>> new = old.assign(id="9", code="a1")
    >>> match_records(old, new).to_numpy().tolist()
    [['1', '9', 'code']]
    >>> match_records(old, new.assign(code="B-2"))["matched_by"].tolist()
    ['shape_and_name']
    """
    by_code = _match_by_code(before, after)
    rest_before = before[~before["id"].isin(by_code["before_id"])]
    rest_after = after[~after["id"].isin(by_code["after_id"])]
    by_shape = _match_by_shape(rest_before, rest_after)
    matches = pd.concat([by_code.assign(matched_by="code"), by_shape.assign(matched_by="shape_and_name")])
    return matches[_COLUMNS].sort_values("after_id", ignore_index=True)


def _match_by_code(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    sides = []
    for frame, name in ((before, "before_id"), (after, "after_id")):
        codes = name_matching.keys(frame["code"])
        is_unique = codes.notna() & ~codes.duplicated(keep=False)
        sides.append(pd.DataFrame({"code": codes[is_unique].astype(str), name: frame["id"][is_unique]}))
    return sides[0].merge(sides[1], on="code")[["before_id", "after_id"]]


def _match_by_shape(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    """Match records with the same name on the same area, best fit first, each record once."""
    before, after = _filter_same_name(before, after)
    if before.empty:
        return pd.DataFrame(columns=["before_id", "after_id"], dtype=object)
    pairs = overlap(before, after)
    pairs = pairs.assign(fit=np.minimum(pairs["share_of_left"], pairs["share_of_right"]))
    pairs = pairs[pairs["fit"] >= MIN_SHARE]
    names = (
        name_matching.keys(frame.set_index("id")["name"]).reindex(pairs[side])
        for frame, side in ((before, "left_id"), (after, "right_id"))
    )
    pairs = pairs[name_matching.is_same_name(*names)].sort_values(
        ["fit", "left_id", "right_id"], ascending=[False, True, True]
    )
    used: set[object] = set()
    matches = []
    for left, right in zip(pairs["left_id"], pairs["right_id"], strict=True):
        if ("before", left) not in used and ("after", right) not in used:
            used |= {("before", left), ("after", right)}
            matches.append((left, right))
    return pd.DataFrame(matches, columns=["before_id", "after_id"], dtype=object)


def _filter_same_name(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """
    Filter records to those with the name of a record with an intersecting box.

    Names are faster to compare than areas.
    """
    boxes = [shapely.box(*frame.geometry.bounds.to_numpy().T) for frame in (before, after)]
    if any((np.abs(shapely.bounds(side_boxes)[:, ::2]) > _HALF_TURN).any() for side_boxes in boxes):
        return before, after  # a box beyond ±180° may match one on the other side of the antimeridian
    before_rows, after_rows = shapely.STRtree(boxes[1]).query(boxes[0])
    is_same = name_matching.is_same_name(
        name_matching.keys(before["name"]).iloc[before_rows], name_matching.keys(after["name"]).iloc[after_rows]
    )
    return before.iloc[np.unique(before_rows[is_same])], after.iloc[np.unique(after_rows[is_same])]
