"""
Communities and regions that a reader watches, by codes that stay the same from one snapshot to the next.

A watch list shows where a defender looks. It is never stored on the server, only in the reader's link or command line.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.answers.changes.register_changes import ChangeReport, coverage_in_both
from lindero.app.answers.changes.register_dates import DatedReport
from lindero.app.answers.changes.succession import SuccessionResult, find_successor
from lindero.app.answers.coverage.coverage import read_coverage
from lindero.app.answers.coverage.coverage_text import WATCHED
from lindero.app.answers.coverage.reach import Reach, count_reach
from lindero.app.answers.regions import has_features
from lindero.geo.geometry.prepared import prepared_copy
from lindero.layers.database import map_database
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, CRS, PROTECTED_AREAS, REGIONS
from lindero.layers.reference import base_data

COMMUNITY, REGION, PROTECTED_AREA, HOLDER, POLYGON = "community", "region", "protected_area", "holder", "polygon"
KINDS_BY_LAYER = {COMMUNITIES.name: COMMUNITY, PROTECTED_AREAS.name: PROTECTED_AREA, REGIONS.name: REGION}


@dataclass(frozen=True)
class WatchedPlace:
    """
    A watched community or region.

    `key` stays the same over snapshots: `community/` and its id, or `region/` and a code of ISO 3166-2.
    """

    key: str
    name: str
    id: str  # id of the community in this map, or code of the region

    @property
    def is_region(self) -> bool:
        """Whether this is a region."""
        return self.key.startswith(f"{REGION}/")


def list_watchable(con: map_database.Connection) -> dict[str, WatchedPlace]:
    """Return by key everything that can be watched on a map: regions with features, then communities, by name."""
    communities, concessions = (map_database.read_layer(con, layer) for layer in (COMMUNITIES, CONCESSIONS))
    areas = base_data.load_regions()
    areas = areas[has_features(areas, [communities, concessions])].sort_values(["name", "code"])
    regions = [
        WatchedPlace(f"{REGION}/{code}", str(name), str(code))
        for code, name in zip(areas["code"], areas["name"], strict=True)
    ]
    labelled = communities.assign(name=communities["name"].fillna(communities["id"])).sort_values(["name", "id"])
    places = [
        WatchedPlace(f"{COMMUNITY}/{id_}", str(name), str(id_))
        for id_, name in zip(labelled["id"], labelled["name"], strict=True)
    ]
    return {watched.key: watched for watched in (*regions, *places)}


def find_watched_places(con: map_database.Connection, keys: Iterable[str]) -> list[WatchedPlace]:
    """
    Return the communities and regions of some keys.

    Raises
    ------
    AnswerError
        If a key matches nothing on the map.
    """
    by_key = list_watchable(con)
    matches = {key: by_key.get(key) or by_key.get(resolve_key(con, key)[0]) for key in keys}
    if unknown := [key for key, watched in matches.items() if watched is None]:
        raise AnswerError(N_("'{key}' is not on the map; run `lindero alerts` to list what is"), key=unknown[0])
    return [watched for watched in matches.values() if watched is not None]


def resolve_key(con: map_database.Connection, key: str) -> tuple[str, SuccessionResult]:
    """Return the current key for a key, current or former (empty if there is none), and the state of its record."""
    kind, _sign, id_ = key.partition("/")
    layer = {COMMUNITY: COMMUNITIES, PROTECTED_AREA: PROTECTED_AREAS}.get(kind)
    if layer is None:
        return "", SuccessionResult(None)
    result = find_successor(con, layer, id_)
    return (f"{kind}/{result.id}" if result.id else ""), result


def is_watched_change(report: ChangeReport, watched: Iterable[WatchedPlace]) -> npt.NDArray[np.bool_]:
    """Return a mask of a report's rows that are on watched land or in a watched region."""
    places = list(watched)
    is_touched = np.zeros(len(report.rows), dtype=bool)
    if lands := {place.id for place in places if not place.is_region}:
        touched = report.touched[(report.touched["layer"] == COMMUNITIES.name) & report.touched["id"].isin(lands)]
        is_touched |= _record_index(report.rows).isin(_record_index(touched))
    return is_touched | _intersects_regions(report.shapes.geometry, places)


def is_watched_act(report: DatedReport, watched: Iterable[WatchedPlace]) -> npt.NDArray[np.bool_]:
    """Return a mask of the dated acts that are on watched land or in a watched region."""
    places = list(watched)
    lands = report.lands
    is_watched = (lands["layer"] == COMMUNITIES.name) & lands["land_id"].isin([place.id for place in places])
    on_land = report.rows["id"].isin(lands.loc[is_watched, "id"]).to_numpy(dtype=bool)
    return on_land | _intersects_regions(report.shapes, places)


def _intersects_regions(shapes: gpd.GeoSeries, watched: Iterable[WatchedPlace]) -> npt.NDArray[np.bool_]:
    """Return a mask of the shapes that intersect a watched region."""
    codes = {place.id for place in watched if place.is_region}
    if not codes:
        return np.zeros(len(shapes), dtype=bool)
    regions = base_data.load_regions()
    ground = shapely.union_all(regions[regions["code"].isin(codes)].geometry.to_numpy())
    return np.asarray(shapely.intersects(prepared_copy(ground), shapes.to_numpy()), dtype=bool)


def measure_reach(con: map_database.Connection, report: ChangeReport, watched: Iterable[WatchedPlace]) -> Reach:
    """Return the coverage of both snapshots of a report on watched land."""
    ground, land_layer = _watched_shapes(con, list(watched))
    return count_reach(
        coverage_in_both(con, report, ground), report.after.layer, feature_layer=land_layer, sources=(report.after,)
    )


def measure_register_reach(con: map_database.Connection, report: DatedReport, watched: Iterable[WatchedPlace]) -> Reach:
    """Return the coverage of the current registers of concessions on watched land."""
    ground, land_layer = _watched_shapes(con, list(watched))
    verdicts = read_coverage(con, layers=[CONCESSIONS.name]).measure_shapes(CONCESSIONS.name, ground)
    return count_reach(verdicts, CONCESSIONS.name, feature_layer=land_layer, sources=report.sources)


def _watched_shapes(con: map_database.Connection, watched: Sequence[WatchedPlace]) -> tuple[gpd.GeoSeries, str]:
    """Return the shapes of the watched communities and regions, in degrees, and the name of their layer."""
    lands = map_database.read_layer(
        con, COMMUNITIES, where={"id": [place.id for place in watched if not place.is_region]}
    )
    regions = base_data.load_regions()
    regions = regions[regions["code"].isin([place.id for place in watched if place.is_region])]
    ground = gpd.GeoSeries([*lands.geometry, *regions.geometry], crs=CRS)
    return ground, COMMUNITIES.name if regions.empty else REGIONS.name if lands.empty else WATCHED


def join_ground(area_keys: Sequence[str], polygon: str) -> BaseGeometry | None:
    """Return the regions of some keys and the reader's own polygon (WKT) as one shape; None if there are none."""
    codes = [key.partition("/")[2] for key in area_keys if key.startswith(f"{REGION}/")]
    regions = base_data.load_regions() if codes else pd.DataFrame({"code": [], "geometry": []})
    shapes = list(regions.loc[regions["code"].isin(codes), "geometry"])
    if polygon:
        shapes.append(shapely.from_wkt(polygon))
    return shapely.union_all(shapes) if shapes else None


def _record_index(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[["before_id", "after_id"]].astype(object).fillna(""))
