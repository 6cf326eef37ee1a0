"""Where an incident may be shown: the area that is known of it, and the cell that it is counted in."""

from collections.abc import Iterator
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.near.window import disc
from lindero.geo.positions.generalise import cells, within
from lindero.layers.database.definitions import CELL_DEGREES, KNOWN_PLACE, KNOWN_PROVINCE, KNOWN_REGION
from lindero.layers.model.schema import CRS
from lindero.layers.reference import base_data
from lindero.layers.reference.gazetteer import Place, country_code, region_of

COARSE_DEGREES = 0.01
RADIUS_M = {"district": 15_000, "province": 45_000}  # of a circle as large as Peru's districts and provinces on average


def as_known(incidents: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """
    Give the area that is known of each incident: a grid's cell or a department, never a point.

    What is known to a region is shown as the region, and what is known to a country not at all.

    Parameters
    ----------
    incidents
        Rows with `location_precision`, `region`, `country` and a geometry in OGC:CRS84 or none.

    Returns
    -------
    GeoSeries
        Polygons in OGC:CRS84 by the index of `incidents`; None where no place may be shown.
    """
    precision = incidents["location_precision"].to_numpy()
    points = _points(incidents)
    areas = np.full(len(incidents), None, dtype=object)
    for name, side in CELL_DEGREES.items():
        chosen = (precision == name) & points.notna().to_numpy()
        areas[chosen] = cells(gpd.GeoSeries(points[chosen]), side_degrees=side).to_numpy()
    of_region = shapely.is_missing(areas) & incidents["location_precision"].isin(KNOWN_REGION).to_numpy()
    if of_region.any():  # to make the outlines coarse takes longer than all else
        shapes = department_shapes()["geometry"]
        areas[of_region] = [shapes.get(department) for department in departments_of(incidents[of_region])]
    return gpd.GeoSeries(areas, index=incidents.index, crs=CRS)


def cells_of(records: gpd.GeoDataFrame) -> pd.DataFrame:
    """
    Give the cell that each record is counted in.

    Returns
    -------
    DataFrame
        `department` (ISO 3166-2), `province` (that of the nearest place, where the precision allows it) and `year`,
        each missing where it is not known.
    """
    department = departments_of(records)
    points = _points(records)
    fine = records["location_precision"].isin(KNOWN_PROVINCE) & points.notna() & department.notna()
    province: dict[object, str | None] = {}
    for code, chosen in points[fine].groupby(department[fine]):
        province |= dict(zip(chosen.index, _nearest_province(gpd.GeoSeries(chosen), str(code)), strict=True))
    year = pd.to_datetime(records["occurred_on"]).dt.year.astype("Int32")
    return pd.DataFrame({"department": department, "province": records.index.map(province.get), "year": year})


def departments_of(records: gpd.GeoDataFrame) -> pd.Series:
    """Give the department (ISO 3166-2) that each record lies in, else the one that its text names."""
    regions = base_data.regions()
    points = _points(records)
    located = gpd.GeoSeries(points[points.notna()])
    codes = regions["code"].to_numpy()
    found = {index: codes[at] for index, at in within(located, regions).items() if at >= 0}
    places = zip(records.index, records["region"], records["country"], strict=True)
    named = {
        index: found[index] if index in found else _named(text, country)
        for index, text, country in places
        if index in found or (isinstance(text, str) and isinstance(country, str))
    }
    return pd.Series(named, index=records.index, dtype=object)


@cache
def department_shapes() -> gpd.GeoDataFrame:
    """Give the departments by their code (ISO 3166-2): `name`, `country`, and their outline, some kilometres coarse."""
    regions = base_data.regions()
    return regions.assign(geometry=regions.simplify_coverage(COARSE_DEGREES)).set_index("code")


def _points(records: gpd.GeoDataFrame) -> gpd.GeoSeries:
    shapes = records.geometry.to_numpy()
    return gpd.GeoSeries(shapely.point_on_surface(shapes), index=records.index, crs=CRS)


def _nearest_province(points: gpd.GeoSeries, department: str) -> list[str | None]:
    provinces, tree = _places(department)
    return [provinces[at] or None for at in tree.nearest(points.to_numpy())] if provinces else [None] * len(points)


@cache
def _places(department: str) -> tuple[list[str], shapely.STRtree]:
    """Give the populated places of a department: their provinces, and where they are."""
    places = base_data.places()
    places = places[places["region_code"] == department]
    return places["province"].tolist(), shapely.STRtree(places["geometry"].to_numpy())


@cache
def _named(text: str, country: str) -> str | None:
    """Give the department that a text names, or that holds the province that it names."""
    region = region_of(text, country)
    if region is None:
        return None
    if region.place.kind == "region":
        return region.place.code
    within_it = base_data.regions(country)
    found = within_it.loc[within_it["name"] == region.place.region, "code"]
    return str(found.iloc[0]) if len(found) == 1 else None


# Where an incident may have happened: a point, or the area that its record names.


def whereabouts(incidents: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """
    Give for each incident the point where it happened, or the area that it is known to lie in.

    A polygon stands for itself. A point that is only as precise as its district or province stands for a circle round
    it, one that is only as precise as its region for the region. Where there is no geometry, the gazetteer is asked for
    the region that the record names, else for its country; None if it knows neither.

    Parameters
    ----------
    incidents
        `location_precision`, `region`, `place_text`, `country`, geometry in OGC:CRS84.
    """
    found = np.array([_of(*row) for row in _columns(incidents)], dtype=object)
    return gpd.GeoSeries(found, index=incidents.index, crs=CRS)


def _columns(incidents: gpd.GeoDataFrame) -> Iterator[tuple[shapely.Geometry | None, str, str, str]]:
    texts = pd.DataFrame(incidents[["location_precision", "region", "place_text", "country"]]).fillna("")
    named = texts["region"].where(texts["region"] != "", texts["place_text"])
    return zip(incidents.geometry, texts["location_precision"], named, texts["country"], strict=True)


def _of(shape: shapely.Geometry | None, precision: str, named: str, country: str) -> shapely.Geometry | None:
    if isinstance(shape, shapely.Point) and not shape.is_empty:
        if precision in KNOWN_PLACE:
            return shape
        return _disc(shape.x, shape.y, RADIUS_M[precision]) if precision in RADIUS_M else _around(shape, precision)
    if shape is not None and not shapely.is_empty(shape):
        return shape
    code = country if country in _countries() else country_code(country)
    region = region_of(named, code) if named and code else None
    return _area_named(region.place) if region else _countries().get(code or "")


def _area_named(place: Place) -> shapely.Geometry | None:
    """Draw the area of a place of the gazetteer."""
    if place.kind == "country":
        return _countries().get(place.country)
    if place.kind == "region":
        return _regions().get(place.code)
    if place.kind == "province":
        return _disc(place.longitude, place.latitude, _provinces().get(place.code, RADIUS_M["province"]))
    return _disc(place.longitude, place.latitude, RADIUS_M["district"])


def _around(point: shapely.Point, precision: str) -> shapely.Geometry:
    """Draw the region or country that a point stands for; the point itself at sea."""
    shapes = list((_regions() if precision == "region" else _countries()).values())
    return next((shape for shape in shapes if shapely.contains(shape, point)), point)


@cache
def _disc(longitude: float, latitude: float, radius_m: float) -> shapely.Geometry:
    return disc(longitude, latitude, radius_m)


@cache
def _countries() -> dict[str, shapely.Geometry]:
    return _by_code(base_data.countries())


@cache
def _regions() -> dict[str, shapely.Geometry]:
    return _by_code(base_data.regions())


@cache
def _provinces() -> dict[str, float]:
    provinces = base_data.provinces()
    return {str(code): float(radius) for code, radius in zip(provinces["code"], provinces["radius_m"], strict=True)}


def _by_code(frame: gpd.GeoDataFrame) -> dict[str, shapely.Geometry]:
    return {str(code): shape for code, shape in zip(frame["code"], frame.geometry, strict=True)}
