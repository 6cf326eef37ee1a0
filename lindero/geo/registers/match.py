"""Which records of a later snapshot are those of an earlier one."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.overlay.overlap import overlap
from lindero.geo.registers import name_matching

MIN_SHARE = 0.9  # of each record's ground that the other must cover to be the same shape

_HALF_TURN = 180.0
_COLUMNS = ["before_id", "after_id", "matched_by"]


def same_records(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    """
    Recognise records of two snapshots of one register: by code, and where no code is found again by shape and name.

    Parameters
    ----------
    before, after
        Valid polygons in one CRS with a unique `id`, `code` and `name`. A code counts where it stands once in each
        snapshot, whatever its case and punctuation. The shape is the same where each covers nine tenths of the other.
        Ground alone proves nothing: a title that lapses is applied for again, on the same squares, by somebody else.

    Returns
    -------
    DataFrame
        One row per record found again, each record once: `before_id`, `after_id`, `matched_by` (`code` or
        `shape_and_name`).

    Raises
    ------
    GeoError
        As `geo.overlay.overlap`. A `ValueError`.
    """
    by_code = _by_code(before, after)
    rest_before = before[~before["id"].isin(by_code["before_id"])]
    rest_after = after[~after["id"].isin(by_code["after_id"])]
    by_shape = _by_shape(rest_before, rest_after)
    found = pd.concat([by_code.assign(matched_by="code"), by_shape.assign(matched_by="shape_and_name")])
    return found[_COLUMNS].sort_values("after_id", ignore_index=True)


def _by_code(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    sides = []
    for frame, name in ((before, "before_id"), (after, "after_id")):
        codes = name_matching.keys(frame["code"])
        once = codes.notna() & ~codes.duplicated(keep=False)
        sides.append(pd.DataFrame({"code": codes[once].astype(str), name: frame["id"][once]}))
    return sides[0].merge(sides[1], on="code")[["before_id", "after_id"]]


def _by_shape(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    """Pair what has the same name on the same ground, the best fit first, each record once."""
    before, after = _of_same_name(before, after)
    if before.empty:
        return pd.DataFrame(columns=["before_id", "after_id"], dtype=object)
    pairs = overlap(before, after)
    pairs = pairs.assign(fit=np.minimum(pairs["share_of_left"], pairs["share_of_right"]))
    pairs = pairs[pairs["fit"] >= MIN_SHARE]
    names = (
        name_matching.keys(frame.set_index("id")["name"]).reindex(pairs[side])
        for frame, side in ((before, "left_id"), (after, "right_id"))
    )
    pairs = pairs[name_matching.same(*names)].sort_values(["fit", "left_id", "right_id"], ascending=[False, True, True])
    taken: set[object] = set()
    kept = []
    for left, right in zip(pairs["left_id"], pairs["right_id"], strict=True):
        if ("before", left) not in taken and ("after", right) not in taken:
            taken |= {("before", left), ("after", right)}
            kept.append((left, right))
    return pd.DataFrame(kept, columns=["before_id", "after_id"], dtype=object)


def _of_same_name(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Choose what has the same name as one whose box it meets: to compare names is quicker than to measure ground."""
    boxes = [shapely.box(*frame.geometry.bounds.to_numpy().T) for frame in (before, after)]
    if any((np.abs(shapely.bounds(some)[:, ::2]) > _HALF_TURN).any() for some in boxes):
        return before, after  # in degrees what runs on past 180 may be the ground of what stands on its other side
    at, to = shapely.STRtree(boxes[1]).query(boxes[0])
    is_same = name_matching.same(
        name_matching.keys(before["name"]).iloc[at], name_matching.keys(after["name"]).iloc[to]
    )
    return before.iloc[np.unique(at[is_same])], after.iloc[np.unique(to[is_same])]
