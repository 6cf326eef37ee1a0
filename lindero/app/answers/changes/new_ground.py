"""Earlier concessions on the ground of new ones, and applications of several people for one ground."""

import datetime as dt
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.app.answers.changes.register_changes import ChangeReport
from lindero.app.answers.changes.register_dates import MONTHS
from lindero.geo.geometry.areas import areas_ha
from lindero.geo.geometry.projection import Floats, Geometries
from lindero.geo.overlay.overlap import overlap
from lindero.geo.registers import name_matching
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import CONCESSIONS

_SAME_GROUND = 0.99  # share of the ground of both that two applications for the same land share
_HALF = 0.5  # share of an earlier concession that makes it part of a new one; share of its ground with the same holder
_SMALL = 0.01  # share of a concession below which ground is not counted as new, or as earlier


@dataclass(frozen=True)
class EarlierGround:
    """The part of a new concession that was under concession in the earlier snapshot of its register.

    `gathered` counts the earlier concessions that are gone and had at least half of their ground in the new one.
    """

    gathered: int
    earlier_ha: float
    new_ha: float
    is_same_holder: bool  # whether half of the earlier ground or more had the same holder

    @property
    def is_old(self) -> bool:
        """Whether no ground of the concession is new."""
        return self.new_ha < _SMALL * (self.earlier_ha + self.new_ha)


def find_earlier_grounds(con: Connection, report: ChangeReport) -> dict[str, EarlierGround]:
    """Return by id the earlier ground of the new concessions of a report that have any."""
    is_new = (report.rows["change"] == "new").to_numpy() & report.shapes.geometry.notna().to_numpy()
    if report.after.layer != CONCESSIONS.name or not is_new.any():
        return {}
    rows = report.rows[is_new]
    new = gpd.GeoDataFrame(
        {"id": rows["after_id"].to_numpy(), "holder": rows["holder"].to_numpy()},
        geometry=report.shapes.geometry.to_numpy()[is_new],
        crs=report.shapes.crs,
    )
    west, south, east, north = map(float, new.total_bounds)
    before, after = (
        {"source_id": snapshot.source_id, "snapshot_on": snapshot.snapshot_on.isoformat()}
        for snapshot in (report.before, report.after)
    )
    earlier = map_database.read_layer(
        con, CONCESSIONS, where=before, bounds=(west, south, east, north), every_snapshot=True
    )
    earlier = earlier[earlier["status"] != "expired"]
    later_ids = map_database.read_layer(con, CONCESSIONS, where=after, columns=["id"], every_snapshot=True)["id"]
    return _measure_earlier_grounds(new, earlier, frozenset(earlier["id"]) - frozenset(later_ids))


def find_applications(con: Connection, report: ChangeReport) -> dict[str, dt.date]:
    """Return by id the dates of the concessions applied for in the last months that are not known to be granted."""
    if report.after.layer != CONCESSIONS.name:
        return {}
    where = {"source_id": report.after.source_id, "snapshot_on": report.after.snapshot_on.isoformat()}
    columns = ["id", "status", "applied_on", "granted_on"]
    rows = map_database.read_layer(con, CONCESSIONS, where=where, columns=columns, every_snapshot=True)
    applied_on = pd.to_datetime(rows["applied_on"])
    since = pd.Timestamp(report.after.snapshot_on) - pd.DateOffset(months=MONTHS)
    is_open = rows["status"].isin(["applied", "unknown"]) & rows["granted_on"].isna() & (applied_on > since)
    return dict(zip(rows["id"][is_open], applied_on[is_open].dt.date, strict=True))


def _measure_earlier_grounds(
    new: gpd.GeoDataFrame, earlier: gpd.GeoDataFrame, gone_ids: frozenset[str]
) -> dict[str, EarlierGround]:
    pairs = overlap(new, earlier)
    holders, earlier_holders = (name_matching.keys(frame.set_index("id")["holder"]) for frame in (new, earlier))
    holder = pairs["left_id"].map(holders)
    is_same = holder.notna() & (holder == pairs["right_id"].map(earlier_holders))
    is_gathered = pairs["right_id"].isin(gone_ids) & (pairs["share_of_right"] >= _HALF)
    sums = pairs.assign(same_ha=pairs["area_ha"].where(is_same, 0.0), gathered=is_gathered).groupby("left_id")
    table = sums[["area_ha", "same_ha", "gathered"]].sum()
    shapes = new.geometry.to_numpy()[pd.Index(new["id"]).get_indexer(table.index)]
    earlier_shapes = earlier.geometry.to_numpy()[pd.Index(earlier["id"]).get_indexer(pairs["right_id"])]
    unions = [shapely.union_all(earlier_shapes[sums.indices[id_]]) for id_ in table.index]
    table["earlier_ha"] = areas_ha(shapely.intersection(shapes, np.array(unions, dtype=object)))
    table["new_ha"] = np.maximum(areas_ha(shapes) - table["earlier_ha"], 0.0)
    known = table[table["earlier_ha"] >= _SMALL * (table["earlier_ha"] + table["new_ha"])]
    is_same_holder = (known["same_ha"] >= _HALF * known["area_ha"]).tolist()
    measures = zip(known["gathered"].astype(int), known["earlier_ha"], known["new_ha"], is_same_holder, strict=True)
    return {str(id_): EarlierGround(*measure) for id_, measure in zip(known.index, measures, strict=True)}


def group_rivals(rows: pd.DataFrame, grounds: Geometries) -> list[list[int]]:
    """Return the positions of acts (`act`, `dated_on`) in groups: applications of one date for the same ground are one.

    Every other act is a group of its own. The groups are in the order of their first acts.
    """
    hectares = areas_ha(grounds)
    is_application = (rows["act"] == "applied").to_numpy()
    groups = {int(position): [int(position)] for position in np.flatnonzero(~is_application)}
    dates = rows["dated_on"].to_numpy()
    for date in np.unique(dates[is_application]):
        groups |= _group_same_grounds(np.flatnonzero(is_application & (dates == date)).tolist(), grounds, hectares)
    return [groups[first] for first in sorted(groups)]


def _group_same_grounds(rest: list[int], grounds: Geometries, hectares: Floats) -> dict[int, list[int]]:
    """Group positions by equal ground: the first position of each group, and all of them."""
    groups = dict[int, list[int]]()
    while rest:
        first = rest[0]
        shared = areas_ha(shapely.intersection(grounds[rest], grounds[first]))
        is_same = shared >= _SAME_GROUND * np.maximum(hectares[rest], hectares[first])
        groups[first] = [first, *(at for at, same in zip(rest[1:], is_same[1:], strict=True) if same)]
        rest = [position for position in rest if position not in groups[first]]
    return groups
