"""Concessions on the land of communities, their footprints, and their holders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

import geopandas as gpd
import pandas as pd
import shapely

from lindero.app.answers.coverage.coverage import Coverage, LayerCoverage, Verdict
from lindero.app.answers.overlap import overlaps
from lindero.app.answers.record import consultation_text
from lindero.app.answers.regions import find_country_at_point
from lindero.app.answers.registers import CountedRows, Registers
from lindero.app.answers.repeated_ground import Repeats, find_repeated_ids
from lindero.app.text.i18n import _, format_number
from lindero.geo import footprint, totals
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.near.points_inside import points_inside
from lindero.geo.near.window import widen
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries, row_values
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS
from lindero.layers.reference import state_facts

_ROUNDING = 1e-9  # share of an area
DRAWN_CERTAINTIES = ("certain", "possible")
LANDS_AT_ONCE = 250  # lands that are measured together: all of a country could need gigabytes


@dataclass(frozen=True)
class Land:
    """Concessions on one community's land.

    `gross_ha` is the sum of the pairs, and `footprint_ha` counts each area once. `certain_ha` is the part of the
    footprint that remains with all boundaries drawn in by their accuracies. `share` is the footprint's share of the
    land (0 to 1); missing where the size of the land is not known. `points` is the number of further concessions
    without hectares: only a point of them is known to be on the land, or the land's own point is in them. `area_ha` is
    the size of the land.
    """

    titles: int
    gross_ha: float
    footprint_ha: float
    certain_ha: float
    share: float | None
    points: int = 0
    area_ha: float | None = None


def choice_names(communities: pd.DataFrame) -> dict[str, str]:
    """Return a unique name for each community (`id`, `name`, `area_ha`) in a list.

    Rows with the same name, such as the parts of one community's land, get their hectares added. If these are equal or
    unknown, they get their id.
    """
    names = communities["name"].fillna(communities["id"])
    with_area = [
        _("{name} ({ha} ha)").format(name=name, ha=format_number(ha)) if pd.notna(ha) else name
        for name, ha in zip(names, communities["area_ha"], strict=True)
    ]
    labels = names.where(~names.duplicated(keep=False), pd.Series(with_area, index=names.index))
    by_id = names + " (" + communities["id"].astype(str) + ")"
    labels = labels.where(~labels.duplicated(keep=False), by_id)
    return dict(zip(communities["id"], labels, strict=True))


def read_concessions_on_land(con: Connection) -> tuple[pd.DataFrame, CountedRows]:
    """Return the overlaps of concessions with communities, without repeated registers, and the counted concessions."""
    pairs, (counted_concessions, _lands) = overlaps.find_pairs(
        con, CONCESSIONS.name, COMMUNITIES.name, whole=COMMUNITIES.name
    )
    return pairs, counted_concessions


def list_required_consultations(con: Connection, acts: pd.DataFrame, community_id: str) -> list[str]:
    """List the consultations that state rules require for a community; empty if its place or a rule is unknown.

    `acts`: the result of `app.answers.record.consultations.list_acts`.
    """
    shape = row_values.read_shapes_by_id(con, COMMUNITIES, [community_id]).get(community_id)
    if shape is None:
        return []
    point = shape.representative_point()
    rules = state_facts.load_consultation_rules(find_country_at_point(point.y, point.x))
    return consultation_text.list_requirements(rules, acts["kind"].dropna(), is_point=not shapely.get_dimensions(shape))


def measure_land(con: Connection, community_id: str, pairs: pd.DataFrame) -> Land:
    """Measure the concessions on one community's land.

    `pairs`: overlaps of concessions with communities, from `read_concessions_on_land`.
    """
    return measure_community_lands(con, [community_id], pairs)[community_id]


def measure_combined_land(
    con: Connection, land_pairs: pd.DataFrame, land: gpd.GeoDataFrame, *, titles: gpd.GeoDataFrame | None = None
) -> Land:
    """Measure the concessions on all polygons of one land together.

    `land_pairs` are the overlaps of concessions with these polygons. `titles` are the concessions, if they were read
    before.
    """
    if titles is None:
        titles = map_database.read_layer(con, CONCESSIONS, where={"id": list(land_pairs["left_id"].unique())})
    sums = totals(land_pairs, titles, land, with_range=True)
    area_ha = float(land["area_ha"].sum())
    share = min(sums.footprint_ha / area_ha, 1.0) if area_ha > 0 else None
    certain_ha = sums.certain_ha or 0.0
    points = int(_count_point_concessions(con, land).sum())
    return Land(sums.left_features, sums.gross_ha, sums.footprint_ha, certain_ha, share, points, area_ha or None)


def count_repeats_on_land(con: Connection, land_pairs: pd.DataFrame) -> Repeats:
    """Count the concessions in the pairs of one community that repeat the land of another concession."""
    titles = map_database.read_layer(con, CONCESSIONS, where={"id": list(land_pairs["left_id"].unique())})
    repeated = find_repeated_ids(CONCESSIONS, titles), frozenset[str]()
    ids = zip(land_pairs["left_id"], land_pairs["right_id"], strict=True)
    return Repeats.count(
        (CONCESSIONS.name, COMMUNITIES.name), ids, land_pairs["area_ha"].to_numpy(dtype=float), repeated
    )


def measure_community_lands(con: Connection, communities: Sequence[str], pairs: pd.DataFrame) -> dict[str, Land]:
    """Measure the concessions on the land of many communities, each by its id.

    `pairs`: overlaps of concessions with communities, from `read_concessions_on_land`.
    """
    return {
        id_: measured
        for land in map_queries.iter_layer_parts(con, COMMUNITIES, at_once=LANDS_AT_ONCE, ids=communities)
        for id_, measured in measure_neighbours(con, land, pairs).items()
    }


def measure_neighbours(con: Connection, land: gpd.GeoDataFrame, pairs: pd.DataFrame) -> dict[str, Land]:
    """Measure the concessions on the land of some communities, by id. Their concessions are read once."""
    land_pairs = pairs[pairs["right_id"].isin(land["id"])]
    titles = map_database.read_layer(con, CONCESSIONS, where={"id": list(land_pairs["left_id"].unique())})
    return measure_each_land(con, COMMUNITIES.name, land_pairs, land, titles)


def measure_each_land(
    con: Connection, layer: str, land_pairs: pd.DataFrame, land: gpd.GeoDataFrame, titles: gpd.GeoDataFrame
) -> dict[str, Land]:
    """Measure the concessions on each polygon of `land`, some rows of a layer, by id."""
    footprints = _find_footprints(con, layer, land_pairs, land, titles)
    concession_counts = land_pairs.groupby("right_id")["left_id"].nunique()
    table = pd.DataFrame({"id": land["id"], "area_ha": land["area_ha"]}).set_index("id").join(footprints)
    table["titles"] = concession_counts.reindex(table.index)
    table["share"] = (table["footprint_ha"].fillna(0.0) / table["area_ha"]).clip(upper=1.0)
    filled = table.fillna({"titles": 0, "gross_ha": 0.0, "footprint_ha": 0.0, "certain_ha": 0.0})
    land_ids = [str(id_) for id_ in filled.index]
    measured = ["titles", "gross_ha", "footprint_ha", "certain_ha", "share", "area_ha"]
    sums = filled[measured].to_numpy(dtype=float).tolist()
    has_area = (filled["area_ha"] > 0).tolist()
    at_points = _count_point_concessions(con, land)
    return {
        id_: Land(
            *(int(titles), gross, ground, certain, share if is_known else None),
            *(int(at_points.get(id_, 0)), size if is_known else None),
        )
        for id_, (titles, gross, ground, certain, share, size), is_known in zip(land_ids, sums, has_area, strict=True)
    }


def _find_footprints(
    con: Connection, layer: str, land_pairs: pd.DataFrame, land: gpd.GeoDataFrame, titles: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Return the footprint of the pairs on each land, by id. Where they are all pairs of the map, it is stored."""
    stored = map_database.read_footprints(con, layer, covered_by=CONCESSIONS.name).drop(columns="share").set_index("id")
    asked_ha = land_pairs.groupby("right_id")["area_ha"].sum()
    stored = stored.reindex(asked_ha.index)
    is_whole = (stored["gross_ha"] - asked_ha).abs() <= _ROUNDING * asked_ha
    stored = stored[is_whole & stored["certain_ha"].notna()]
    rest = land_pairs[~land_pairs["right_id"].isin(stored.index)]
    if rest.empty:
        return stored
    return pd.concat([stored, footprint(rest, titles, land, with_range=True).drop(columns="share").set_index("id")])


