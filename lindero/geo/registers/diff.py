"""What became of a register between two snapshots."""

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
from lindero.geo.overlay.prepared_layer import Ground
from lindero.geo.registers import name_matching
from lindero.geo.registers.match import same_records

CHANGES = ("new", "gone", "renumbered", "holder", "holder_respelt", "status", "boundary")
UNKNOWN = "unknown"
SLACK = 1.01  # distances on the local plane are true to 1 %
ARC = 16  # corners in a quarter turn: a buffer is then short of its radius by 0.1 %

_COLUMNS = ["change", "before_id", "after_id", "matched_by", "before", "after", "gained_ha", "lost_ha", "beyond"]


@dataclass(frozen=True)
class Changes:
    """
    Two snapshots held against each other.

    `rows` has one row per change, and a record may have several: `change` (one of `CHANGES`); `before_id`, `after_id`;
    `matched_by` (`code`, `shape_and_name`); `before` and `after`, the two holders, statuses or codes; `gained_ha` and
    `lost_ha`; `beyond`, for a record that is new or gone: whether it lies outside what the other snapshot covers, which
    may then never have held it.
    """

    rows: pd.DataFrame
    records_before: int
    records_after: int
    found_again: int
    status_not_stated: int  # found again, but one of the two statuses is not known: that it changed cannot be told
    holder_not_stated: int

    def count(self, change: str) -> int:
        """Number of records with a change."""
        return int((self.rows["change"] == change).sum())


def changes(
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    *,
    covered_before: shapely.Geometry | None = None,
    covered_after: shapely.Geometry | None = None,
) -> Changes:
    """
    Say what is new, gone, renumbered, or has another holder, status or boundary.

    Parameters
    ----------
    before, after
        Two snapshots: valid polygons in one CRS with a unique `id`, `code`, `name`, and, where the layer has them,
        `holder`, `status`, `boundary_accuracy_m`. Neither is changed. Records are recognised as `same_records` says.
    covered_before, covered_after
        Ground where each snapshot has data, in degrees; the box of its records where nobody knows.

    Returns
    -------
    Changes
        A holder that is spelt otherwise is `holder_respelt` at most (`geo.registers.name_matching`). A status changed
        where both are known and differ. A boundary changed where it moved farther than the accuracies of both snapshots
        together.

    Raises
    ------
    GeoError
        If a column is missing, or as `geo.overlay.overlap`. A `ValueError`.
    """
    if missing := {"id", "code", "name"} - set(before.columns) & set(after.columns):
        raise FrameError(N_("the frames have no column {columns}"), columns=", ".join(sorted(missing)))
    matched = same_records(before, after)
    old, new = (
        frame.set_index("id", drop=False).loc[matched[side]].reset_index(drop=True)
        for frame, side in ((before, "before_id"), (after, "after_id"))
    )
    found = [
        _alone(before, _ground(after, covered_after), matched["before_id"], "gone"),
        _alone(after, _ground(before, covered_before), matched["after_id"], "new"),
        _listed(matched, matched["matched_by"] != "code", "renumbered", old["code"], new["code"]),
        *_of_holders(matched, old, new),
        _of_statuses(matched, old, new),
        _of_boundaries(matched, old, new),
    ]
    rows = pd.concat([some for some in found if len(some)] or found[:1]).reindex(columns=_COLUMNS)
    rows = rows.astype({"before_id": object, "after_id": object})
    order = rows["change"].map(CHANGES.index)
    return Changes(
        rows.iloc[np.lexsort((rows["after_id"].fillna(rows["before_id"]).astype(str), order))].reset_index(drop=True),
        len(before),
        len(after),
        len(matched),
        int((~_known(old, new, "status")).sum()),
        int((~_known(old, new, "holder")).sum()),
    )


def _ground(records: gpd.GeoDataFrame, covered: shapely.Geometry | None) -> shapely.Geometry | None:
    if covered is None:
        return shapely.box(*records.total_bounds) if len(records) else None
    return prepared_copy(covered)


