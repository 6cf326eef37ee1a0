"""The places that are compared for hotspots: H3 cells, provinces, districts, regions, communities."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lindero.app.answers.hotspots.choices import PLACE_KIND_NAMES, PlaceKind, RateBase
from lindero.app.answers.registers import RegionLevel, read_regions
from lindero.app.answers.repeated_ground import find_repeated_ids
from lindero.geo.geometry.areas import area_ha
from lindero.geo.geometry.prepared import prepared_copy
from lindero.geo.geometry.projection import Floats, Geometries, Ints, is_polygonal, project, to_plane, unproject
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.near.within_distance import find_within_distance
from lindero.geo.stats.h3_grid import cell_centres, cells, find_cells, measure_cells_ha
from lindero.geo.stats.neighbours import Neighbours, cell_neighbours, nearest_neighbours, touching_neighbours
from lindero.layers.database import map_database
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import COMMUNITIES, CRS, REGIONS
from lindero.layers.reference import base_data

NEAR_KM = 25.0  # an event farther from every community belongs to none
NEAREST = 8  # neighbours of a community


LEVELS = {PlaceKind.REGIONS: "department", PlaceKind.PROVINCES: "province", PlaceKind.DISTRICTS: "district"}


@dataclass(frozen=True)
class Places:
    """Places to be compared.

    `rows` has `id`, `name`, `region`, and polygons or points in OGC:CRS84. `neighbours` are two definitions of
    neighbours: the main one, described by `near`, and an alternative. `find_positions` returns the position of the
    place for points on the plane, -1 for none. `middles` are points on the plane, one inside each place.
    """

    rows: gpd.GeoDataFrame
    near: str
    neighbours: tuple[Neighbours, Neighbours]
    find_positions: Callable[[Floats], Ints]
    middles: Floats
    resolution: int | None = None
    level: RegionLevel | None = None  # the sources of the regions, if the regions come from the map

    def align_amounts(self, amounts: "pd.Series[Any]") -> Floats:
        """Return amounts by id in the order of the places. Places without an amount get 0."""
        return amounts.reindex(self.rows["id"]).fillna(0).to_numpy(dtype=float)


def hexagons(area: shapely.Geometry, *, resolution: int, country: str = "") -> Places:
    """Create H3 cells over an area, each named after its largest settlement, or the nearest one if it has none.

    With a country (ISO 3166-1 alpha-2), only its settlements are used for names, if there are any in the surroundings.
    """
    cell_rows = cells(area, resolution=resolution)
    ids = list(cell_rows["id"])
    centres = cell_centres(ids)
    neighbours = cell_neighbours(ids, rings=2), cell_neighbours(ids, rings=1)
    return Places(
        _name_cells(cell_rows, centres, country),
        "2 rings",
        neighbours,
        lambda points: find_cells(points, ids),
        centres,
        resolution,
    )


def check_no_source(over: PlaceKind, source: str) -> None:
    """Check that no source of regions is requested where other places are compared."""
    if source:
        text = N_(
            "a source of regions ('{source}') cannot be used here (places compared: {what}); choose regions, "
            "provinces or districts with --over, or leave the source out"
        )
        raise AnswerError(text, what=PLACE_KIND_NAMES[over], source=source)


def administrative_places(
    con: map_database.Connection, over: PlaceKind, area: shapely.Geometry | None, source: str = ""
) -> Places:
    """Return provinces, districts or regions of the map, or regions of the base data if the map has none there.

    Where several sources have the same areas, one is used: the requested one, or the one that `registers.read_regions`
    chooses.
    """
    level = read_regions(con, LEVELS[over], source=source)
    rows = level.rows
    rows = gpd.GeoDataFrame(rows.assign(region=rows["parent_name"])[["id", "name", "region", "geometry"]], crs=CRS)
    rows = _filter_inside(rows[is_polygonal(rows.geometry.to_numpy())], area)
    if rows.empty and over is PlaceKind.REGIONS:
        regions = base_data.load_regions()
        rows = _filter_inside(regions.assign(id=regions["code"], region=regions["country"])[[*rows.columns]], area)
    if rows.empty:
        raise AnswerError(
            N_(
                "the map has no places of this kind: {what}; add a source of their boundaries with --layer "
                "regions, or choose cells of equal size (--over h3)"
            ),
            what=PLACE_KIND_NAMES[over],
        )
    plane = to_plane(rows.geometry.to_numpy())
    near = touching_neighbours(plane)
    both = near, near.expand(2)
    return Places(
        rows, "touching", both, lambda points: _find_containing(plane, points), _inner_points(plane), level=level
    )


def community_places(con: map_database.Connection, area: shapely.Geometry | None) -> Places:
    """Return the communities as places. An event belongs to the nearest one within 25 km.

    Communities that repeat the land of another one are left out, because they would be each other's neighbours.
    """
    land, _repeated = _placed_communities(con)
    rows = land.assign(name=land["name"].fillna(land["code"]).fillna(land["id"]), region="")
    rows = _filter_inside(rows[["id", "name", "region", "geometry", "population", "area_ha"]], area)
    centres = project(shapely.get_coordinates(shapely.point_on_surface(rows.geometry.to_numpy())))
    neighbours = nearest_neighbours(centres, count=NEAREST), nearest_neighbours(centres, count=2 * NEAREST)
    return Places(rows, f"{NEAREST} nearest", neighbours, lambda points: _find_nearest(rows, points), centres)


def measure_base(
    con: map_database.Connection, places: Places, per: RateBase | None, area: shapely.Geometry | None
) -> Floats | None:
    """Return the denominator of each place: hectares, inhabitants, or number of communities; None without one."""
    of_communities = "population" in places.rows
    if per is None:
        return None
    if per is RateBase.AREA:
        clipped_ha = measure_cells_ha(places.rows, area) if area is not None and places.resolution is not None else None
        return clipped_ha if clipped_ha is not None else area_ha(places.rows.geometry).to_numpy(dtype=float)
    if per is RateBase.POPULATION and of_communities:
        return places.rows["population"].to_numpy(dtype=float, na_value=np.nan)
    if of_communities:
        raise AnswerError(N_("communities cannot be counted per community; choose another --per"))
    if per is RateBase.POPULATION:
        settlements = _read_settlements(places.rows, "")
        return _sum_point_weights(
            places, settlements.geometry.to_numpy(), settlements["population"].to_numpy(dtype=float)
        )
    land, _repeated = _placed_communities(con)
    return _count_features(places, land)


def count_repeated_communities(con: map_database.Connection, places: Places) -> int:
    """Count the communities in the places that are left out because they repeat the land of another one."""
    _land, repeated = _placed_communities(con)
    return int(_count_features(places, repeated).sum()) if len(repeated) else 0


def _placed_communities(con: map_database.Connection) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Read the communities with a place, split into those without repeated land and those that repeat another's."""
    land = map_database.read_layer(con, COMMUNITIES)
    land = land[land.geometry.notna()]
    is_repeated = land["id"].isin(find_repeated_ids(COMMUNITIES, land))
    return land[~is_repeated].reset_index(drop=True), land[is_repeated].reset_index(drop=True)


