"""Changes of a register between two snapshots."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lindero.geo.errors import N_, FrameError
from lindero.geo.geometry import scale_factor
from lindero.geo.geometry.prepared import prepared_copy
from lindero.geo.geometry.projection import Geometries
from lindero.geo.geometry.units import M2_PER_HA
from lindero.geo.overlay.prepared_layer import PolygonLayer
from lindero.geo.registers import name_matching
from lindero.geo.registers.match import match_records

CHANGES = ("new", "gone", "renumbered", "holder", "holder_respelt", "status", "boundary")
UNKNOWN = "unknown"
SLACK = 1.01  # distances on the local plane are accurate to 1 %
ARC = 16  # vertices in a quarter turn: a buffer is then 0.1 % short of its radius

_COLUMNS = ["change", "before_id", "after_id", "matched_by", "before", "after", "gained_ha", "lost_ha", "beyond"]


@dataclass(frozen=True)
class Changes:
    """The changes between two snapshots of a register.

    `rows` has one row per change, and a record may have several: `change` (one of `CHANGES`); `before_id`, `after_id`;
    `matched_by` (as in `match_records`); `before` and `after`, the two holders, statuses or codes; `gained_ha` and
    `lost_ha`; `beyond`, for new or gone records. `beyond` is true if the record is outside the area of the other
    snapshot, which may therefore never have contained it.
    """

    rows: pd.DataFrame
    records_before: int
    records_after: int
    found_again: int
    status_not_stated: int  # found again, but one of the statuses is unknown and has no word, so no change is detected
    holder_not_stated: int

    def count(self, change: str) -> int:
        """Count the records with a given change."""
        return int((self.rows["change"] == change).sum())


def changes(
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    *,
    unchanged: pd.DataFrame | None = None,
    covered_before: shapely.Geometry | None = None,
    covered_after: shapely.Geometry | None = None,
) -> Changes:
    """List the records that are new, gone or renumbered, or that have a different holder, status or boundary.

    `before`, `after`: two snapshots: frames of valid polygons in one CRS with a unique `id`, `code`, `name` and, where
    the layer has them, `holder`, `status`, `status_received`, `boundary_accuracy_m` (metres). They are not changed.
    `match_records` matches the records. `unchanged`: records that both snapshots contain with an equal code, holder,
    status and geometry, and that the frames leave out to save memory: a frame with `holder` and `status`, where the
    layer has them. They are only counted. Their codes must be unique (`match.unique_keys`), and then the result is the
    same as with them in the frames. `covered_before`, `covered_after`: area in which each snapshot has data, in
    degrees. The default is the bounding box of its frame. Returns: areas are in hectares. A holder with only a
    different spelling is `holder_respelt` (`geo.registers.name_matching`). A status has changed if both are known and
    differ, or if one is unknown and the words in `status_received` differ. A boundary has changed if it moved farther
    than the sum of both accuracies.
    """
    if missing := {"id", "code", "name"} - set(before.columns) & set(after.columns):
        raise FrameError(N_("columns missing from the frames: {columns}"), columns=", ".join(sorted(missing)))
    matched = match_records(before, after)
    old, new = (
        frame.set_index("id", drop=False).loc[matched[side]].reset_index(drop=True)
        for frame, side in ((before, "before_id"), (after, "after_id"))
    )
    old_code, new_code = (name_matching.keys(side["code"]) for side in (old, new))
    is_renumbered = (matched["matched_by"] != "code") & old_code.notna() & new_code.notna() & (old_code != new_code)
    tables = [
        _list_unmatched_records(before, _covered_area(after, covered_after), matched["before_id"], "gone"),
        _list_unmatched_records(after, _covered_area(before, covered_before), matched["after_id"], "new"),
        _list_changes(matched, is_renumbered, "renumbered", old["code"], new["code"]),
        *_list_holder_changes(matched, old, new),
        _list_status_changes(matched, old, new),
        _list_boundary_changes(matched, old, new),
    ]
    rows = pd.concat([table for table in tables if len(table)] or tables[:1]).reindex(columns=_COLUMNS)
    rows = rows.astype({"before_id": object, "after_id": object})
    order = rows["change"].map(CHANGES.index)
    others = pd.DataFrame() if unchanged is None else unchanged
    status_not_stated, holder_not_stated = (
        sum(
            int((~_is_known(*sides, column) & ~(_has_words(*sides) & (column == "status"))).sum())
            for sides in ((old, new), (others, others))
        )
        for column in ("status", "holder")
    )
    return Changes(
        rows.iloc[np.lexsort((rows["after_id"].fillna(rows["before_id"]).astype(str), order))].reset_index(drop=True),
        len(before) + len(others),
        len(after) + len(others),
        len(matched) + len(others),
        status_not_stated,
        holder_not_stated,
    )


def _covered_area(records: gpd.GeoDataFrame, covered: shapely.Geometry | None) -> shapely.Geometry | None:
    if covered is None:
        return shapely.box(*records.total_bounds) if len(records) else None
    return prepared_copy(covered)


def _list_unmatched_records(
    records: gpd.GeoDataFrame, other_area: shapely.Geometry | None, matched: pd.Series, change: str
) -> pd.DataFrame:
    """List the records that are in one snapshot only, with their areas."""
    unmatched = records[~records["id"].isin(matched)]
    layer = PolygonLayer.from_frame(unmatched)
    area_ha = pd.Series(layer.area_m2 / M2_PER_HA, index=pd.Index(layer.ids)).reindex(unmatched["id"]).to_numpy()
    side, hectares = ("after_id", "gained_ha") if change == "new" else ("before_id", "lost_ha")
    return pd.DataFrame(
        {
            "change": change,
            side: unmatched["id"].to_numpy(),
            hectares: area_ha,
            "beyond": ~shapely.intersects(other_area, unmatched.geometry.to_numpy()),
        }
    )


def _list_holder_changes(matched: pd.DataFrame, old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> list[pd.DataFrame]:
    rows = np.flatnonzero(_is_known(old, new, "holder"))
    if not len(rows):
        return []
    names = old["holder"].iloc[rows], new["holder"].iloc[rows]
    keys = [name_matching.keys(side) for side in names]
    is_different = (keys[0] != keys[1]).to_numpy()
    is_same_spelling = name_matching.is_same_name(*keys)
    matched_rows = matched.iloc[rows]
    return [
        _list_changes(matched_rows, is_different & ~is_same_spelling, "holder", *names),
        _list_changes(matched_rows, is_different & is_same_spelling, "holder_respelt", *names),
    ]


def _list_status_changes(matched: pd.DataFrame, old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> pd.DataFrame:
    """List the changes of status; where one of two is a word that is not known, both are told as received."""
    before, after = _column_pair(old, new, "status")
    changed = _is_known(old, new, "status") & np.asarray(before != after, dtype=bool)
    words = _column_pair(old, new, "status_received")
    reworded = _is_reworded(old, new)
    texts = [side.where(~reworded, word) for side, word in zip((before, after), words, strict=True)]
    return _list_changes(matched, changed | reworded, "status", *texts)


def _has_words(old: pd.DataFrame, new: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return a mask of the records with an unknown status, of which both snapshots have the received word."""
    words = _column_pair(old, new, "status_received")
    has_word = [word.notna() & (word != UNKNOWN) for word in words]
    return np.asarray(~_is_known(old, new, "status") & has_word[0] & has_word[1], dtype=bool)


