"""Where an incident may be shown: the area that is known of it, and the cell that it is counted in."""

from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.geometry.generalise import cells, within
from lindero.layers.database.definitions import KNOWN_PROVINCE, KNOWN_REGION
from lindero.layers.model.schema import CRS
from lindero.layers.reference import base_data
from lindero.layers.reference.gazetteer import region_of

SIDE_DEGREES = {"exact": 0.1, "locality": 0.1, "district": 0.25, "province": 1.0}
"""
The cell of a fixed grid that a place of this precision is shown as: 0.1° is some 11 km. What is known to a region is
shown as the region, and what is known to a country not at all.
"""
COARSE_DEGREES = 0.01


def as_known(incidents: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """
    Give the area that is known of each incident: a grid's cell or a department, never a point.

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
    for name, side in SIDE_DEGREES.items():
        chosen = (precision == name) & points.notna().to_numpy()
        areas[chosen] = cells(gpd.GeoSeries(points[chosen]), side_degrees=side).to_numpy()
    shapes = department_shapes()["geometry"].to_dict()
    for position, department in enumerate(departments_of(incidents)):
        if areas[position] is None and precision[position] in KNOWN_REGION:
            areas[position] = shapes.get(department)
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
    known = gpd.GeoSeries(points[points.notna()])
    codes = regions["code"].to_numpy()
    found = {index: codes[at] for index, at in within(known, regions).items() if at >= 0}
    told = zip(records.index, records["region"], records["country"], strict=True)
    named = {
        index: found[index] if index in found else _named(text, country)
        for index, text, country in told
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
    if department not in _places():
        return [None] * len(points)
    provinces, tree = _places()[department]
    return [provinces[at] or None for at in tree.nearest(points.to_numpy())]


@cache
def _places() -> dict[str, tuple[list[str], shapely.STRtree]]:
    """Give the populated places of each department: their provinces, and where they are."""
    return {
        str(code): (places["province"].tolist(), shapely.STRtree(places["geometry"].to_numpy()))
        for code, places in base_data.places().groupby("region_code")
    }


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