def _count_point_concessions(con: Connection, land: gpd.GeoDataFrame) -> "pd.Series[int]":
    """Count by community the concessions with a point on its land, or with its own point inside them."""
    west, south, east, north = map(float, land.total_bounds)
    if isnan(west):
        return pd.Series(dtype=int)
    titles = map_database.read_layer(con, CONCESSIONS, bounds=(west, south, east, north))
    inside = points_inside(titles, land)
    if len(inside):  # `Registers` compares all rows of the registers, which takes time
        left = Registers.from_map(con, [CONCESSIONS.name]).counted_rows[CONCESSIONS.name].ids
        inside = inside[~inside["left_id"].isin(left)]
    return inside.groupby("right_id")["left_id"].nunique()


def land_coverage(
    con: Connection, community_id: str, covered: Coverage, layer: str, *, within_km: float = 0.0
) -> LayerCoverage:
    """Return the coverage of a layer on one community's land, or within a distance of it."""
    shape = row_values.read_shapes_by_id(con, COMMUNITIES, [community_id])[community_id]
    if shape is None:
        return LayerCoverage(layer, Verdict.NO_PLACE)
    middle = shape.point_on_surface()
    if shape.geom_type == "Point" and not within_km:
        return covered.point_coverage(layer, middle.y, middle.x)
    return covered.area_coverage(layer, widen(shape, within_km * M_PER_KM))


