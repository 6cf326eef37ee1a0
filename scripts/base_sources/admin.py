"""Countries and first-level regions as one coverage, in which neighbours share identical edges.

Natural Earth's countries are split along its first-level boundary lines. Each piece gets the region in which GeoNames
places most of the settlements inside it.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.layers.model.schema import CRS
from scripts.base_sources.areas import Area

GRID_DEGREES = 1e-4  # 11 m: far finer than a 1:10,000,000 map, coarse enough to close its gaps
GAP_DEGREES = 0.03  # boundary lines that end nearer than this to a coast or border are meant to meet it
TOLERANCE_DEGREES = 0.004  # simplification removes vertices whose triangle is smaller than this squared
MAJORITY = 0.5  # share of a piece's places that must lie in the region it is named after

NAMELESS = {"USG": "CU"}  # Natural Earth's own code for Guantánamo, leased from Cuba, which has no ISO code
OVERSEAS = ("FR", "NL")  # one feature in Natural Earth, several countries in ISO 3166-1
NAMES = {
    "GF": ("GUF", "French Guiana", "Guayana Francesa"),
    "GP": ("GLP", "Guadeloupe", "Guadalupe"),
    "MQ": ("MTQ", "Martinique", "Martinica"),
    "BQ": ("BES", "Caribbean Netherlands", "Caribe Neerlandés"),
}


def read_countries(shapefile: Path, area: Area) -> gpd.GeoDataFrame:
    """Read Natural Earth's countries of an area: `country`, `code3`, `name`, `name_es`."""
    fields = {"ISO_A2_EH": "country", "ISO_A3_EH": "code3", "NAME_EN": "name", "NAME_ES": "name_es"}
    read = gpd.read_file(shapefile, encoding="utf-8", bbox=area.bounds)
    read["ISO_A2_EH"] = read["ADM0_A3"].map(NAMELESS).fillna(read["ISO_A2_EH"])
    sorted_rows = read.sort_values("POP_EST", ascending=False, kind="stable")
    countries = sorted_rows[[*fields, "geometry"]].rename(columns=fields).to_crs(CRS)
    return area.select(countries.assign(geometry=countries.make_valid().intersection(area.box)))


