"""Comparison of regions by the features in each: departments, and provinces where the workspace has them."""

from collections.abc import Iterable
from functools import cache
from math import isnan

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.app.answers.coverage.coverage import Coverage, mask_false_zeros, read_coverage
from lindero.app.answers.defaults import DEPARTMENT
from lindero.app.answers.record.incidents import Record, read_placed_attacks, read_record
from lindero.app.answers.record.measures import is_granted
from lindero.app.answers.registers import check_one_register, entries, read_regions
from lindero.app.text.i18n import _, format_number
from lindero.geo import PolygonLayer, footprint, overlap
from lindero.geo.near.points_inside import is_point, points_inside
from lindero.layers.database import map_database
from lindero.layers.database.definitions import KNOWN_PROVINCE
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries
from lindero.layers.database.queries.map_queries import RegisterEntry
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, INCIDENTS, PROTECTION_MEASURES, REGIONS
from lindero.layers.reference import base_data
from lindero.layers.reference.gazetteer import find_region
from lindero.layers.reference.state_facts import load_population

CODE = "region"
PROVINCE = "province"
COARSE_DEGREES = {DEPARTMENT: 0.03, PROVINCE: 0.005}
FINER_PRECISIONS = {PROVINCE: KNOWN_PROVINCE}  # precisions of a place that identify its province
COUNTED_LAYERS = tuple(layer.name for layer in (CONCESSIONS, COMMUNITIES, INCIDENTS, PROTECTION_MEASURES))
LAYERS = (REGIONS.name, *COUNTED_LAYERS)  # layers by which regions are compared
_ENTRY_COLUMNS = (*RegisterEntry._fields[:-1], "xmin", "ymin", "xmax", "ymax")
_COMMUNITIES_AT_ONCE = 5_000  # communities whose shapes are in memory
MEASURES = ("measures_granted", "measures_for_women", "measures_for_groups")


def list_levels(con: Connection) -> list[str]:
    """List the levels at which the map can be browsed. Provinces need regions of the workspace; open data has none."""
    return [DEPARTMENT, *([PROVINCE] if len(read_own_regions(con, PROVINCE)) else [])]


def compare_regions(
    con: Connection,
    level: str = DEPARTMENT,
    *,
    country: str = "",
    with_range: bool = False,
    record: Record | None = None,
    covered: Coverage | None = None,
) -> pd.DataFrame:
    """Compare the regions that contain people, attacks or any other feature of the map.

    `level`: `department` (the workspace's own, else those of the bundled open data) or `province` (of the workspace's
    own regions). `country`: ISO 3166-1 alpha-2: only its regions, including those with a known population but nothing
    else on record. If empty, the regions of every country with a feature in it or a recorded attack. `record`,
    `covered`: the results of `app.answers.record.incidents.read_record` and
    `app.answers.coverage.coverage.read_coverage`, if read before. Returns: `region` (ISO 3166-2, or a province's id),
    `name`, `country`, `parent` (the region of a province), `conceded_ha` (area under concession, counted once) and
    `conceded_share` of the region, `concessions`, `communities`, `communities_touched` (by a concession), `attacks`,
    `measures_granted` (protection measures) and of these `measures_for_women` (gender-responsive) and
    `measures_for_groups` (collective); the region with the largest area under concession first. A measure is missing
    where none was found and the map does not cover the region. `concessions_covered` (at least the share under
    concession), `communities_covered` … are the covered shares of the region. With a range, `conceded_low` and
    `conceded_high` are added.
    """
    concessions = map_database.read_layer(con, CONCESSIONS)
    check_one_register(CONCESSIONS, entries(concessions))
    check_one_register(COMMUNITIES, entries(map_database.read_layer(con, COMMUNITIES, columns=_ENTRY_COLUMNS)))
    record = record or read_record(con)
    attacks = read_placed_attacks(con, record)
    areas = _read_areas(con, level, country)
    communities, has_community = _read_community_places(con, areas, concessions)
    is_listed = has_community | has_features(areas, [concessions, attacks])
    is_listed |= areas["id"].isin(_find_regions_of_attacks(attacks, areas, level))
    if country:
        is_listed |= areas["id"].isin(read_population(con, level, areas["id"]).dropna(subset=["population"]).index)
    areas = areas[is_listed].reset_index(drop=True)
    titles, ground = (PolygonLayer.from_frame(rows) for rows in (concessions, areas))  # projected once for both calls
    conceded = footprint(overlap(titles, ground), titles, ground, with_range=with_range).set_index("id")
    concession_regions = _find_regions(concessions, areas)
    attack_regions = _find_regions_of_attacks(attacks, areas, level)
    is_touched = communities["is_touched"]
    table = areas[["id", "name", "country", "parent"]].rename(columns={"id": CODE})
    table = table.assign(
        conceded_ha=table[CODE].map(conceded["footprint_ha"]).fillna(0.0),
        conceded_share=table[CODE].map(conceded["share"]).fillna(0.0),
        concessions=_count_by_region(table, concession_regions),
        communities=_count_by_region(table, communities[CODE]),
        communities_touched=_count_by_region(table, communities.loc[is_touched, CODE]),
        attacks=_count_by_region(table, attack_regions),
        **_count_measures(record, table, attack_regions.set_axis(attacks["id"])),
        **(_range_columns(table, conceded) if with_range else {}),
    )
    by_region = _mask_false_zeros(pd.DataFrame(table), areas, covered or read_coverage(con))
    has_unknown = _count_by_region(table, communities.loc[communities["is_point"] & ~is_touched, CODE]) > 0
    has_points = _count_by_region(table, concession_regions[is_point(concessions).to_numpy()]) > 0
    by_region = _mask_point_zeros(by_region, has_unknown, has_points)
    return by_region.sort_values(["conceded_ha", "name"], ascending=[False, True], ignore_index=True)


