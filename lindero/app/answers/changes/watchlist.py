"""Places and holders that a reader watches, by keys that stay the same from one snapshot to the next.

A watch list shows where a defender looks. It is never stored on the server, only in the reader's link or command line.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

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
from lindero.app.answers.overlap.first_sight import SLIVER
from lindero.app.answers.regions import has_features
from lindero.app.text.i18n import _
from lindero.geo.geometry.prepared import prepared_copy
from lindero.geo.registers import name_matching
from lindero.layers.database import map_database
from lindero.layers.database.queries import map_queries
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, CRS, PROTECTED_AREAS, REGIONS
from lindero.layers.reference import base_data

COMMUNITY, REGION, PROTECTED_AREA, HOLDER, POLYGON = "community", "region", "protected_area", "holder", "polygon"
_LAYERS = {COMMUNITY: COMMUNITIES, PROTECTED_AREA: PROTECTED_AREAS}
KINDS_BY_LAYER = {COMMUNITIES.name: COMMUNITY, PROTECTED_AREAS.name: PROTECTED_AREA, REGIONS.name: REGION}


@dataclass(frozen=True)
class WatchedPlace:
    """A watched community, protected area, region or holder, or the reader's own polygon.

    `key` stays the same over snapshots: `community/` or `protected_area/` and its id, `region/` and a code of
    ISO 3166-2, `holder/` and a name as written, or `polygon`.
    """

    key: str
    name: str
    id: str  # id in this map, code of the region, or name of the holder
    shape: BaseGeometry | None = field(default=None, compare=False)  # of a polygon, in degrees

    @property
    def kind(self) -> str:
        """The kind of place, which its key starts with."""
        return self.key.partition("/")[0]

    @property
    def is_region(self) -> bool:
        """Whether this is a region."""
        return self.kind == REGION


def list_watchable(con: map_database.Connection) -> dict[str, WatchedPlace]:
    """Return by key the places of a map: regions with features, protected areas and communities, each by name."""
    communities, concessions = (map_database.read_layer(con, layer) for layer in (COMMUNITIES, CONCESSIONS))
    areas = base_data.load_regions()
    areas = areas[has_features(areas, [communities, concessions])].sort_values(["name", "code"])
    regions = [
        WatchedPlace(f"{REGION}/{code}", str(name), str(code))
        for code, name in zip(areas["code"], areas["name"], strict=True)
    ]
    areas = map_database.read_layer(con, PROTECTED_AREAS, columns=["id", "name"])
    places = [*regions, *_to_places(PROTECTED_AREA, areas), *_to_places(COMMUNITY, communities)]
    return {place.key: place for place in places}


def _to_places(kind: str, rows: pd.DataFrame) -> list[WatchedPlace]:
    labelled = rows.assign(name=rows["name"].fillna(rows["id"])).sort_values(["name", "id"])
    return [
        WatchedPlace(f"{kind}/{id_}", str(name), str(id_))
        for id_, name in zip(labelled["id"], labelled["name"], strict=True)
    ]


def find_watched_places(con: map_database.Connection, keys: Iterable[str], polygon: str = "") -> list[WatchedPlace]:
    """Return the places and holders of some keys, and the reader's own polygon.

    `polygon`: the reader's own area, as WKT in degrees.
    """
    wanted = dict.fromkeys(keys)
    matches = {key: _find_place(con, key, polygon) for key in wanted}
    matches |= {key: _find_place(con, resolve_key(con, key)[0]) for key, place in matches.items() if place is None}
    if unknown := [key for key, place in matches.items() if place is None]:
        raise AnswerError(
            N_("'{key}' is not on the map; write community/ID, region/CODE, protected_area/ID or holder/NAME"),
            key=unknown[0],
        )
    return [place for place in matches.values() if place is not None]


def _find_place(con: map_database.Connection, key: str, polygon: str = "") -> WatchedPlace | None:
    kind, _sign, id_ = key.partition("/")
    if kind == POLYGON and polygon:
        return WatchedPlace(POLYGON, _("own area"), "", shapely.from_wkt(polygon))
    if layer := _LAYERS.get(kind):
        rows = map_database.read_layer(con, layer, where={"id": id_}, columns=["id", "name"])
        return next(iter(_to_places(kind, rows)), None)
    if kind == REGION:
        regions = base_data.load_regions()
        return next((WatchedPlace(key, str(name), id_) for name in regions.loc[regions["code"] == id_, "name"]), None)
    if kind == HOLDER:
        names = map_queries.read_holders(con)["holder"]
        is_same = name_matching.keys(names) == name_matching.key(id_)
        return next((WatchedPlace(f"{HOLDER}/{name}", str(name), str(name)) for name in names[is_same]), None)
    return None


def resolve_key(con: map_database.Connection, key: str) -> tuple[str, SuccessionResult]:
    """Return the current key for a key, current or former (empty if there is none), and the state of its record."""
    kind, _sign, id_ = key.partition("/")
    layer = _LAYERS.get(kind)
    if layer is None:
        return "", SuccessionResult(None)
    result = find_successor(con, layer, id_)
    return (f"{kind}/{result.id}" if result.id else ""), result


def is_watched_change(report: ChangeReport, watched: Iterable[WatchedPlace]) -> npt.NDArray[np.bool_]:
    """Return a mask of a report's rows that are on watched land, in a watched area, or of a watched holder."""
    places = list(watched)
    on_land = report.touched[report.touched["certainty"] != SLIVER]
    touched = on_land[_is_watched_land(on_land["layer"], on_land["id"], places)]
    is_touched = _record_index(report.rows).isin(_record_index(touched)) if len(touched) else False
    return (
        is_touched
        | _intersects_ground(report.shapes.geometry, places)
        | _intersects_ground(gpd.GeoSeries(report.shapes["earlier_geometry"]), places)
        | _is_watched_holder(report.rows["holder"], places)
        | ((report.rows["change"] == "holder") & _is_watched_holder(report.rows["before"], places)).to_numpy()
    )


