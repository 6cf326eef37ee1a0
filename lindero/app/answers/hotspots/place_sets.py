"""The places that are compared for hotspots: cells of H3, provinces, districts, regions, communities."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.app.answers.hotspots.choices import Over, Per
from lindero.app.answers.registers import Level, regions_of
from lindero.app.answers.repeated_ground import repeated_in
from lindero.geo.geometry.areas import area_ha
from lindero.geo.geometry.prepared import prepared_copy
from lindero.geo.geometry.projection import Floats, Geometries, Ints, is_polygonal, project, to_plane, unproject
from lindero.geo.near.within_distance import within
from lindero.geo.stats.h3_grid import area_in_ha, cell_at, cells, middles
from lindero.geo.stats.neighbours import Neighbours, nearest, of_cells, touching
from lindero.layers.database import map_database
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import COMMUNITIES, CRS, REGIONS
from lindero.layers.reference import base_data

NEAR_KM = 25.0  # an event farther from every community belongs to none
NEAREST = 8  # neighbours of a community


LEVELS = {Over.REGIONS: "department", Over.PROVINCES: "province", Over.DISTRICTS: "district"}


@dataclass(frozen=True)
class Places:
    """
    Places to be compared.

    `rows`: `id`, `name`, `region`, polygons or points in OGC:CRS84. `neighbours`: who counts as near, as
    `near` says it, and another choice.
    `at` says at which place points on the plane lie, -1 for none; `middles` are points of the plane, one in each.
    """

    rows: gpd.GeoDataFrame
    near: str
    neighbours: tuple[Neighbours, Neighbours]
    at: Callable[[Floats], Ints]
    middles: Floats
    resolution: int | None = None
    level: Level | None = None  # of which sources the regions are, if they are the map's

    def given(self, amounts: "pd.Series[Any]") -> Floats:
        """Put amounts by id in the order of the places; those that are not named have none."""
        return amounts.reindex(self.rows["id"]).fillna(0).to_numpy(dtype=float)


def hexagons(area: shapely.Geometry, *, resolution: int, country: str = "") -> Places:
    """
    Cover an area with cells, each named by its largest settlement, or the nearest one to it.

    With a country (ISO 3166-1 alpha-2), only its settlements name cells, if there is any round about.
    """
    drawn = cells(area, resolution=resolution)
    ids = list(drawn["id"])
    own = middles(ids)
    neighbours = of_cells(ids, rings=2), of_cells(ids, rings=1)
    return Places(
        _by_settlement(drawn, own, country), "2 rings", neighbours, lambda points: cell_at(points, ids), own, resolution
    )


def hold_no_source(over: Over, source: str) -> None:
    """
    Hold that no source of regions is named where other places are compared.

    Raises
    ------
    AnswerError
        If one is.
    """
    if source:
        text = N_("{over} are places of no source of regions: {source} can be named with regions, provinces, districts")
        raise AnswerError(text, over=over, source=source)


def administrative(con: map_database.Connection, over: Over, area: shapely.Geometry | None, source: str = "") -> Places:
    """
    Take provinces or districts of the map's layer of regions, or regions of the base data where it holds none there.

    Of sources that tell the same areas one is taken, the one named if any is (`registers.regions_of`).

    Raises
    ------
    AnswerError
        If the map holds no areas of that level, or the source named has none.
    """
    level = regions_of(con, LEVELS[over], source=source)
    rows = level.rows
    rows = gpd.GeoDataFrame(rows.assign(region=rows["parent_name"])[["id", "name", "region", "geometry"]], crs=CRS)
    rows = _inside(rows[is_polygonal(rows.geometry.to_numpy())], area)
    if rows.empty and over is Over.REGIONS:
        regions = base_data.regions()
        rows = _inside(regions.assign(id=regions["code"], region=regions["country"])[[*rows.columns]], area)
    if rows.empty:
        raise AnswerError(
            N_("the map holds no {over}: add a source of their boundaries with --layer regions, or choose h3"),
            over=over,
        )
    plane = to_plane(rows.geometry.to_numpy())
    near = touching(plane)
    both = near, near.farther(2)
    return Places(rows, "touching", both, lambda points: _holding(plane, points), _middles(plane), level=level)


def communities(con: map_database.Connection, area: shapely.Geometry | None) -> Places:
    """
    Return the communities as places; an event belongs to the nearest within 25 km.

    Communities that repeat the ground of another one are left out: they would be each other's neighbours.
    """
    land, _repeated = _placed_communities(con)
    rows = land.assign(name=land["name"].fillna(land["code"]).fillna(land["id"]), region="")
    rows = _inside(rows[["id", "name", "region", "geometry", "population", "area_ha"]], area)
    own = project(shapely.get_coordinates(shapely.point_on_surface(rows.geometry.to_numpy())))
    neighbours = nearest(own, count=NEAREST), nearest(own, count=2 * NEAREST)
    return Places(rows, f"{NEAREST} nearest", neighbours, lambda points: _nearest(rows, points), own)


def base_of(
    con: map_database.Connection, places: Places, per: Per | None, area: shapely.Geometry | None
) -> Floats | None:
    """
    Give what events are counted against in each place: hectares, inhabitants of settlements, communities.

    Raises
    ------
    AnswerError
        If communities are to be counted against communities.
    """
    of_communities = "population" in places.rows
    if per is None:
        return None
    if per is Per.AREA:
        cut = area_in_ha(places.rows, area) if area is not None and places.resolution is not None else None
        return cut if cut is not None else area_ha(places.rows.geometry).to_numpy(dtype=float)
    if per is Per.POPULATION and of_communities:
        return places.rows["population"].to_numpy(dtype=float, na_value=np.nan)
    if of_communities:
        raise AnswerError(N_("communities are not counted per community: choose another --per"))
    if per is Per.POPULATION:
        settled = _settlements(places.rows, "")
        return _sum_at(places, settled.geometry.to_numpy(), settled["population"].to_numpy(dtype=float))
    land, _repeated = _placed_communities(con)
    return _count_at(places, land)


def count_repeated(con: map_database.Connection, places: Places) -> int:
    """Count the communities in the places that are left out because they repeat the ground of another one."""
    _land, repeated = _placed_communities(con)
    return int(_count_at(places, repeated).sum()) if len(repeated) else 0


def _placed_communities(con: map_database.Connection) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Read the communities that have a place: each piece of ground once, and those that repeat one."""
    land = map_database.read_layer(con, COMMUNITIES)
    land = land[land.geometry.notna()]
    is_repeated = land["id"].isin(repeated_in(COMMUNITIES, land))
    return land[~is_repeated].reset_index(drop=True), land[is_repeated].reset_index(drop=True)


