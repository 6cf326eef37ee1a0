"""
What a reader watches: communities and regions, by codes that stay the same from one snapshot to the next.

A list of what is watched tells where a defender looks. It is kept nowhere on the server: the reader's own link or
command line holds it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lindero.app.answers.changes.register_changes import ChangeReport, covered_in_both
from lindero.app.answers.changes.register_dates import DatedReport
from lindero.app.answers.changes.succession import Found, find
from lindero.app.answers.coverage.coverage import coverage_of
from lindero.app.answers.coverage.coverage_text import WATCHED
from lindero.app.answers.coverage.reach import Reach, reach_from
from lindero.app.answers.regions import is_met
from lindero.geo.geometry.prepared import prepared_copy
from lindero.layers.database import map_database
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, CRS, REGIONS
from lindero.layers.reference import base_data

COMMUNITY, REGION = "community", "region"


@dataclass(frozen=True)
class Watched:
    """
    A community or a region that somebody watches.

    `key` stays the same over snapshots: `community/` and its id, or `region/` and a code of ISO 3166-2.
    """

    key: str
    name: str
    id: str  # of the community in this map, or the region's code

    @property
    def is_region(self) -> bool:
        """Whether it is a region."""
        return self.key.startswith(f"{REGION}/")


def watchable(con: map_database.Connection) -> dict[str, Watched]:
    """Give what can be watched on a map by its key: the regions that it reaches, then its communities, by name."""
    communities, concessions = (map_database.read_layer(con, layer) for layer in (COMMUNITIES, CONCESSIONS))
    areas = base_data.regions()
    areas = areas[is_met(areas, [communities, concessions])].sort_values(["name", "code"])
    regions = [
        Watched(f"{REGION}/{code}", str(name), str(code))
        for code, name in zip(areas["code"], areas["name"], strict=True)
    ]
    named = communities.assign(name=communities["name"].fillna(communities["id"])).sort_values(["name", "id"])
    places = [
        Watched(f"{COMMUNITY}/{id_}", str(name), str(id_)) for id_, name in zip(named["id"], named["name"], strict=True)
    ]
    return {each.key: each for each in (*regions, *places)}


def chosen(con: map_database.Connection, keys: Iterable[str]) -> list[Watched]:
    """
    Give what some keys stand for.

    Raises
    ------
    AnswerError
        If a key stands for nothing on the map.
    """
    by_key = watchable(con)
    found = {key: by_key.get(key) or by_key.get(led(con, key)[0]) for key in keys}
    if unknown := [key for key, watched in found.items() if watched is None]:
        raise AnswerError(N_("nothing on the map is called {key}; `lindero alerts` lists what is"), key=unknown[0])
    return [watched for watched in found.values() if watched is not None]


def led(con: map_database.Connection, key: str) -> tuple[str, Found]:
    """Follow a key, as it is or as it was, to the one by which it is known now (empty if there is none)."""
    kind, _sign, id_ = key.partition("/")
    if kind != COMMUNITY:
        return "", Found(None)
    found = find(con, COMMUNITIES, id_)
    return (f"{COMMUNITY}/{found.id}" if found.id else ""), found


def concerning(report: ChangeReport, watched: Iterable[Watched]) -> npt.NDArray[np.bool_]:
    """Tell which rows of a report concern any of what is watched: on its land, or in the region."""
    each = list(watched)
    found = np.zeros(len(report.rows), dtype=bool)
    if lands := {one.id for one in each if not one.is_region}:
        touched = report.touched[(report.touched["layer"] == COMMUNITIES.name) & report.touched["id"].isin(lands)]
        found |= _records(report.rows).isin(_records(touched))
    return found | _in_regions(report.shapes.geometry, each)


def on_watched_ground(report: DatedReport, watched: Iterable[Watched]) -> npt.NDArray[np.bool_]:
    """Return which rows of a report of dated acts are on the land of what is watched, or in a watched region."""
    each = list(watched)
    lands = report.lands
    is_watched = (lands["layer"] == COMMUNITIES.name) & lands["land_id"].isin([one.id for one in each])
    on_land = report.rows["id"].isin(lands.loc[is_watched, "id"]).to_numpy(dtype=bool)
    return on_land | _in_regions(report.shapes, each)


def _in_regions(shapes: gpd.GeoSeries, watched: Iterable[Watched]) -> npt.NDArray[np.bool_]:
    """Return which shapes meet any of the watched regions."""
    codes = {one.id for one in watched if one.is_region}
    if not codes:
        return np.zeros(len(shapes), dtype=bool)
    regions = base_data.regions()
    ground = shapely.union_all(regions[regions["code"].isin(codes)].geometry.to_numpy())
    return np.asarray(shapely.intersects(prepared_copy(ground), shapes.to_numpy()), dtype=bool)


def reach(con: map_database.Connection, report: ChangeReport, watched: Iterable[Watched]) -> Reach:
    """Return how far both snapshots of a report have data on the ground of what is watched."""
    ground, of = _ground(con, list(watched))
    return reach_from(covered_in_both(con, report, ground), report.after.layer, of=of, sources=(report.after,))


def reach_of_register(con: map_database.Connection, report: DatedReport, watched: Iterable[Watched]) -> Reach:
    """Return how far the current registers of concessions have data on the ground of what is watched."""
    ground, of = _ground(con, list(watched))
    found = coverage_of(con, layers=[CONCESSIONS.name]).over_each(CONCESSIONS.name, ground)
    return reach_from(found, CONCESSIONS.name, of=of, sources=report.sources)


def _ground(con: map_database.Connection, watched: Sequence[Watched]) -> tuple[gpd.GeoSeries, str]:
    """Return the ground of what is watched, one by one in degrees, and of which layer it is."""
    lands = map_database.read_layer(con, COMMUNITIES, where={"id": [one.id for one in watched if not one.is_region]})
    regions = base_data.regions()
    regions = regions[regions["code"].isin([one.id for one in watched if one.is_region])]
    ground = gpd.GeoSeries([*lands.geometry, *regions.geometry], crs=CRS)
    return ground, COMMUNITIES.name if regions.empty else REGIONS.name if lands.empty else WATCHED


def _records(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[["before_id", "after_id"]].astype(object).fillna(""))