def rank_community_holders(
    con: Connection, community_id: str, pairs: pd.DataFrame, names: Mapping[str, str]
) -> pd.DataFrame:
    """Rank the holders of the concessions on one community's land.

    `pairs`: overlaps of concessions with communities, from `read_concessions_on_land`. `names`: the main name of each
    spelling of a holder, from `app.answers.holder_spellings.map_spellings`. Returns: `holder` (missing if none is
    named), `titles`, `gross_ha`, `footprint_ha` (the holder's concessions, each area counted once); the holder with the
    largest footprint first.
    """
    land = map_database.read_layer(con, COMMUNITIES, where={"id": [community_id]})
    return rank_holders(con, pairs[pairs["right_id"] == community_id], land, names)


def rank_holders(
    con: Connection,
    land_pairs: pd.DataFrame,
    land: gpd.GeoDataFrame,
    names: Mapping[str, str],
    *,
    titles: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Rank holders of concessions on all polygons of one land together.

    `land_pairs` are the overlaps with these polygons, and `titles` the concessions, if they were read before. The
    columns are those of `rank_community_holders`.
    """
    if titles is None:
        titles = map_database.read_layer(con, CONCESSIONS, where={"id": list(land_pairs["left_id"].unique())})
    ground_of_land = land.dissolve() if len(land) > 1 else land
    ranked = rank_holders_by_land(land_pairs.assign(right_id=""), ground_of_land.assign(id=""), names, titles)
    return ranked.drop(columns="id")


def rank_holders_by_land(
    land_pairs: pd.DataFrame, land: gpd.GeoDataFrame, names: Mapping[str, str], titles: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Rank holders of concessions on each of many lands at once.

    Returns: `id` of the land, and the columns of `rank_community_holders`; by land, the holder with the largest
    footprint first.
    """
    by_holder = land_pairs.assign(holder=land_pairs["left_holder"].map(names)).groupby(
        ["right_id", "holder"], dropna=False
    )
    group_numbers = by_holder.ngroup()
    ranked = by_holder.agg(titles=("left_id", "nunique"), gross_ha=("area_ha", "sum")).reset_index()
    # One copy of the land for each of its holders, so that all footprints are computed in one call.
    lands = land.set_index("id").loc[ranked["right_id"]].reset_index(drop=True).assign(id=range(len(ranked)))
    ground = footprint(land_pairs.assign(right_id=group_numbers), titles, lands).set_index("id")["footprint_ha"]
    ranked["footprint_ha"] = ground.reindex(range(len(ranked))).to_numpy(dtype=float)
    ranked = ranked.rename(columns={"right_id": "id"})[["id", "holder", "titles", "gross_ha", "footprint_ha"]]
    return ranked.sort_values(["id", "footprint_ha", "holder"], ascending=[True, False, True], ignore_index=True)