def split_countries(countries: gpd.GeoDataFrame, lines: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Split `countries` along the boundary `lines` into single polygons that share edges. `country` is kept."""
    edges = shapely.get_parts(shapely.boundary(countries.geometry.array))
    inner = shapely.get_parts(shapely.line_merge(shapely.union_all(lines.array)))
    ends, lines_there = np.unique(shapely.get_coordinates(shapely.boundary(inner)), axis=0, return_counts=True)
    loose = shapely.points(ends[lines_there == 1])
    outline = shapely.union_all(edges)
    near_ends = loose[shapely.distance(loose, outline) < GAP_DEGREES]
    bridges = shapely.shortest_line(near_ends, outline)

    network = shapely.union_all(np.concatenate([edges, inner, bridges]), grid_size=GRID_DEGREES)
    polygons = gpd.GeoDataFrame(geometry=shapely.get_parts(shapely.polygonize([network])), crs=CRS)
    inside = polygons.set_geometry(polygons.representative_point())
    countries_inside = inside.sjoin(countries[["country", "geometry"]], predicate="within")["country"]
    polygons["country"] = countries_inside[~countries_inside.index.duplicated()]
    return polygons.dropna(subset="country").reset_index(drop=True)


def majority_value(pieces: gpd.GeoDataFrame, places: gpd.GeoDataFrame, column: str) -> pd.Series:
    """Return, for each piece with places, the most frequent value of `column`, or NaN if none has a majority."""
    votes = places.sjoin(pieces[["geometry"]], predicate="within").groupby(["index_right", column]).size()
    share = (votes / votes.groupby(level=0).transform("sum")).reset_index(level=1, name="share")
    first = share.sort_values("share", ascending=False, kind="stable").groupby(level=0).first()
    return first[column].where(first["share"] > MAJORITY)


def name_pieces(pieces: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Assign each piece to a country and a region.

    A piece without a place gets the region of the nearest piece of its country.

    The added column `level_1` is a GeoNames code. It is missing where Natural Earth has no regions.
    """
    overseas = pieces[pieces["country"].isin(OVERSEAS)]
    overseas_countries = majority_value(overseas, places, "country").reindex(pieces.index)
    pieces = pieces.assign(country=overseas_countries.fillna(pieces["country"]))
    assigned = [
        name_country(parts, places[places["country"] == country]) for country, parts in pieces.groupby("country")
    ]
    return pd.concat(assigned).sort_index()


def name_country(parts: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add `level_1` to the pieces of one country."""
    majorities = majority_value(parts, places, "level_1").replace("", np.nan)
    parts = parts.assign(level_1=majorities.reindex(parts.index))
    unnamed_index, named_parts = parts.index.difference(majorities.index), parts[parts["level_1"].notna()]
    if not named_parts.empty:
        rows, nearest = named_parts.sindex.nearest(parts.loc[unnamed_index].geometry, return_all=False)
        parts.loc[unnamed_index[rows], "level_1"] = named_parts["level_1"].to_numpy()[nearest]
    return parts


def remove_outdated_regions(pieces: gpd.GeoDataFrame, places: gpd.GeoDataFrame, agreement: float) -> gpd.GeoDataFrame:
    """Remove from `level_1` the regions whose outline is not the present one, as after a reform.

    The outline must contain at least the share `agreement` of the region's places, and as few places of others.
    """
    located = places.sjoin(pieces[["level_1", "geometry"]], predicate="within", lsuffix="of", rsuffix="in")
    same = located["level_1_of"] == located["level_1_in"]
    shares = [same.groupby(located[column]).mean() for column in ("level_1_of", "level_1_in")]
    agreeing = pd.concat(shares, axis=1).min(axis=1, skipna=False) >= agreement
    return pieces.assign(level_1=pieces["level_1"].where(pieces["level_1"].isin(agreeing.index[agreeing])))


def dissolve(pieces: gpd.GeoDataFrame, by: str) -> gpd.GeoDataFrame:
    """Merge the pieces of a coverage that have the same value of `by`, which becomes a column."""
    groups = pieces.groupby(by)["geometry"]
    merged = groups.agg(lambda parts: shapely.coverage_union_all(parts.array))
    return gpd.GeoDataFrame(merged.reset_index(), geometry="geometry", crs=pieces.crs)


def simplify(pieces: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Simplify all pieces of a coverage, so that neighbours still share edges. Islets keep their shape."""
    simplified = shapely.coverage_simplify(pieces.geometry.array, TOLERANCE_DEGREES)
    return pieces.assign(geometry=simplified)


def build_coverage(
    countries: gpd.GeoDataFrame, lines: gpd.GeoSeries, places: gpd.GeoDataFrame, area: Area
) -> gpd.GeoDataFrame:
    """Build the simplified coverage with `country` and `level_1`, from which countries and regions are dissolved."""
    pieces = name_pieces(split_countries(countries, lines), places)
    if area.agreement:
        pieces = remove_outdated_regions(pieces, places[places["country"].isin(area.countries)], area.agreement)
    return simplify(pieces)


def dissolve_countries(pieces: gpd.GeoDataFrame, names: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Merge `pieces` into countries: `code` (alpha-2), `code3`, `name`, `name_es`."""
    listed_names = names[~names["country"].isin(OVERSEAS)].drop_duplicates("country")
    overseas = pd.DataFrame([(code, *names) for code, names in NAMES.items()], columns=listed_names.columns[:4])
    all_names = pd.concat([pd.DataFrame(listed_names.drop(columns="geometry")), overseas])
    countries = dissolve(pieces, "country").merge(all_names, on="country", how="inner", validate="1:1")
    columns = ["code", "code3", "name", "name_es", "geometry"]
    return countries.rename(columns={"country": "code"})[columns].sort_values("code", ignore_index=True)


def dissolve_regions(pieces: gpd.GeoDataFrame, subdivisions: pd.DataFrame, area: Area) -> gpd.GeoDataFrame:
    """Merge `pieces` into regions: `code`, `geonames_code`, `country`, `name`, `kind`, `aliases`."""
    polygons = dissolve(pieces[~pieces["country"].isin(area.outlined)], "level_1")
    regions = polygons.merge(subdivisions, left_on="level_1", right_index=True, validate="1:1")
    columns = ["code", "geonames_code", "country", "name", "kind", "aliases", "geometry"]
    return regions.rename(columns={"level_1": "geonames_code"})[columns].sort_values("code", ignore_index=True)


def merge_unnamed_pieces(pieces: gpd.GeoDataFrame, area: Area) -> gpd.GeoDataFrame:
    """Merge the pieces without a region into one polygon per country: `country`."""
    return dissolve(pieces[pieces["level_1"].isna() & ~pieces["country"].isin(area.outlined)], "country")