def _mask_point_zeros(
    by_region: pd.DataFrame, has_unknown: "pd.Series[bool]", has_points: "pd.Series[bool]"
) -> pd.DataFrame:
    """Replace zeros by missing values if they are 0 only because features of the region are known by a point."""
    is_zero = by_region["communities_touched"].eq(0).fillna(value=False)
    result = by_region.assign(communities_touched=by_region["communities_touched"].mask(is_zero & has_unknown))
    for name in result.columns.intersection(["conceded_ha", "conceded_share", "conceded_low", "conceded_high"]):
        result[name] = result[name].mask(has_points & (result["conceded_ha"].fillna(0) == 0))
    return result


def _read_community_places(
    con: Connection, areas: gpd.GeoDataFrame, titles: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, "pd.Series[bool]"]:
    """Read where the communities are. Their shapes are read in parts.

    Returns `DataFrame`: `region` (of an inner point), `is_point` (known by a point), `is_touched` (by one of `titles`).
    """
    overlapping = set(map_database.read_overlaps(con, CONCESSIONS.name, COMMUNITIES.name)["right_id"])
    parts = [pd.DataFrame({CODE: pd.Series(dtype="string"), "is_point": [], "is_touched": []})]
    has_community = pd.Series(data=False, index=areas.index)
    for land in map_queries.iter_layer_parts(con, COMMUNITIES, at_once=_COMMUNITIES_AT_ONCE):
        codes = _find_regions(land, areas)
        has_community |= areas["id"].isin(codes)
        has_community[~has_community] = has_features(areas[~has_community], [land])
        is_touched = land["id"].isin(overlapping | set(points_inside(titles, land)["right_id"]))
        rows = {CODE: codes, "is_point": is_point(land), "is_touched": is_touched}
        parts.append(pd.DataFrame(rows))
    table = pd.concat(parts, ignore_index=True)
    return table.astype({"is_point": bool, "is_touched": bool}), has_community


_MEASURES_BY_LAYER = {  # key: the layer counted; value: the measures
    CONCESSIONS.name: (
        *("conceded_ha", "conceded_share", "conceded_low", "conceded_high"),
        *("concessions", "communities_touched"),
    ),
    COMMUNITIES.name: ("communities", "communities_touched"),
    INCIDENTS.name: ("attacks",),
    PROTECTION_MEASURES.name: MEASURES,
}


