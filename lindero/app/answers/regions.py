"""Regions with what is on record in each, to be compared: departments, and provinces where the workspace has them."""

from collections.abc import Iterable
from math import isnan

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lindero.app.answers.coverage.coverage import Coverage, coverage_of, without_false_zeros
from lindero.app.answers.defaults import DEPARTMENT
from lindero.app.answers.registers import entries, one_register, regions_of
from lindero.app.record.incidents import Record, placed_attacks, record_of
from lindero.app.record.measures import is_granted
from lindero.app.text.i18n import _, number
from lindero.geo import Ground, footprint, overlap
from lindero.geo.near.points_inside import is_point, points_inside
from lindero.layers.database import map_database
from lindero.layers.database.definitions import KNOWN_PROVINCE
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, INCIDENTS, PROTECTION_MEASURES, REGIONS
from lindero.layers.reference import base_data
from lindero.layers.reference.gazetteer import region_of
from lindero.layers.reference.state_facts import population

CODE = "region"
PROVINCE = "province"
COARSE_DEGREES = {DEPARTMENT: 0.03, PROVINCE: 0.005}
FINER = {PROVINCE: KNOWN_PROVINCE}  # precisions of place that name a province
COUNTED = tuple(layer.name for layer in (CONCESSIONS, COMMUNITIES, INCIDENTS, PROTECTION_MEASURES))
LAYERS = (REGIONS.name, *COUNTED)  # what regions are compared by
MEASURES = ("measures_granted", "measures_for_women", "measures_for_groups")


def levels(con: Connection) -> list[str]:
    """Give the levels at which the map can be browsed; open data know no province's boundary."""
    return [DEPARTMENT, *([PROVINCE] if len(own(con, PROVINCE)) else [])]


def compare(
    con: Connection,
    level: str = DEPARTMENT,
    *,
    country: str = "",
    with_range: bool = False,
    record: Record | None = None,
    covered: Coverage | None = None,
) -> pd.DataFrame:
    """
    Compare the regions that hold people, attacks or any other feature of the map.

    Parameters
    ----------
    level
        `department` (the workspace's own, else of the open data that Lindero brings along) or `province` (of the
        workspace's own regions).
    country
        ISO 3166-1 alpha-2: only its regions, also those of which nothing is known but how many people live there. If
        empty, the regions of every country that something lies in, or that a record of an attack names.
    with_range
        Also measure the ground under concession with all boundaries drawn in by their accuracies, and drawn out.
    record, covered
        What was read before: `app.record.incidents.record_of`, and `app.answers.coverage.coverage.coverage_of`.

    Returns
    -------
    DataFrame
        `region` (ISO 3166-2, or a province's id), `name`, `country`, `parent` (the region of a province), `conceded_ha`
        (ground under concession, counted once) and `conceded_share` of the region, `concessions`, `communities`,
        `communities_touched` (by a concession), `attacks`, `measures_granted` (protection measures) and of these
        `measures_for_women` (gender-responsive) and `measures_for_groups` (collective); the region with most ground
        under concession first. A measure is missing where none was found and the map has no data of all of the region;
        `concessions_covered`, `communities_covered`, `incidents_covered` and `protection_measures_covered` are the
        shares of the region (0 to 1) that it has data of. With a range, `conceded_low` and `conceded_high` stand
        beside `conceded_share`.

    Raises
    ------
    AnswerError
        If two sources are registers of the same concessions or communities, which would be counted twice.
    """
    frames = {layer.name: map_database.read_layer(con, layer) for layer in (CONCESSIONS, COMMUNITIES)}
    for layer in (CONCESSIONS, COMMUNITIES):
        one_register(layer, entries(frames[layer.name]))
    record = record or record_of(con)
    attacks = placed_attacks(con, record)
    areas = _areas(con, level, country)
    is_listed = is_met(areas, [*frames.values(), attacks]) | areas["id"].isin(_region_of_attacks(attacks, areas, level))
    if country:
        is_listed |= areas["id"].isin(people_of(con, level, areas["id"]).dropna(subset=["population"]).index)
    areas = areas[is_listed].reset_index(drop=True)
    titles, ground = Ground.of(frames["concessions"]), Ground.of(areas)  # laid on the plane once for both
    conceded = footprint(overlap(titles, ground), titles, ground, with_range=with_range).set_index("id")
    at = {name: _region_of(frame, areas) for name, frame in frames.items()}
    of_attack = _region_of_attacks(attacks, areas, level)
    is_touched, is_untold = _touched(con, *frames.values())
    found = areas[["id", "name", "country", "parent"]].rename(columns={"id": CODE})
    found = found.assign(
        conceded_ha=found[CODE].map(conceded["footprint_ha"]).fillna(0.0),
        conceded_share=found[CODE].map(conceded["share"]).fillna(0.0),
        concessions=_counted(found, at["concessions"]),
        communities=_counted(found, at["communities"]),
        communities_touched=_counted(found, at["communities"][is_touched]),
        attacks=_counted(found, of_attack),
        **_measures(record, found, of_attack.set_axis(attacks["id"])),
        **(_range(found, conceded) if with_range else {}),
    )
    by_region = _without_false_zeros(pd.DataFrame(found), areas, covered or coverage_of(con))
    has_untold = _counted(found, at["communities"][is_untold]) > 0
    has_points = _counted(found, at["concessions"][is_point(frames["concessions"]).to_numpy()]) > 0
    by_region = _without_open_zeros(by_region, has_untold, has_points)
    return by_region.sort_values(["conceded_ha", "name"], ascending=[False, True], ignore_index=True)


