"""Base data from open sources: countries, regions, waters and places.

The files are in `data/base` and are made by `scripts/make_base.py`; `data/README.md` lists the countries, and
`load_sources()` the sources and limits. Each file is read on first use and cached; the frames returned are copies.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import numpy.typing as npt
import shapely

if TYPE_CHECKING:
    import geopandas as gpd


Bounds = tuple[float, float, float, float]  # west, south, east, north in degrees
COMPLETE_BOUNDS: Bounds = (-120.0, -58.0, -28.0, 34.0)
"""The part of the world in which every country and coast is in the base data; elsewhere only some are."""

BASE = Path(__file__).parents[2] / "data" / "base"
BASEMAP = BASE / "basemap.pmtiles"
CREDIT = "Natural Earth, GeoNames, GSHHG"  # the credit of a map for its basemap
RELIEF = BASE / "relief.pmtiles"  # grey WebP tiles: lighter or darker than the surrounding ground


@dataclass(frozen=True)
class Source:
    """A source of base data: its licence, its files and its limits."""

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
def load_sources() -> tuple[Source, ...]:
    """Load the sources of the base data, with licence and limits.

    Returns: in the order of `sources.toml`.
    """
    source_tables = tomllib.loads((BASE / "sources.toml").read_text(encoding="utf-8"))["source"]
    return tuple(Source(**{**source, "files": tuple(source["files"])}) for source in source_tables)


@cache
def _read_frame(name: str) -> gpd.GeoDataFrame:
    import geopandas as gpd

    return gpd.read_parquet(BASE / f"{name}.parquet")


_COVERED = 0.999_999  # share of a country from which on its regions cover it
_KEPT_COLUMNS = ("name", "province", "region", "country", "geometry")
_trees: dict[str, shapely.STRtree] = {}  # of files that are kept in memory


@cache
def _open_database() -> duckdb.DuckDBPyConnection:
    """Open the database that reads all files, once: opening takes longer than reading the places of a country."""
    return duckdb.connect(config={"threads": 1})


def read_columns(
    name: str, *column_names: str, bounds: Bounds | None = None, where: tuple[str, str | None] = ("", None)
) -> dict[str, list[Any]]:
    """Read columns of a file of base data as lists, with `geometry` as shapes; geopandas is not loaded.

    `name`: `countries`, `lakes`, `places`, `provinces`, `regions` or `rivers`. `bounds`: west, south, east, north in
    degrees. Only rows are read whose geometry intersects that box. None for all rows. Returns: A list of values by
    column. Do not change it: without `bounds` it is cached.
    """
    if bounds is None:
        return _kept_columns(name, column_names, None, where)
    # Results for a box are not cached, because they would show where somebody looked.
    if name not in _trees or where[1] is not None or not set(column_names) <= set(_KEPT_COLUMNS):
        return _query_columns(name, column_names, bounds, where)
    rows = np.sort(_trees[name].query(shapely.box(*bounds), predicate="intersects")).tolist()
    columns = _kept_columns(name, _KEPT_COLUMNS, None, ("", None))
    return {column_name: [columns[column_name][row] for row in rows] for column_name in column_names}


def cache_places() -> None:
    """Read the places into memory. A server then finds those in a box in a fraction of the time of a query."""
    _trees["places"] = shapely.STRtree(_kept_columns("places", _KEPT_COLUMNS, None, ("", None))["geometry"])


def _query_columns(
    name: str, column_names: tuple[str, ...], bounds: Bounds | None, where: tuple[str, str | None]
) -> dict[str, list[Any]]:
    selected = ", ".join(
        "ST_AsWKB(geometry)" if column_name == "geometry" else column_name for column_name in column_names
    )
    path = str(BASE / f"{name}.parquet").replace("'", "''")
    tests = ["true"]
    if bounds is not None:
        box = shapely.to_wkb(shapely.box(*bounds), hex=True)
        tests.append(f"ST_Intersects_Extent(geometry, ST_GeomFromWKB(from_hex('{box}')))")
    column, value = where
    if value is not None:
        tests.append(f"{column} = (FROM asked)")
    with _open_database().cursor() as con:
        con.register("asked", {"text": np.array([value or ""])})  # with a parameter DuckDB would load pandas
        rows = con.execute(f"SELECT {selected} FROM read_parquet('{path}') WHERE {' AND '.join(tests)}").fetchall()
    values_by_column: dict[str, list[Any]] = {
        column_name: [row[index] for row in rows] for index, column_name in enumerate(column_names)
    }
    return values_by_column | {
        column_name: list(shapely.from_wkb(values_by_column[column_name]))
        for column_name in column_names
        if column_name == "geometry"
    }


_kept_columns = lru_cache(maxsize=32)(_query_columns)


def load_countries() -> gpd.GeoDataFrame:
    """Load the countries and territories, accurate to some kilometres.

    Returns: polygons in OGC:CRS84: `code` (ISO 3166-1 alpha-2), `code3` (alpha-3), `name`, `name_es`. The United States
    are cut off at 34° N.
    """
    return _read_frame("countries").copy()


def load_regions(country: str | None = None) -> gpd.GeoDataFrame:
    """Load the first-level regions (departments, states) as polygons in OGC:CRS84, accurate to some kilometres.

    Neighbours share their edges. The regions of a country cover it completely, except where no source has their present
    outlines: see *Known errors* in `data/README.md`. Countries of which only the outline is known have none.

    `country`: ISO 3166-1 alpha-2 code; all countries without it. Returns: `code` (ISO 3166-2, else GeoNames' code),
    `geonames_code`, `country` (alpha-2), `name`, `kind`, `aliases`.
    """
    return _filter_country(_read_frame("regions"), country)


@cache
def load_region_codes() -> dict[tuple[str, str], str]:
    """Read the code of each region by country and name. Neither pandas nor geopandas is loaded.

    Returns: ISO 3166-2 codes; each key is the country (ISO 3166-1 alpha-2) and the name of the region.
    """
    values_by_column = read_columns("regions", "country", "name", "code")
    return dict(
        zip(
            zip(values_by_column["country"], values_by_column["name"], strict=True),
            values_by_column["code"],
            strict=True,
        )
    )


def load_ground() -> gpd.GeoDataFrame:
    """Load the land to draw under a map: the regions, and below them the countries that their regions do not cover.

    Returns: polygons in OGC:CRS84: `name`.
    """
    import pandas as pd

    countries, regions = _read_frame("countries"), _read_frame("regions")
    areas = pd.Series(shapely.area(regions.geometry.to_numpy())).groupby(regions["country"]).sum()
    covered = countries["code"].map(areas).fillna(0) > _COVERED * shapely.area(countries.geometry.to_numpy())
    return pd.concat([countries[~covered], regions], ignore_index=True)[["name", "geometry"]]


def load_provinces(country: str | None = None) -> gpd.GeoDataFrame:
    """Load the second-level areas (provinces, municipalities) as points; their boundaries are not open data.

    `country`: ISO 3166-1 alpha-2 code; None for all countries. An unknown code matches no area. Returns: points in
    OGC:CRS84, each the centre of its area's places: `code` (GeoNames), `name`, `aliases`, `country` (alpha-2),
    `region`, `region_code`, `radius_m`. `radius_m` is the uncertainty of the point: the distance in metres to the
    farthest place of the area.
    """
    return _filter_country(_read_frame("provinces"), country)


def load_places(country: str | None = None) -> gpd.GeoDataFrame:
    """Load the populated places, largest first; of countries without regions only large cities.

    `country`: ISO 3166-1 alpha-2 code; None for all countries. An unknown code matches no place. Returns: points in
    OGC:CRS84: `name`, `country` (alpha-2), `region`, `region_code` (as in `load_regions`), `province`, `population` (0:
    not recorded), `min_zoom` (zoom level of the map from which the place is labelled).
    """
    return _filter_country(_read_frame("places"), country)


def load_rivers() -> gpd.GeoDataFrame:
    """Load the rivers as lines; without names.

    Returns: lines in OGC:CRS84: `rank`, from 1 (largest) to 4, or 5 if intermittent.
    """
    return _read_frame("rivers").copy()


def clip_rivers(bounds: Bounds) -> npt.NDArray[np.object_]:
    """Return the parts of the rivers within a bounding box.

    `bounds`: west, south, east, north in degrees. Returns: lines in OGC:CRS84.
    """
    tree = index_rivers()
    lines = tree.geometries[tree.query(shapely.box(*bounds), predicate="intersects")]
    clipped = np.asarray(shapely.clip_by_rect(lines, *bounds))
    return clipped[~shapely.is_empty(clipped)]


@cache
def index_rivers() -> shapely.STRtree:
    """Return the spatial index of the rivers, in degrees. It is built once.

    Returns: the lines of `load_rivers`, in their order.
    """
    return shapely.STRtree(_read_frame("rivers").geometry.to_numpy())


def load_lakes() -> gpd.GeoDataFrame:
    """Load the larger lakes, largest first; without names.

    Returns: polygons in OGC:CRS84, with no other column.
    """
    return _read_frame("lakes").copy()


def _filter_country(frame: gpd.GeoDataFrame, country: str | None) -> gpd.GeoDataFrame:
    return frame.copy() if country is None else frame[frame["country"] == country].reset_index(drop=True)
