"""The area in which an incident may be shown, and the cell in which it is counted."""

from collections.abc import Iterator, Mapping
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.app.answers.record.extents import Extent
from lindero.geo.near.window import disc
from lindero.geo.positions.generalise import cells, locate_points
from lindero.layers.database.definitions import CELL_DEGREES, KNOWN_PLACE, KNOWN_PROVINCE, KNOWN_REGION
from lindero.layers.model.schema import CRS
from lindero.layers.reference import base_data
from lindero.layers.reference.country_names import find_country_code
from lindero.layers.reference.gazetteer import Place, find_region
from lindero.layers.reference.packs import load_country

COARSE_DEGREES = 0.01
DEFAULT_RADIUS_M = {"district": 15_000, "province": 45_000}  # of a circle as large as an average district or province


def known_areas(incidents: gpd.GeoDataFrame, extents: Mapping[str, Extent] | None = None) -> gpd.GeoSeries:
    """Return the known area of each incident: its extent, a grid cell or a department, never a point.

    An incident known only by its region is shown as the region. One known only by its country is not shown.

    `incidents`: rows with `id`, `location_precision`, `region`, `country` and a geometry in OGC:CRS84 or none.
    `extents`: the result of `app.answers.record.extents.read_extents`. Returns: polygons in OGC:CRS84, indexed like
    `incidents`; None where no place may be shown.
    """
    precision = incidents["location_precision"].to_numpy()
    points = _inner_points(incidents)
    areas = np.full(len(incidents), None, dtype=object)
    for name, side in CELL_DEGREES.items():
        chosen = (precision == name) & points.notna().to_numpy()
        areas[chosen] = cells(gpd.GeoSeries(points[chosen]), side_degrees=side).to_numpy()
    _place_extents(areas, incidents, extents)
    of_region = shapely.is_missing(areas) & incidents["location_precision"].isin(KNOWN_REGION).to_numpy()
    if of_region.any():  # simplifying the outlines takes longer than all the rest
        shapes = department_shapes()["geometry"]
        areas[of_region] = [shapes.get(department) for department in find_departments(incidents[of_region])]
    return gpd.GeoSeries(areas, index=incidents.index, crs=CRS)


def _place_extents(areas: np.ndarray, incidents: gpd.GeoDataFrame, extents: Mapping[str, Extent] | None) -> None:
    """Replace the areas of the incidents whose extent is on the map."""
    if not extents:
        return
    for position, id_ in enumerate(incidents["id"]):
        if id_ in extents:
            areas[position] = extents[id_].shape