def _mask_false_zeros(table: pd.DataFrame, areas: gpd.GeoDataFrame, covered: Coverage) -> pd.DataFrame:
    """Replace zeros that are due to missing data by missing values, and add the covered share of each region."""
    result = table.copy()
    for layer, columns in _MEASURES_BY_LAYER.items():
        shares = covered.measure_shapes(layer, areas.geometry)["share"]
        result[f"{layer}_covered"] = shares.to_numpy()
        for name in result.columns.intersection(list(columns)):
            counts = result[name].astype("Int64") if result[name].dtype.kind == "i" else result[name]
            result[name] = mask_false_zeros(counts, shares)
    found = result["conceded_share"]  # concessions on record are data, wherever their source says that it has any
    return result.assign(concessions_covered=np.fmax(result["concessions_covered"], found))


def find_attack_regions(con: Connection, level: str, codes: Iterable[str], record: Record) -> "pd.Series[str]":
    """Return the region of each attack by its id, among the given codes; missing if outside them or unknown."""
    attacks = read_placed_attacks(con, record)
    areas = _read_areas(con, level)
    attack_codes = _find_regions_of_attacks(attacks, areas[areas["id"].isin(list(codes))].reset_index(drop=True), level)
    return attack_codes.where(attack_codes.isin(list(codes))).set_axis(attacks["id"])


def measure_covered_shares(
    con: Connection, level: str, codes: Iterable[str], layers: Iterable[str], covered: Coverage
) -> pd.DataFrame:
    """Return the covered share of each region (0 to 1), by its code and the layer."""
    areas = _read_areas(con, level).set_index("id").loc[list(codes)]
    return pd.DataFrame({layer: covered.measure_shapes(layer, areas.geometry)["share"] for layer in layers})


def list_communities(con: Connection, level: str, region: str) -> pd.DataFrame:
    """List the communities of a region with the share of their land under concession, the largest share first.

    Columns: `id`, `name`, `people`, `area_ha`, `titles` (concessions on its land), `share` (0 to 1).
    """
    land = map_database.read_layer(con, COMMUNITIES)
    areas = _read_areas(con, level)
    land = land[_find_regions(land, areas[areas["id"] == region]).notna().to_numpy()]
    pairs = map_database.read_overlaps(con, "concessions", "communities")
    pairs = pairs[pairs["left_id"].isin(map_database.read_layer(con, CONCESSIONS)["id"])]
    covered = map_database.read_footprints(con, "communities", covered_by="concessions").set_index("id")["share"]
    inside = points_inside(map_database.read_layer(con, CONCESSIONS), land).groupby("right_id")["left_id"].nunique()
    titles = land["id"].map(pairs.groupby("right_id")["left_id"].nunique()).fillna(0)
    titles += land["id"].map(inside).fillna(0)
    is_drawn = ~is_point(land)  # a point does not show how far the land reaches
    table = pd.DataFrame(land[["id", "name", "people", "area_ha"]]).assign(
        name=land["name"].fillna(land["id"]),
        titles=titles.where(is_drawn | (titles > 0)).astype("Int64"),
        share=land["id"].map(covered).fillna(0.0).where(is_drawn),
    )
    shares = read_coverage(con).measure_shapes(CONCESSIONS.name, land.geometry)["share"]
    table = table.assign(**{name: mask_false_zeros(table[name], shares) for name in ("titles", "share")})
    return table.sort_values(["share", "name"], ascending=[False, True], ignore_index=True)


def find_region_country(con: Connection, level: str, region: str) -> str:
    """Return the country (ISO 3166-1 alpha-2) of a region by its code; empty if there is no such region."""
    areas = _read_areas(con, level)
    return next(iter(areas.loc[areas["id"] == region, "country"].astype(str)), "")