def _alone(own: gpd.GeoDataFrame, other: shapely.Geometry | None, matched: pd.Series, change: str) -> pd.DataFrame:
    """List the records that are in one snapshot only, with the area that came or went with them."""
    alone = own[~own["id"].isin(matched)]
    ground = Ground.of(alone)
    area_ha = pd.Series(ground.area_m2 / M2_PER_HA, index=pd.Index(ground.ids)).reindex(alone["id"]).to_numpy()
    side, hectares = ("after_id", "gained_ha") if change == "new" else ("before_id", "lost_ha")
    return pd.DataFrame(
        {
            "change": change,
            side: alone["id"].to_numpy(),
            hectares: area_ha,
            "beyond": ~shapely.intersects(other, alone.geometry.to_numpy()),
        }
    )


def _of_holders(matched: pd.DataFrame, old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> list[pd.DataFrame]:
    both = np.flatnonzero(_known(old, new, "holder"))
    if not len(both):
        return []
    names = old["holder"].iloc[both], new["holder"].iloc[both]
    keys = [name_matching.keys(side) for side in names]
    other = (keys[0] != keys[1]).to_numpy()
    same = name_matching.same(*keys)
    some = matched.iloc[both]
    return [
        _listed(some, other & ~same, "holder", *names),
        _listed(some, other & same, "holder_respelt", *names),
    ]


def _of_statuses(matched: pd.DataFrame, old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> pd.DataFrame:
    before, after = _both(old, new, "status")
    changed = _known(old, new, "status") & np.asarray(before != after, dtype=bool)
    return _listed(matched, changed, "status", before, after)


def _of_boundaries(matched: pd.DataFrame, old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> pd.DataFrame:
    """List the boundaries that moved farther than their accuracies; points have none."""
    grounds = Ground.of(old), Ground.of(new)
    both = [pd.Index(ground.ids) for ground in grounds]
    at = [index.get_indexer(pd.Index(side)) for index, side in zip(both, (old["id"], new["id"]), strict=True)]
    rows = np.flatnonzero((at[0] >= 0) & (at[1] >= 0))
    was, now = (ground.shapes[places[rows]] for ground, places in zip(grounds, at, strict=True))
    reach_m = grounds[0].accuracy_m[at[0][rows]] + grounds[1].accuracy_m[at[1][rows]]
    moved = np.flatnonzero(~shapely.equals_exact(was, now))
    moved = moved[_moved(was[moved], now[moved], reach_m[moved] * SLACK)]
    was, now = was[moved], now[moved]
    return pd.DataFrame(
        {
            "change": "boundary",
            **matched.iloc[rows[moved]].to_dict("list"),
            "gained_ha": shapely.area(shapely.difference(now, was)) / M2_PER_HA,
            "lost_ha": shapely.area(shapely.difference(was, now)) / M2_PER_HA,
        }
    )


def _moved(was: Geometries, now: Geometries, reach_m: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Tell where one of two plane shapes reaches farther than `reach_m` out of the other."""
    centres = scale_factor.middles(was)
    was, now = scale_factor.around(was, centres), scale_factor.around(now, centres)
    kept = shapely.covers(shapely.buffer(now, reach_m, quad_segs=ARC), was)
    return np.asarray(~(kept & shapely.covers(shapely.buffer(was, reach_m, quad_segs=ARC), now)))


def _listed(
    matched: pd.DataFrame, which: "pd.Series | npt.NDArray[np.bool_]", change: str, before: pd.Series, after: pd.Series
) -> pd.DataFrame:
    chosen = np.asarray(which, dtype=bool)
    values = {"before": before.to_numpy()[chosen], "after": after.to_numpy()[chosen]}
    return matched[chosen].assign(change=change, **values)


def _both(old: pd.DataFrame, new: pd.DataFrame, column: str) -> tuple[pd.Series, pd.Series]:
    nothing = pd.Series(None, index=old.index, dtype=object)
    return old.get(column, nothing), new.get(column, nothing)


def _known(old: pd.DataFrame, new: pd.DataFrame, column: str) -> npt.NDArray[np.bool_]:
    """Tell which records state a column in both snapshots."""
    before, after = _both(old, new, column)
    return np.asarray(before.notna() & after.notna() & (before != UNKNOWN) & (after != UNKNOWN), dtype=bool)