def _without_open_zeros(
    by_region: pd.DataFrame, has_untold: "pd.Series[bool]", has_points: "pd.Series[bool]"
) -> pd.DataFrame:
    """Leave missing what is 0 only because communities or concessions of the region are known by a point."""
    none = by_region["communities_touched"].eq(0).fillna(value=False)
    result = by_region.assign(communities_touched=by_region["communities_touched"].mask(none & has_untold))
    for name in result.columns.intersection(["conceded_ha", "conceded_share", "conceded_low", "conceded_high"]):
        result[name] = result[name].mask(has_points & (result["conceded_ha"].fillna(0) == 0))
    return result


def _touched(
    con: Connection, titles: gpd.GeoDataFrame, land: gpd.GeoDataFrame
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Tell which communities a concession touches, and of which nobody knows it: those known by a point."""
    touched = {
        *map_database.read_overlaps(con, "concessions", "communities")["right_id"],
        *points_inside(titles, land)["right_id"],
    }
    is_touched = land["id"].isin(touched).to_numpy()
    return is_touched, is_point(land).to_numpy() & ~is_touched


_COUNTED_OF = {  # what each measure is counted of
    CONCESSIONS.name: (
        *("conceded_ha", "conceded_share", "conceded_low", "conceded_high"),
        *("concessions", "communities_touched"),
    ),
    COMMUNITIES.name: ("communities", "communities_touched"),
    INCIDENTS.name: ("attacks",),
    PROTECTION_MEASURES.name: MEASURES,
}


def _without_false_zeros(found: pd.DataFrame, areas: gpd.GeoDataFrame, covered: Coverage) -> pd.DataFrame:
    """Leave missing what is 0 only for want of data, and add the share of each region that the map has data of."""
    result = found.copy()
    for layer, columns in _COUNTED_OF.items():
        shares = covered.over_each(layer, areas.geometry)["share"]
        result[f"{layer}_covered"] = shares.to_numpy()
        for name in result.columns.intersection(list(columns)):
            counts = result[name].astype("Int64") if result[name].dtype.kind == "i" else result[name]
            result[name] = without_false_zeros(counts, shares)
    return result


def regions_of_attacks(con: Connection, level: str, codes: Iterable[str], record: Record) -> "pd.Series[str]":
    """Give the region of each attack by its id, among those of these codes; missing where it is in none, or unknown."""
    attacks = placed_attacks(con, record)
    areas = _areas(con, level)
    found = _region_of_attacks(attacks, areas[areas["id"].isin(list(codes))].reset_index(drop=True), level)
    return found.where(found.isin(list(codes))).set_axis(attacks["id"])


def covered_in(
    con: Connection, level: str, codes: Iterable[str], layers: Iterable[str], covered: Coverage
) -> pd.DataFrame:
    """Give the share of each region (0 to 1) that the map has data of, by its code and the layer."""
    areas = _areas(con, level).set_index("id").loc[list(codes)]
    return pd.DataFrame({layer: covered.over_each(layer, areas.geometry)["share"] for layer in layers})


def communities_in(con: Connection, level: str, region: str) -> pd.DataFrame:
    """
    List the communities of a region with how much of their land is under concession, the most covered first.

    Columns: `id`, `name`, `people`, `area_ha`, `titles` (on its land), `share` (0 to 1).
    """
    land = map_database.read_layer(con, COMMUNITIES)
    areas = _areas(con, level)
    land = land[_region_of(land, areas[areas["id"] == region]).notna().to_numpy()]
    pairs = map_database.read_overlaps(con, "concessions", "communities")
    pairs = pairs[pairs["left_id"].isin(map_database.read_layer(con, CONCESSIONS)["id"])]
    covered = map_database.read_footprints(con, "communities", covered_by="concessions").set_index("id")["share"]
    inside = points_inside(map_database.read_layer(con, CONCESSIONS), land).groupby("right_id")["left_id"].nunique()
    titles = land["id"].map(pairs.groupby("right_id")["left_id"].nunique()).fillna(0)
    titles += land["id"].map(inside).fillna(0)
    is_drawn = ~is_point(land)  # of a point it is not known how far the land reaches
    listed = pd.DataFrame(land[["id", "name", "people", "area_ha"]]).assign(
        name=land["name"].fillna(land["id"]),
        titles=titles.where(is_drawn | (titles > 0)).astype("Int64"),
        share=land["id"].map(covered).fillna(0.0).where(is_drawn),
    )
    shares = coverage_of(con).over_each(CONCESSIONS.name, land.geometry)["share"]
    listed = listed.assign(**{name: without_false_zeros(listed[name], shares) for name in ("titles", "share")})
    return listed.sort_values(["share", "name"], ascending=[False, True], ignore_index=True)


def country_of(con: Connection, level: str, region: str) -> str:
    """Return the country (ISO 3166-1 alpha-2) of a region by its code; empty if there is no such region."""
    areas = _areas(con, level)
    return next(iter(areas.loc[areas["id"] == region, "country"].astype(str)), "")


def country_at(lat: float, lon: float) -> str:
    """Give the country (ISO 3166-1 alpha-2) in which a place lies; empty at sea, beyond the map, and nowhere."""
    if isnan(lat) or isnan(lon):
        return ""
    countries = base_data.countries()
    at = shapely.STRtree(countries.geometry.to_numpy()).query(shapely.Point(lon, lat), predicate="within")
    return str(countries["code"].iloc[at[0]]) if len(at) else ""


def elsewhere_text(count: int, level: str) -> str:
    """Return how many of a country's attacks are counted in none of its regions of a level; empty if none is."""
    if not count:
        return ""
    text = _("{n} of these without a known region") if level == DEPARTMENT else _("{n} of these in none of them")
    return text.format(n=number(count))


def shapes(con: Connection, level: str, regions: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Draw regions by their codes, coarsely enough to be sent to a phone: `region`, polygons in OGC:CRS84."""
    areas = _areas(con, level).rename(columns={"id": CODE})
    drawn = areas[areas[CODE].isin(regions)][[CODE, "name", "geometry"]]
    return drawn.assign(geometry=drawn.simplify_coverage(COARSE_DEGREES[level])).reset_index(drop=True)


def people_of(con: Connection, level: str, codes: Iterable[str]) -> pd.DataFrame:
    """
    Return how many people live in regions, by their code: as the workspace's own regions state it, else by a census.

    Returns
    -------
    DataFrame
        `population` (missing where nobody says), `counted_on` (the date that it stands for; missing where nobody
        states it), `population_source`.
    """
    index = pd.Index(list(codes), name=CODE)
    census = population().rename(columns={"publisher": "population_source"})
    found = census.reindex(index)[["population", "counted_on", "population_source"]]
    return _stated_people(con, level).combine_first(found).reindex(index)[list(found)]


def _stated_people(con: Connection, level: str) -> pd.DataFrame:
    rows = own(con, level).set_index("id")
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


def is_met(areas: gpd.GeoDataFrame, frames: Iterable[gpd.GeoDataFrame]) -> "pd.Series[bool]":
    """Return for each area whether some feature of the frames meets it."""
    shapes = pd.concat([frame.geometry for frame in frames]).dropna().to_numpy()
    _, met = shapely.STRtree(areas.geometry.to_numpy()).query(shapes, predicate="intersects")
    return pd.Series(np.isin(np.arange(len(areas)), met), index=areas.index)


def own(con: Connection, level: str) -> gpd.GeoDataFrame:
    """Give the workspace's own regions of a level; a department that the gazetteer knows goes by its code there."""
    rows = regions_of(con, level).rows
    countries = base_data.countries().rename(columns={"code": "id"})
    lying = _region_of(rows, countries).set_axis(rows.index)
    rows = rows.assign(name=rows["name"].fillna(rows["id"]), country=rows["country"].fillna(lying).fillna(""))
    if level != DEPARTMENT:
        return rows
    at = zip(rows["id"], rows["name"], rows["country"], strict=True)
    codes = [_code(name, country) or received for received, name, country in at]
    by_code = pd.Series(codes, index=rows.index, dtype=object)
    unique_names = by_code.where(~by_code.duplicated(keep=False), rows["id"])
    names = base_data.regions().set_index("code")["name"]
    return rows.assign(id=unique_names, name=unique_names.map(names).fillna(rows["name"]))


def _areas(con: Connection, level: str, country: str = "") -> gpd.GeoDataFrame:
    """Give the regions of a level: `id`, `name`, `country`, `parent`, polygons; of a country, or of all."""
    areas = _departments(con) if level == DEPARTMENT else _provinces(con)
    return areas[areas["country"] == country].reset_index(drop=True) if country else areas


def _departments(con: Connection) -> gpd.GeoDataFrame:
    """Give the departments: of the workspace itself where it has those of a country, else of the open data."""
    brought = base_data.regions().rename(columns={"code": "id"})[["id", "name", "country", "geometry"]]
    mine = own(con, DEPARTMENT)
    brought = brought[~brought["country"].isin(mine["country"])]
    return pd.concat([mine[list(brought)], brought], ignore_index=True).assign(parent=None)


def _provinces(con: Connection) -> gpd.GeoDataFrame:
    provinces, departments = own(con, PROVINCE), _departments(con)
    parents = _region_of(provinces, departments)
    countries = parents.map(departments.set_index("id")["country"])
    return provinces.assign(country=countries.to_numpy(), parent=parents.to_numpy())


def _code(name: str, country: str) -> str:
    """Give the code (ISO 3166-2) of a department that goes by this very name; empty if none does."""
    found = region_of(name, country) if country else None
    return found.place.code if found is not None and found.matched == "exact" else ""


def _region_of(frame: gpd.GeoDataFrame, regions: gpd.GeoDataFrame) -> "pd.Series[str]":
    """Give the region in which a point on each feature lies; features without a place, or at sea, have none."""
    shapes = frame.geometry.to_numpy()
    points = shapely.point_on_surface(shapes)
    at_feature, at_region = shapely.STRtree(regions.geometry.to_numpy()).query(points, predicate="within")
    codes = pd.Series(pd.NA, index=range(len(frame)), dtype="string")
    codes.iloc[at_feature] = regions["id"].to_numpy()[at_region]
    return codes


def _region_of_attacks(attacks: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, level: str) -> "pd.Series[str]":
    """Give the region of each attack: by its place, else by the region's name; a vague one is in no province."""
    by_place = _region_of(attacks, areas)
    if level in FINER:
        return by_place.where(attacks["location_precision"].isin(FINER[level]).to_numpy())
    return by_place.fillna(pd.Series(attacks["region_code"].to_numpy(), index=by_place.index, dtype="string"))


def _range(found: pd.DataFrame, conceded: pd.DataFrame) -> dict[str, pd.Series]:
    """Give the share under concession at least and at most, beside that of the footprint."""
    whole_ha = conceded["footprint_ha"] / conceded["share"]
    ends = {"conceded_low": conceded["certain_ha"] / whole_ha, "conceded_high": conceded["possible_ha"] / whole_ha}
    return {name: found[CODE].map(end.clip(0, 1)).fillna(0.0) for name, end in ends.items()}


def _measures(record: Record, found: pd.DataFrame, of_attack: "pd.Series[str]") -> dict[str, "pd.Series[int]"]:
    """Count the protection measures ever granted by region, and those for women and for groups."""
    granted_measures = record.protection_measures[is_granted(record.protection_measures)]
    where = granted_measures["incident_id"].map(of_attack)
    chosen = (
        np.ones(len(granted_measures), dtype=bool),
        granted_measures["gender_responsive"].fillna(value=False).to_numpy(dtype=bool),
        granted_measures["collective"].fillna(value=False).to_numpy(dtype=bool),
    )
    return {name: _counted(found, where[some]) for name, some in zip(MEASURES, chosen, strict=True)}


def _counted(found: pd.DataFrame, codes: "pd.Series[str]") -> "pd.Series[int]":
    return found[CODE].map(codes.value_counts()).fillna(0).astype(int)