def _is_reworded(old: pd.DataFrame, new: pd.DataFrame) -> npt.NDArray[np.bool_]:
    words = _column_pair(old, new, "status_received")
    differ = name_matching.keys(words[0]) != name_matching.keys(words[1])
    return np.asarray(_has_words(old, new) & differ, dtype=bool)


def _list_boundary_changes(matched: pd.DataFrame, old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> pd.DataFrame:
    """List the boundaries that moved farther than their accuracies. Points have no boundary."""
    grounds = PolygonLayer.from_frame(old), PolygonLayer.from_frame(new)
    indexes = [pd.Index(ground.ids) for ground in grounds]
    positions = [index.get_indexer(pd.Index(side)) for index, side in zip(indexes, (old["id"], new["id"]), strict=True)]
    rows = np.flatnonzero((positions[0] >= 0) & (positions[1] >= 0))
    old_shapes, new_shapes = (
        ground.shapes[side_positions[rows]] for ground, side_positions in zip(grounds, positions, strict=True)
    )
    reach_m = grounds[0].accuracy_m[positions[0][rows]] + grounds[1].accuracy_m[positions[1][rows]]
    moved = np.flatnonzero(~shapely.equals_exact(old_shapes, new_shapes))
    moved = moved[_has_moved(old_shapes[moved], new_shapes[moved], reach_m[moved] * SLACK)]
    old_shapes, new_shapes = old_shapes[moved], new_shapes[moved]
    return pd.DataFrame(
        {
            "change": "boundary",
            **matched.iloc[rows[moved]].to_dict("list"),
            "gained_ha": shapely.area(shapely.difference(new_shapes, old_shapes)) / M2_PER_HA,
            "lost_ha": shapely.area(shapely.difference(old_shapes, new_shapes)) / M2_PER_HA,
        }
    )


def _has_moved(
    old_shapes: Geometries, new_shapes: Geometries, reach_m: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Return a mask of the pairs in which one plane shape extends more than `reach_m` beyond the other."""
    centres = scale_factor.bbox_centres(old_shapes)
    old_shapes, new_shapes = (
        scale_factor.to_local_metres(old_shapes, centres),
        scale_factor.to_local_metres(new_shapes, centres),
    )
    is_within = shapely.covers(shapely.buffer(new_shapes, reach_m, quad_segs=ARC), old_shapes)
    return np.asarray(~(is_within & shapely.covers(shapely.buffer(old_shapes, reach_m, quad_segs=ARC), new_shapes)))


def _list_changes(
    matched: pd.DataFrame, mask: "pd.Series | npt.NDArray[np.bool_]", change: str, before: pd.Series, after: pd.Series
) -> pd.DataFrame:
    chosen = np.asarray(mask, dtype=bool)
    values = {"before": before.to_numpy()[chosen], "after": after.to_numpy()[chosen]}
    return matched[chosen].assign(change=change, **values)


def _column_pair(old: pd.DataFrame, new: pd.DataFrame, column: str) -> tuple[pd.Series, pd.Series]:
    missing = pd.Series(None, index=old.index, dtype=object)
    return old.get(column, missing), new.get(column, missing)


def _is_known(old: pd.DataFrame, new: pd.DataFrame, column: str) -> npt.NDArray[np.bool_]:
    """Return a mask of the records with a known value of a column in both snapshots."""
    before, after = _column_pair(old, new, column)
    return np.asarray(before.notna() & after.notna() & (before != UNKNOWN) & (after != UNKNOWN), dtype=bool)