def is_watched_act(report: DatedReport, watched: Iterable[WatchedPlace]) -> npt.NDArray[np.bool_]:
    """Return a mask of the dated acts that are on watched land, in a watched area, or of a watched holder."""
    places, lands = list(watched), report.lands
    on_land = lands.loc[_is_watched_land(lands["layer"], lands["land_id"], places), "id"]
    return (
        report.rows["id"].isin(on_land).to_numpy(dtype=bool)
        | _intersects_ground(report.shapes, places)
        | _is_watched_holder(report.rows["holder"], places)
    )


def _is_watched_land(layers: pd.Series, ids: pd.Series, watched: Iterable[WatchedPlace]) -> npt.NDArray[np.bool_]:
    keys = [place.key for place in watched]
    return np.asarray((layers.map(KINDS_BY_LAYER) + "/" + ids).isin(keys), dtype=bool)


def _is_watched_holder(names: pd.Series, watched: Iterable[WatchedPlace]) -> npt.NDArray[np.bool_]:
    keys = [name_matching.key(place.id) for place in watched if place.kind == HOLDER]
    return np.asarray(name_matching.keys(names).isin(keys), dtype=bool) if keys else np.zeros(len(names), dtype=bool)


def _intersects_ground(shapes: gpd.GeoSeries, watched: Iterable[WatchedPlace]) -> npt.NDArray[np.bool_]:
    """Return a mask of the shapes that intersect a watched region or polygon."""
    places = list(watched)
    polygons = [place.shape for place in places if place.shape is not None]
    ground = join_ground([place.id for place in places if place.is_region], polygons)
    return mask_in_ground(shapes.to_numpy(), ground)


def mask_in_ground(shapes: Iterable[BaseGeometry | None], ground: BaseGeometry | None) -> npt.NDArray[np.bool_]:
    """Return a mask of the shapes that intersect a ground; none, if it is None."""
    array = np.array([*shapes], dtype=object)
    if ground is None:
        return np.zeros(len(array), dtype=bool)
    return np.asarray(shapely.intersects(prepared_copy(ground), array), dtype=bool)


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
    """Return the shapes of watched places, in degrees, and the name of their layer.

    The shapes of a holder are those of its concessions.
    """
    columns = {COMMUNITY: (COMMUNITIES, "id"), PROTECTED_AREA: (PROTECTED_AREAS, "id"), HOLDER: (CONCESSIONS, "holder")}
    regions = base_data.load_regions()
    shapes: dict[str, list[BaseGeometry]] = {
        REGIONS.name: [
            *regions.loc[regions["code"].isin([place.id for place in watched if place.is_region]), "geometry"]
        ],
        WATCHED: [place.shape for place in watched if place.shape is not None],
    }
    for kind, (layer, column) in columns.items():
        ids = [place.id for place in watched if place.kind == kind]
        shapes[layer.name] = [*map_database.read_layer(con, layer, where={column: ids}).geometry] if ids else []
    named = [layer for layer, layer_shapes in shapes.items() if layer_shapes]
    ground = gpd.GeoSeries([shape for layer_shapes in shapes.values() for shape in layer_shapes], crs=CRS)
    return ground, named[0] if len(named) == 1 else WATCHED


def join_ground(region_codes: Sequence[str], polygons: Sequence[BaseGeometry] = ()) -> BaseGeometry | None:
    """Return regions and polygons as one shape; None if there are none."""
    shapes = [*polygons]
    if region_codes:
        regions = base_data.load_regions()
        shapes += regions.loc[regions["code"].isin(region_codes), "geometry"].tolist()
    return shapely.union_all(shapes) if shapes else None


def _record_index(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[["before_id", "after_id"]].astype(object).fillna(""))
