"""
Countries and first-level regions as one coverage: neighbours share their edge to the last digit.

Natural Earth's countries are cut along its first-level boundary lines, and each piece gets the region in which GeoNames
puts most of the places that lie on it.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.layers.model.schema import CRS

EXTENT = shapely.box(-120, -58, -28, 34)  # Latin America and the Caribbean
GRID_DEGREES = 1e-4  # 11 m: far finer than a 1:10,000,000 map, coarse enough to close its gaps
GAP_DEGREES = 0.03  # boundary lines that end nearer than this to a coast or border are meant to meet it
TOLERANCE_DEGREES = 0.004  # simplification removes corners whose triangle is smaller than this squared
MAJORITY = 0.5  # of a piece's places must lie in the region that it is named after

CUT_OFF = "US"  # only its south lies in the extent: its states would be torsos

NAMELESS = {"USG": "CU"}  # Natural Earth's own code for Guantánamo, leased from Cuba, which has no ISO code
OVERSEAS = ("FR", "NL")  # one feature in Natural Earth, several countries in ISO 3166-1
NAMES = {
    "GF": ("GUF", "French Guiana", "Guayana Francesa"),
    "GP": ("GLP", "Guadeloupe", "Guadalupe"),
    "MQ": ("MTQ", "Martinique", "Martinica"),
    "BQ": ("BES", "Caribbean Netherlands", "Caribe Neerlandés"),
}


def read_countries(shapefile: Path) -> gpd.GeoDataFrame:
    """Read Natural Earth's countries inside the extent: `country`, `code3`, `name`, `name_es`."""
    fields = {"ISO_A2_EH": "country", "ISO_A3_EH": "code3", "NAME_EN": "name", "NAME_ES": "name_es"}
    read = gpd.read_file(shapefile, encoding="utf-8", bbox=EXTENT.bounds)
    read["ISO_A2_EH"] = read["ADM0_A3"].map(NAMELESS).fillna(read["ISO_A2_EH"])
    main_land_first = read.sort_values("POP_EST", ascending=False, kind="stable")
    countries = main_land_first[[*fields, "geometry"]].rename(columns=fields).to_crs(CRS)
    return countries.assign(geometry=countries.make_valid().intersection(EXTENT))


def cut(countries: gpd.GeoDataFrame, lines: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Cut `countries` along boundary `lines` into single polygons that share their edges; keeps `country`."""
    edges = shapely.get_parts(shapely.boundary(countries.geometry.array))
    inner = shapely.get_parts(shapely.line_merge(shapely.union_all(lines.clip(EXTENT).array)))
    ends, lines_there = np.unique(shapely.get_coordinates(shapely.boundary(inner)), axis=0, return_counts=True)
    loose = shapely.points(ends[lines_there == 1])
    outline = shapely.union_all(edges)
    near = loose[shapely.distance(loose, outline) < GAP_DEGREES]
    bridges = shapely.shortest_line(near, outline)

    network = shapely.union_all(np.concatenate([edges, inner, bridges]), grid_size=GRID_DEGREES)
    polygons = gpd.GeoDataFrame(geometry=shapely.get_parts(shapely.polygonize([network])), crs=CRS)
    inside = polygons.set_geometry(polygons.representative_point())
    found = inside.sjoin(countries[["country", "geometry"]], predicate="within")["country"]
    polygons["country"] = found[~found.index.duplicated()]
    return polygons.dropna(subset="country").reset_index(drop=True)


def majority(pieces: gpd.GeoDataFrame, places: gpd.GeoDataFrame, column: str) -> pd.Series:
    """Give each piece with places the value of `column` that most of them have, or NaN where none has a majority."""
    votes = places.sjoin(pieces[["geometry"]], predicate="within").groupby(["index_right", column]).size()
    share = (votes / votes.groupby(level=0).transform("sum")).reset_index(level=1, name="share")
    first = share.sort_values("share", ascending=False, kind="stable").groupby(level=0).first()
    return first[column].where(first["share"] > MAJORITY)


def name_pieces(pieces: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Say in which country and region each piece lies; one without a place goes with the nearest of its country.

    Adds `level_1`, a GeoNames code, missing where Natural Earth draws no regions.
    """
    overseas = pieces[pieces["country"].isin(OVERSEAS)]
    moved = majority(overseas, places, "country").reindex(pieces.index)
    pieces = pieces.assign(country=moved.fillna(pieces["country"]))
    named = [name_country(parts, places[places["country"] == country]) for country, parts in pieces.groupby("country")]
    return pd.concat(named).sort_index()


def name_country(parts: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add `level_1` to the pieces of one country."""
    voted = majority(parts, places, "level_1").replace("", np.nan)
    parts = parts.assign(level_1=voted.reindex(parts.index))
    empty, known = parts.index.difference(voted.index), parts[parts["level_1"].notna()]
    if not known.empty:
        rows, nearest = known.sindex.nearest(parts.loc[empty].geometry, return_all=False)
        parts.loc[empty[rows], "level_1"] = known["level_1"].to_numpy()[nearest]
    return parts


def dissolve(pieces: gpd.GeoDataFrame, by: str) -> gpd.GeoDataFrame:
    """Join the pieces of a coverage that have the same value of `by`, which becomes a column beside the geometry."""
    groups = pieces.groupby(by)["geometry"]
    joined = groups.agg(lambda parts: shapely.coverage_union_all(parts.array))
    return gpd.GeoDataFrame(joined.reset_index(), geometry="geometry", crs=pieces.crs)


def simplify(pieces: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Thin out the corners of all pieces alike, so that neighbours keep one edge; islets stay as they are drawn."""
    thinned = shapely.coverage_simplify(pieces.geometry.array, TOLERANCE_DEGREES)
    return pieces.assign(geometry=thinned)


def make(countries: gpd.GeoDataFrame, lines: gpd.GeoSeries, places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the simplified pieces with `country` and `level_1`: the coverage that everything else is dissolved from."""
    return simplify(name_pieces(cut(countries, lines), places))


def countries_of(pieces: gpd.GeoDataFrame, names: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Dissolve `pieces` into countries: `code` (alpha-2), `code3`, `name`, `name_es`."""
    own = names[~names["country"].isin(OVERSEAS)].drop_duplicates("country")
    overseas = pd.DataFrame([(code, *names) for code, names in NAMES.items()], columns=own.columns[:4])
    named = pd.concat([pd.DataFrame(own.drop(columns="geometry")), overseas])
    countries = dissolve(pieces, "country").merge(named, on="country", how="inner", validate="1:1")
    columns = ["code", "code3", "name", "name_es", "geometry"]
    return countries.rename(columns={"country": "code"})[columns].sort_values("code", ignore_index=True)


def regions_of(pieces: gpd.GeoDataFrame, subdivisions: pd.DataFrame) -> gpd.GeoDataFrame:
    """Dissolve `pieces` into regions: `code`, `geonames_code`, `country`, `name`, `kind`, `aliases`."""
    drawn = dissolve(pieces[pieces["country"] != CUT_OFF], "level_1")
    regions = drawn.merge(subdivisions, left_on="level_1", right_index=True, validate="1:1")
    columns = ["code", "geonames_code", "country", "name", "kind", "aliases", "geometry"]
    return regions.rename(columns={"level_1": "geonames_code"})[columns].sort_values("code", ignore_index=True)