def _count_features(places: Places, rows: gpd.GeoDataFrame) -> Floats:
    return _sum_point_weights(places, shapely.point_on_surface(rows.geometry.to_numpy()), np.ones(len(rows)))


def list_layers(over: PlaceKind, per: RateBase | None) -> list[Layer]:
    """List the map layers that the places and the denominator come from."""
    place_layers = {
        PlaceKind.COMMUNITIES: [COMMUNITIES],
        PlaceKind.PROVINCES: [REGIONS],
        PlaceKind.DISTRICTS: [REGIONS],
    }.get(over, [])
    return [*place_layers, *([COMMUNITIES] if per is RateBase.COMMUNITIES else [])]


def sum_weights(places: Places, points: Floats, weights: Floats) -> Floats:
    """Compute the sum of weights by place, for each draw of the points: (draws, places)."""
    count = len(places.rows)
    positions = places.find_positions(points.reshape(-1, 2)).reshape(points.shape[:2])
    return np.array([np.bincount(row + 1, weights, minlength=count + 1)[1:] for row in positions]).reshape(-1, count)


def _sum_point_weights(places: Places, points: Geometries, weights: Floats) -> Floats:
    return np.asarray(sum_weights(places, project(shapely.get_coordinates(points))[None], weights)[0])


def _filter_inside(rows: gpd.GeoDataFrame, area: shapely.Geometry | None) -> gpd.GeoDataFrame:
    """Filter the places to those with their inner point in the area."""
    if area is None:
        return rows.reset_index(drop=True)
    points = shapely.point_on_surface(rows.geometry.to_numpy())
    return rows[shapely.intersects(prepared_copy(area), points)].reset_index(drop=True)