def find_country_at_point(lat: float, lon: float) -> str:
    """Return the country (ISO 3166-1 alpha-2) that contains a point; empty at sea, off the map, or for NaN."""
    if isnan(lat) or isnan(lon):
        return ""
    codes, tree = _index_countries()
    positions = tree.query(shapely.Point(lon, lat), predicate="within")
    return codes[positions[0]] if len(positions) else ""


@cache
def _index_countries() -> tuple[list[str], shapely.STRtree]:
    countries = base_data.load_countries()
    return countries["code"].tolist(), shapely.STRtree(countries.geometry.to_numpy())


def elsewhere_text(count: int, level: str) -> str:
    """Return a text on a country's attacks that are in none of its regions of a level; empty if there are none."""
    if not count:
        return ""
    text = (
        _("{n} of these without a known region") if level == DEPARTMENT else _("{n} of these not placed in any of them")
    )
    return text.format(n=format_number(count))


def simplify_regions(con: Connection, level: str, regions: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Return regions by their codes, simplified for phones: `region`, `name`, polygons in OGC:CRS84."""
    areas = _read_areas(con, level).rename(columns={"id": CODE})
    selected = areas[areas[CODE].isin(regions)][[CODE, "name", "geometry"]]
    return selected.assign(geometry=selected.simplify_coverage(COARSE_DEGREES[level])).reset_index(drop=True)


def read_population(con: Connection, level: str, codes: Iterable[str]) -> pd.DataFrame:
    """Return the population of regions by their code, as the workspace's own regions state it, else from a census.

    Returns: `population` (missing if not stated), `counted_on` (its reference date; missing if not stated),
    `population_source`.
    """
    index = pd.Index(list(codes), name=CODE)
    census = load_population().rename(columns={"publisher": "population_source"})
    census_rows = census.reindex(index)[["population", "counted_on", "population_source"]]
    return _read_stated_population(con, level).combine_first(census_rows).reindex(index)[list(census_rows)]


def _read_stated_population(con: Connection, level: str) -> pd.DataFrame:
    rows = read_own_regions(con, level).set_index("id")
    rows = rows.reindex(columns=["population", "source_id", "snapshot_on"]).dropna(subset=["population"])
    sources = {(source.source_id, source.snapshot_on): source for source in map_database.read_sources(con)}
    dates = pd.to_datetime(rows["snapshot_on"]).dt.date
    stated_by = [sources[key] for key in zip(rows["source_id"], dates, strict=True)]
    return pd.DataFrame(
        {
            "population": rows["population"].astype(float),
            "counted_on": pd.to_datetime(pd.Series([source.as_of for source in stated_by], dtype=object)).to_numpy(),
            "population_source": [source.publisher for source in stated_by],
        },
        index=rows.index,
    )


def has_features(areas: gpd.GeoDataFrame, frames: Iterable[gpd.GeoDataFrame]) -> "pd.Series[bool]":
    """Return a mask of the areas that intersect a feature of the frames."""
    shapes = pd.concat([frame.geometry for frame in frames]).dropna().to_numpy()
    _, met = shapely.STRtree(areas.geometry.to_numpy()).query(shapes, predicate="intersects")
    return pd.Series(np.isin(np.arange(len(areas)), met), index=areas.index)


def read_own_regions(con: Connection, level: str) -> gpd.GeoDataFrame:
    """Return the workspace's own regions of a level.

    A department that the gazetteer contains gets its code there as `id`.
    """
    rows = read_regions(con, level).rows
    countries = base_data.load_countries().rename(columns={"code": "id"})
    lying = _find_regions(rows, countries).set_axis(rows.index)
    rows = rows.assign(name=rows["name"].fillna(rows["id"]), country=rows["country"].fillna(lying).fillna(""))
    if level != DEPARTMENT:
        return rows
    identities = zip(rows["id"], rows["name"], rows["country"], strict=True)
    codes = [_find_code(name, country) or received for received, name, country in identities]
    by_code = pd.Series(codes, index=rows.index, dtype=object)
    unique_names = by_code.where(~by_code.duplicated(keep=False), rows["id"])
    names = base_data.load_regions().set_index("code")["name"]
    return rows.assign(id=unique_names, name=unique_names.map(names).fillna(rows["name"]))


def _read_areas(con: Connection, level: str, country: str = "") -> gpd.GeoDataFrame:
    """Return the regions of a level, of one country or of all: `id`, `name`, `country`, `parent`, polygons."""
    areas = _read_departments(con) if level == DEPARTMENT else _read_provinces(con)
    return areas[areas["country"] == country].reset_index(drop=True) if country else areas


def _read_departments(con: Connection) -> gpd.GeoDataFrame:
    """Return the departments: the workspace's own for countries where it has some, else those of the open data."""
    open_regions = base_data.load_regions().rename(columns={"code": "id"})[["id", "name", "country", "geometry"]]
    own_regions = read_own_regions(con, DEPARTMENT)
    open_regions = open_regions[~open_regions["country"].isin(own_regions["country"])]
    return pd.concat([own_regions[list(open_regions)], open_regions], ignore_index=True).assign(parent=None)


def _read_provinces(con: Connection) -> gpd.GeoDataFrame:
    provinces, departments = read_own_regions(con, PROVINCE), _read_departments(con)
    parents = _find_regions(provinces, departments)
    countries = parents.map(departments.set_index("id")["country"])
    return provinces.assign(country=countries.to_numpy(), parent=parents.to_numpy())


def _find_code(name: str, country: str) -> str:
    """Return the code (ISO 3166-2) of the department with exactly this name; empty if there is none."""
    match = find_region(name, country) if country else None
    return match.place.code if match is not None and match.matched == "exact" else ""


def _find_regions(frame: gpd.GeoDataFrame, regions: gpd.GeoDataFrame) -> "pd.Series[str]":
    """Return the region of an inner point of each feature; missing for features without a place or at sea."""
    shapes = frame.geometry.to_numpy()
    points = shapely.point_on_surface(shapes)
    at_feature, at_region = shapely.STRtree(regions.geometry.to_numpy()).query(points, predicate="within")
    codes = pd.Series(pd.NA, index=range(len(frame)), dtype="string")
    codes.iloc[at_feature] = regions["id"].to_numpy()[at_region]
    return codes


def _find_regions_of_attacks(attacks: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, level: str) -> "pd.Series[str]":
    """Return the region of each attack: by its place, else by its region code.

    At province level, attacks without a precise enough place have no region.
    """
    by_place = _find_regions(attacks, areas)
    if level in FINER_PRECISIONS:
        return by_place.where(attacks["location_precision"].isin(FINER_PRECISIONS[level]).to_numpy())
    return by_place.fillna(pd.Series(attacks["region_code"].to_numpy(), index=by_place.index, dtype="string"))


def _range_columns(table: pd.DataFrame, conceded: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the minimum and maximum share under concession, from the footprint's range."""
    whole_ha = conceded["footprint_ha"] / conceded["share"]
    ends = {"conceded_low": conceded["certain_ha"] / whole_ha, "conceded_high": conceded["possible_ha"] / whole_ha}
    return {name: table[CODE].map(end.clip(0, 1)).fillna(0.0) for name, end in ends.items()}


def _count_measures(
    record: Record, table: pd.DataFrame, attack_regions: "pd.Series[str]"
) -> dict[str, "pd.Series[int]"]:
    """Count the protection measures ever granted by region, and those for women and for groups."""
    granted_measures = record.protection_measures[is_granted(record.protection_measures)]
    measure_regions = granted_measures["incident_id"].map(attack_regions)
    chosen = (
        np.ones(len(granted_measures), dtype=bool),
        granted_measures["gender_responsive"].fillna(value=False).to_numpy(dtype=bool),
        granted_measures["collective"].fillna(value=False).to_numpy(dtype=bool),
    )
    return {
        name: _count_by_region(table, measure_regions[is_selected])
        for name, is_selected in zip(MEASURES, chosen, strict=True)
    }


def _count_by_region(table: pd.DataFrame, codes: "pd.Series[str]") -> "pd.Series[int]":
    return table[CODE].map(codes.value_counts()).fillna(0).astype(int)