def _count_at(places: Places, rows: gpd.GeoDataFrame) -> Floats:
    return _sum_at(places, shapely.point_on_surface(rows.geometry.to_numpy()), np.ones(len(rows)))


def layers_of(over: Over, per: Per | None) -> list[Layer]:
    """Name the layers of the map that the places and what is counted against are of."""
    of_places = {Over.COMMUNITIES: [COMMUNITIES], Over.PROVINCES: [REGIONS], Over.DISTRICTS: [REGIONS]}.get(over, [])
    return [*of_places, *([COMMUNITIES] if per is Per.COMMUNITIES else [])]


def sum_weights(places: Places, points: Floats, weights: Floats) -> Floats:
    """Add up weights by place, for each draw of the points: (draws, places)."""
    count = len(places.rows)
    at = places.at(points.reshape(-1, 2)).reshape(points.shape[:2])
    return np.array([np.bincount(row + 1, weights, minlength=count + 1)[1:] for row in at]).reshape(-1, count)


def _sum_at(places: Places, points: Geometries, weights: Floats) -> Floats:
    return np.asarray(sum_weights(places, project(shapely.get_coordinates(points))[None], weights)[0])


def _inside(rows: gpd.GeoDataFrame, area: shapely.Geometry | None) -> gpd.GeoDataFrame:
    """Keep the places that have a point of theirs in the area."""
    if area is None:
        return rows.reset_index(drop=True)
    points = shapely.point_on_surface(rows.geometry.to_numpy())
    return rows[shapely.intersects(prepared_copy(area), points)].reset_index(drop=True)


def _middles(plane: Geometries) -> Floats:
    return np.asarray(shapely.get_coordinates(shapely.point_on_surface(plane)))


def _holding(plane: Geometries, points: Floats) -> Ints:
    """Tell which polygon holds each point; the first where several do."""
    found = np.full(len(points), -1, dtype=np.int64)
    located = np.flatnonzero(np.isfinite(points).all(axis=1))
    at_point, at_polygon = shapely.STRtree(plane).query(_points(points[located]), predicate="intersects")
    order = np.lexsort((-at_polygon, at_point))
    found[located[at_point[order]]] = at_polygon[order]
    return found


def _nearest(rows: gpd.GeoDataFrame, points: Floats) -> Ints:
    """Tell which community is nearest to each point, within 25 km."""
    found = np.full(len(points), -1, dtype=np.int64)
    located = np.flatnonzero(np.isfinite(points).all(axis=1))
    distinct, which = np.unique(points[located], axis=0, return_inverse=True)
    events = gpd.GeoDataFrame({"id": range(len(distinct))}, geometry=_points(unproject(distinct)), crs=CRS)
    pairs = within(events, rows[["id", "geometry"]], within_km=NEAR_KM).drop_duplicates("place_id")
    nearest_to = np.full(len(distinct), -1, dtype=np.int64)
    nearest_to[pairs["place_id"].to_numpy(dtype=np.int64)] = pd.Index(rows["id"]).get_indexer(pd.Index(pairs["id"]))
    found[located] = nearest_to[which.ravel()]
    return found


def _points(coordinates: Floats) -> Geometries:
    return np.asarray(shapely.points(coordinates), dtype=object)


def _settlements(rows: gpd.GeoDataFrame, country: str) -> gpd.GeoDataFrame:
    """Return the settlements round about the places: of the country, if there is any of it."""
    west, south, east, north = rows.total_bounds
    every = base_data.places().cx[west:east, south:north]
    of_country = every[every["country"] == country]
    return (every if of_country.empty else of_country).reset_index(drop=True)


def _by_settlement(drawn: gpd.GeoDataFrame, own: Floats, country: str) -> gpd.GeoDataFrame:
    """Name cells by the largest settlement in each, else by the one nearest to its middle."""
    settled = _settlements(drawn, country)
    if settled.empty:
        return drawn.assign(name=drawn["id"], region="")[["id", "name", "region", "geometry"]]
    points = project(shapely.get_coordinates(settled.geometry.to_numpy()))
    at = cell_at(points, list(drawn["id"]))
    largest = pd.Series(range(len(at)), index=at).groupby(level=0).first()  # settlements are listed largest first
    near = shapely.STRtree(_points(points)).nearest(_points(own))
    chosen = largest.reindex(range(len(drawn))).fillna(pd.Series(near)).astype(int)
    named = settled.loc[chosen, ["name", "region"]].reset_index(drop=True)
    return gpd.GeoDataFrame(drawn.join(named)[["id", "name", "region", "geometry"]])