def assign_cells(records: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the cell in which each record is counted.

    Returns: `department` (ISO 3166-2), `province` (that of the nearest populated place, if the precision allows it) and
    `year`, each missing if unknown.
    """
    department = find_departments(records)
    points = _inner_points(records)
    fine = records["location_precision"].isin(KNOWN_PROVINCE) & points.notna() & department.notna()
    province: dict[object, str | None] = {}
    for code, chosen in points[fine].groupby(department[fine]):
        province |= dict(zip(chosen.index, _nearest_province(gpd.GeoSeries(chosen), str(code)), strict=True))
    year = pd.to_datetime(records["occurred_on"]).dt.year.astype("Int32")
    return pd.DataFrame({"department": department, "province": records.index.map(province.get), "year": year})


def find_departments(records: gpd.GeoDataFrame) -> pd.Series:
    """Return the department (ISO 3166-2) that contains each record, else the one that its text names."""
    regions = base_data.load_regions()
    points = _inner_points(records)
    located = gpd.GeoSeries(points[points.notna()])
    codes = regions["code"].to_numpy()
    containing = {
        index: codes[position] for index, position in locate_points(located, regions).items() if position >= 0
    }
    places = zip(records.index, records["region"], records["country"], strict=True)
    departments = {
        index: containing[index] if index in containing else _find_named_department(text, country)
        for index, text, country in places
        if index in containing or (isinstance(text, str) and isinstance(country, str))
    }
    return pd.Series(departments, index=records.index, dtype=object)


@cache
def department_shapes() -> gpd.GeoDataFrame:
    """Return the departments by code (ISO 3166-2): `name`, `country`, and outlines simplified to 0.01 degrees."""
    regions = base_data.load_regions()
    return regions.assign(geometry=regions.simplify_coverage(COARSE_DEGREES)).set_index("code")


def _inner_points(records: gpd.GeoDataFrame) -> gpd.GeoSeries:
    shapes = records.geometry.to_numpy()
    return gpd.GeoSeries(shapely.point_on_surface(shapes), index=records.index, crs=CRS)


def _nearest_province(points: gpd.GeoSeries, department: str) -> list[str | None]:
    provinces, tree = _department_places(department)
    return (
        [provinces[position] or None for position in tree.nearest(points.to_numpy())]
        if provinces
        else [None] * len(points)
    )


@cache
def _department_places(department: str) -> tuple[list[str], shapely.STRtree]:
    """Return the populated places of a department: their provinces, and an index of their positions."""
    places = base_data.load_places()
    places = places[places["region_code"] == department]
    return places["province"].tolist(), shapely.STRtree(places["geometry"].to_numpy())


@cache
def _find_named_department(text: str, country: str) -> str | None:
    """Return the department that a text names, or the one that contains the named province."""
    region = find_region(text, country)
    if region is None:
        return None
    if region.place.kind == "region":
        return region.place.code
    country_regions = base_data.load_regions(country)
    codes = country_regions.loc[country_regions["name"] == region.place.region, "code"]
    return str(codes.iloc[0]) if len(codes) == 1 else None


# The possible location of an incident: a point, or the area that its record names.


def possible_locations(incidents: gpd.GeoDataFrame, extents: Mapping[str, Extent] | None = None) -> gpd.GeoSeries:
    """Return the possible location of each incident: a point, or the area that contains it.

    A polygon is returned as it is, and a district or province that is on the map. For another point as precise as its
    district or province, a circle around it is returned; for one as precise as its region, the region. Without
    geometry, the gazetteer is searched for the region in the record, else for its country. The result is None if
    neither is found.

    `incidents`: `id`, `location_precision`, `region`, `place_text`, `country`, geometry in OGC:CRS84. `extents`: the
    result of `app.answers.record.extents.read_extents`.
    """
    locations = np.array([_possible_location(*row) for row in _iter_values(incidents)], dtype=object)
    _place_extents(locations, incidents, extents)
    return gpd.GeoSeries(locations, index=incidents.index, crs=CRS)


def _iter_values(incidents: gpd.GeoDataFrame) -> Iterator[tuple[shapely.Geometry | None, str, str, str]]:
    texts = pd.DataFrame(incidents[["location_precision", "region", "place_text", "country"]]).fillna("")
    region_texts = texts["region"].where(texts["region"] != "", texts["place_text"])
    return zip(incidents.geometry, texts["location_precision"], region_texts, texts["country"], strict=True)


def _possible_location(
    shape: shapely.Geometry | None, precision: str, region_text: str, country: str
) -> shapely.Geometry | None:
    if isinstance(shape, shapely.Point) and not shape.is_empty:
        if precision in KNOWN_PLACE:
            return shape
        return (
            _cached_disc(shape.x, shape.y, _radius_m(precision, country))
            if precision in DEFAULT_RADIUS_M
            else _enclosing_area(shape, precision)
        )
    if shape is not None and not shapely.is_empty(shape):
        return shape
    code = country if country in _country_shapes() else find_country_code(country)
    region = find_region(region_text, code) if region_text and code else None
    return _gazetteer_area(region.place) if region else _country_shapes().get(code or "")


def _gazetteer_area(place: Place) -> shapely.Geometry | None:
    """Return the area of a place of the gazetteer."""
    if place.kind == "country":
        return _country_shapes().get(place.country)
    if place.kind == "region":
        return _region_shapes().get(place.code)
    if place.kind == "province":
        return _cached_disc(
            place.longitude, place.latitude, _province_radii().get(place.code, _radius_m("province", place.country))
        )
    return _cached_disc(place.longitude, place.latitude, _radius_m("district", place.country))


def _radius_m(level: str, country: str) -> int:
    """Return the radius of a circle as large as an average area of a level in a country."""
    code = country if country in _country_shapes() else find_country_code(country) or ""
    return load_country(code).radius_m.get(level, DEFAULT_RADIUS_M[level])


def _enclosing_area(point: shapely.Point, precision: str) -> shapely.Geometry:
    """Return the region, else the country, that contains a point; the point itself if it lies at sea."""
    regions = _region_shapes().values() if precision == "region" else ()
    return next((shape for shape in (*regions, *_country_shapes().values()) if shapely.contains(shape, point)), point)


@cache
def _cached_disc(longitude: float, latitude: float, radius_m: float) -> shapely.Geometry:
    return disc(longitude, latitude, radius_m)


@cache
def _country_shapes() -> dict[str, shapely.Geometry]:
    return _index_by_code(base_data.load_countries())


@cache
def _region_shapes() -> dict[str, shapely.Geometry]:
    return _index_by_code(base_data.load_regions())


@cache
def _province_radii() -> dict[str, float]:
    provinces = base_data.load_provinces()
    return {str(code): float(radius) for code, radius in zip(provinces["code"], provinces["radius_m"], strict=True)}


def _index_by_code(frame: gpd.GeoDataFrame) -> dict[str, shapely.Geometry]:
    return {str(code): shape for code, shape in zip(frame["code"], frame.geometry, strict=True)}
