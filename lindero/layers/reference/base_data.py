"""
The map's own ground: countries, regions, waters and places of Latin America and the Caribbean, from open data.

The files lie in `data/base` and are made by `data/make_base.py`; `sources()` says from what, and what they cannot say.
Everything is read on first use and kept; the frames given out are copies.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd


Bounds = tuple[float, float, float, float]  # west, south, east, north in degrees

BASE = Path(__file__).parents[2] / "data" / "base"
BASEMAP = BASE / "basemap.pmtiles"
CREDIT = "Natural Earth, GeoNames, GSHHG"  # what a map says of the ground that it is drawn on
RELIEF = BASE / "relief.pmtiles"  # grey, in WebP: what is lighter or darker than the ground around it


@dataclass(frozen=True)
class Source:
    """Where base data comes from: what may be done with it, which files hold it, and what it cannot say."""

    id: str
    title: str
    publisher: str
    licence: str
    licence_url: str
    url: str
    version: str
    packager: str
    package: str
    package_version: str
    package_sha256: str
    files: tuple[str, ...]
    limits: str


@cache
def sources() -> tuple[Source, ...]:
    """Give the sources of the base data, with licence and limits."""
    listed = tomllib.loads((BASE / "sources.toml").read_text(encoding="utf-8"))["source"]
    return tuple(Source(**{**source, "files": tuple(source["files"])}) for source in listed)


@cache
def _read(name: str) -> gpd.GeoDataFrame:
    import geopandas as gpd

    return gpd.read_parquet(BASE / f"{name}.parquet")


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """Give the one that all files are read by: to open one takes longer than to read a country's places."""
    return duckdb.connect(config={"threads": 1})


def columns(
    name: str, *wanted: str, bounds: Bounds | None = None, where: tuple[str, str | None] = ("", None)
) -> dict[str, list[Any]]:
    """
    Give columns of a file of base data, a list each, `geometry` as shapes: for whoever needs no frame of it.

    With `bounds` (west, south, east, north) only of rows whose geometry meets that box; with `where` of those whose
    column, named first, holds the text named second, if there is one.
    """
    # what lies in a box is kept nowhere: it tells where somebody looked
    return _kept_columns(name, wanted, None, where) if bounds is None else _read_columns(name, wanted, bounds, where)


def _read_columns(
    name: str, wanted: tuple[str, ...], bounds: Bounds | None, where: tuple[str, str | None]
) -> dict[str, list[Any]]:
    selected = ", ".join("ST_AsWKB(geometry)" if each == "geometry" else each for each in wanted)
    path = str(BASE / f"{name}.parquet").replace("'", "''")
    tests = ["true"]
    if bounds is not None:
        box = shapely.to_wkb(shapely.box(*bounds), hex=True)
        tests.append(f"ST_Intersects_Extent(geometry, ST_GeomFromWKB(from_hex('{box}')))")
    column, value = where
    if value is not None:
        tests.append(f"{column} = (FROM asked)")
    with _database().cursor() as con:
        con.register("asked", {"text": np.array([value or ""])})  # for a parameter DuckDB would load pandas
        rows = con.execute(f"SELECT {selected} FROM read_parquet('{path}') WHERE {' AND '.join(tests)}").fetchall()
    read: dict[str, list[Any]] = {each: [row[at] for row in rows] for at, each in enumerate(wanted)}
    return read | {each: list(shapely.from_wkb(read[each])) for each in wanted if each == "geometry"}


_kept_columns = lru_cache(maxsize=32)(_read_columns)


def countries() -> gpd.GeoDataFrame:
    """
    Give the countries and territories as polygons in OGC:CRS84, accurate to some kilometres.

    Columns: `code` (ISO 3166-1 alpha-2), `code3` (alpha-3), `name`, `name_es`. The United States end at 34° N.
    """
    return _read("countries").copy()


def regions(country: str | None = None) -> gpd.GeoDataFrame:
    """
    Give the first-level regions (departments, states) as polygons in OGC:CRS84, accurate to some kilometres.

    Neighbours share their edge. The regions of a country fill it, except in small territories where none are drawn,
    such as most of Puerto Rico. There are none of the United States.

    Parameters
    ----------
    country
        ISO 3166-1 alpha-2 code; all countries without it.

    Returns
    -------
    GeoDataFrame
        `code` (ISO 3166-2, else GeoNames' code), `geonames_code`, `country` (alpha-2), `name`, `kind`, `aliases`.

    """
    return _of(_read("regions"), country)


@cache
def region_codes() -> dict[tuple[str, str], str]:
    """Return the code (ISO 3166-2) of each region by country and name. No library of frames is loaded."""
    read = columns("regions", "country", "name", "code")
    return dict(zip(zip(read["country"], read["name"], strict=True), read["code"], strict=True))


def provinces(country: str | None = None) -> gpd.GeoDataFrame:
    """
    Give the second-level areas (provinces, municipalities) as points in OGC:CRS84; their boundaries are not open data.

    Columns: `code` (GeoNames), `name`, `aliases`, `country` (alpha-2), `region`, `region_code`, `radius_m` (from the
    point, in the middle of the area's places, to the farthest of them: how little the point says).
    """
    return _of(_read("provinces"), country)


def places(country: str | None = None) -> gpd.GeoDataFrame:
    """
    Give the populated places as points in OGC:CRS84, largest first; of the United States only large cities.

    Columns: `name`, `country` (alpha-2), `region`, `region_code` (as in `regions`), `province`, `population` (0: not
    recorded), `min_zoom` (the map's zoom from which the place is labelled).
    """
    return _of(_read("places"), country)


def rivers() -> gpd.GeoDataFrame:
    """Give the rivers as lines in OGC:CRS84, `rank` 1 (largest) to 4, and 5 for those that run dry; without names."""
    return _read("rivers").copy()


def lakes() -> gpd.GeoDataFrame:
    """Give the larger lakes as polygons in OGC:CRS84, largest first; without names."""
    return _read("lakes").copy()


def _of(frame: gpd.GeoDataFrame, country: str | None) -> gpd.GeoDataFrame:
    return frame.copy() if country is None else frame[frame["country"] == country].reset_index(drop=True)
