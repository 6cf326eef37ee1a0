"""Where an incident may have happened: a point, or the area that its record names."""

from collections.abc import Iterator
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.geometry.circle import disc
from lindero.layers.database.definitions import KNOWN_PLACE
from lindero.layers.model.schema import CRS
from lindero.layers.reference import base_data
from lindero.layers.reference.gazetteer import Place, country_code, region_of

RADIUS_M = {"district": 15_000, "province": 45_000}  # of a circle as large as Peru's districts and provinces on average


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
    return _named(region.place) if region else _countries().get(code or "")


def _named(place: Place) -> shapely.Geometry | None:
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