def _inner_points(plane: Geometries) -> Floats:
    return np.asarray(shapely.get_coordinates(shapely.point_on_surface(plane)))


def _find_containing(plane: Geometries, points: Floats) -> Ints:
    """Return the position of the polygon that contains each point; the first if several do, -1 if none does."""
    positions = np.full(len(points), -1, dtype=np.int64)
    located = np.flatnonzero(np.isfinite(points).all(axis=1))
    at_point, at_polygon = shapely.STRtree(plane).query(_to_points(points[located]), predicate="intersects")
    order = np.lexsort((-at_polygon, at_point))
    positions[located[at_point[order]]] = at_polygon[order]
    return positions


def _find_nearest(rows: gpd.GeoDataFrame, points: Floats) -> Ints:
    """Return the position of the nearest community within 25 km of each point; -1 if there is none."""
    positions = np.full(len(points), -1, dtype=np.int64)
    located = np.flatnonzero(np.isfinite(points).all(axis=1))
    distinct, which = np.unique(points[located], axis=0, return_inverse=True)
    events = gpd.GeoDataFrame({"id": range(len(distinct))}, geometry=_to_points(unproject(distinct)), crs=CRS)
    pairs = find_within_distance(events, rows[["id", "geometry"]], within_km=NEAR_KM).drop_duplicates("place_id")
    nearest_to = np.full(len(distinct), -1, dtype=np.int64)
    nearest_to[pairs["place_id"].to_numpy(dtype=np.int64)] = pd.Index(rows["id"]).get_indexer(pd.Index(pairs["id"]))
    positions[located] = nearest_to[which.ravel()]
    return positions


def _to_points(coordinates: Floats) -> Geometries:
    return np.asarray(shapely.points(coordinates), dtype=object)


def _read_settlements(rows: gpd.GeoDataFrame, country: str) -> gpd.GeoDataFrame:
    """Return the settlements in the bounds of the places: those of the country, if there are any, else all."""
    west, south, east, north = rows.total_bounds
    settlements = base_data.load_places().cx[west:east, south:north]
    of_country = settlements[settlements["country"] == country]
    return (settlements if of_country.empty else of_country).reset_index(drop=True)


def _name_cells(cell_rows: gpd.GeoDataFrame, centres: Floats, country: str) -> gpd.GeoDataFrame:
    """Assign each cell the name of its largest settlement, else of the one nearest to its centre.

    Names that several cells have are followed by the province, and then by the distance from the settlement.
    """
    settlements = _read_settlements(cell_rows, country)
    if settlements.empty:
        return cell_rows.assign(name=cell_rows["id"], region="")[["id", "name", "region", "geometry"]]
    points = project(shapely.get_coordinates(settlements.geometry.to_numpy()))
    positions = find_cells(points, list(cell_rows["id"]))
    largest = (
        pd.Series(range(len(positions)), index=positions).groupby(level=0).first()
    )  # settlements are listed largest first
    near = shapely.STRtree(_to_points(points)).nearest(_to_points(centres))
    chosen = largest.reindex(range(len(cell_rows))).fillna(pd.Series(near)).astype(int)
    labels = settlements.loc[chosen, ["name", "region", "province"]].reset_index(drop=True)
    is_near = ~largest.reindex(range(len(cell_rows))).notna()
    km = np.linalg.norm(points[chosen] - centres, axis=1) / M_PER_KM
    labels["name"] = _distinguish_names(labels, np.where(is_near, [f"{away:.0f} km" for away in km], ""))
    return gpd.GeoDataFrame(cell_rows.join(labels)[["id", "name", "region", "geometry"]])


def _distinguish_names(labels: pd.DataFrame, distances: npt.NDArray[np.str_]) -> "pd.Series[str]":
    names, provinces = labels["name"], labels["province"].fillna("")
    with_province = names.mask(names.duplicated(keep=False) & provinces.ne(""), names + " (" + provinces + ")")
    is_repeated = with_province.duplicated(keep=False) & (distances != "")
    details = provinces.where(provinces.eq(""), provinces + ", ") + distances
    return with_province.mask(is_repeated, names + " (" + details + ")")
