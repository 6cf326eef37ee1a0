"""
The map's own ground: countries, regions, waters and places of Latin America and the Caribbean, from open data.

The files lie in `data/base` and are made by `data/make_base.py`; `sources()` says from what, and what they cannot say.
Everything is read on first use and kept; the frames given out are copies.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import geopandas as gpd

BASE = Path(__file__).parents[2] / "data" / "base"
BASEMAP = BASE / "basemap.pmtiles"


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
    return gpd.read_parquet(BASE / f"{name}.parquet")


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
