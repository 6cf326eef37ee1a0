"""One community's land: which concessions are on it, and how much of it they cover."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

import geopandas as gpd
import pandas as pd
import shapely

from lindero.app.answers.coverage.coverage import Coverage, LayerCoverage, Verdict
from lindero.app.answers.overlap import overlaps
from lindero.app.answers.regions import country_at
from lindero.app.answers.registers import Counted, Registers
from lindero.app.answers.repeated_ground import Repeats, repeated_in
from lindero.app.record import consultation_text
from lindero.app.text.i18n import _, number
from lindero.geo import footprint, totals
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.near.points_inside import points_inside
from lindero.geo.near.window import widen
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import row_values
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS
from lindero.layers.reference import state_facts

DRAWN = ("certain", "possible")


@dataclass(frozen=True)
class Land:
    """
    Titles on one community's land.

    `gross_ha` adds the pairs up, `footprint_ha` counts ground once; `certain_ha` is what of that is left with all
    boundaries drawn in by their accuracies. `share` is the footprint's part of the land (0 to 1); missing where the
    land's size is not known. `points` are concessions beside those, of which it is only known that a point lies on the
    land, or the land's own point in theirs: they have no hectares here. `area_ha` is the size of the land.
    """

    titles: int
    gross_ha: float
    footprint_ha: float
    certain_ha: float
    share: float | None
    points: int = 0
    area_ha: float | None = None


def choice_names(communities: pd.DataFrame) -> dict[str, str]:
    """
    Return a name for each community (`id`, `name`, `area_ha`) by which a reader can tell it from all others in a list.

    Several rows of one name, such as the pieces of one community's land, are told apart by their hectares, and by their
    id where these are alike or not known.
    """
    names = communities["name"].fillna(communities["id"])
    sized = [
        _("{name} ({ha} ha)").format(name=name, ha=number(ha)) if pd.notna(ha) else name
        for name, ha in zip(names, communities["area_ha"], strict=True)
    ]
    told = names.where(~names.duplicated(keep=False), pd.Series(sized, index=names.index))
    by_id = names + " (" + communities["id"].astype(str) + ")"
    told = told.where(~told.duplicated(keep=False), by_id)
    return dict(zip(communities["id"], told, strict=True))


def titles_on_lands(con: Connection) -> tuple[pd.DataFrame, Counted]:
    """Give the overlaps of concessions with communities, of titles that two registers tell those of one, and which."""
    pairs, (titles, _lands) = overlaps.find_pairs(con, CONCESSIONS.name, COMMUNITIES.name, whole=COMMUNITIES.name)
    return pairs, titles


def asked_of(con: Connection, acts: pd.DataFrame, community_id: str) -> list[str]:
    """
    Say what the rules of its state ask for of one community; empty where its place or a rule is not known.

    Parameters
    ----------
    acts
        As `app.record.consultations.acts` gives them.
    """
    shape = row_values.shapes_of(con, COMMUNITIES, [community_id]).get(community_id)
    if shape is None:
        return []
    at = shape.representative_point()
    rules = state_facts.consultation_rules(country_at(at.y, at.x))
    return consultation_text.requirements(rules, acts["kind"].dropna(), is_point=not shapely.get_dimensions(shape))


def land_of(con: Connection, community_id: str, pairs: pd.DataFrame) -> Land:
    """
    Measure what lies on one community's land.

    Parameters
    ----------
    pairs
        Overlaps of concessions with communities, as `titles_on_lands` gives them.
    """
    return lands_of(con, [community_id], pairs)[community_id]


def land_under(
    con: Connection, own: pd.DataFrame, land: gpd.GeoDataFrame, *, titles: gpd.GeoDataFrame | None = None
) -> Land:
    """
    Measure what `own`, overlaps of concessions with all the polygons of one `land`, come to together.

    `titles` are the concessions, where they were read before.
    """
    if titles is None:
        titles = map_database.read_layer(con, CONCESSIONS, where={"id": list(own["left_id"].unique())})
    sums = totals(own, titles, land, with_range=True)
    area_ha = float(land["area_ha"].sum())
    share = min(sums.footprint_ha / area_ha, 1.0) if area_ha > 0 else None
    certain_ha = sums.certain_ha or 0.0
    points = int(_at_points(con, land).sum())
    return Land(sums.left_features, sums.gross_ha, sums.footprint_ha, certain_ha, share, points, area_ha or None)


def repeats_on(con: Connection, own: pd.DataFrame) -> Repeats:
    """Count the concessions in the pairs of one community that repeat the ground of another concession."""
    titles = map_database.read_layer(con, CONCESSIONS, where={"id": list(own["left_id"].unique())})
    repeated = repeated_in(CONCESSIONS, titles), frozenset[str]()
    ids = zip(own["left_id"], own["right_id"], strict=True)
    return Repeats.count((CONCESSIONS.name, COMMUNITIES.name), ids, own["area_ha"].to_numpy(dtype=float), repeated)


def lands_of(con: Connection, communities: Sequence[str], pairs: pd.DataFrame) -> dict[str, Land]:
    """
    Measure what lies on the land of many communities at once, as `land_of` does on one's; by id.

    Parameters
    ----------
    pairs
        As for `land_of`.
    """
    own = pairs[pairs["right_id"].isin(communities)]
    land = map_database.read_layer(con, COMMUNITIES, where={"id": list(communities)})
    titles = map_database.read_layer(con, CONCESSIONS, where={"id": list(own["left_id"].unique())})
    return lands_under(con, own, land, titles)


def lands_under(
    con: Connection, own: pd.DataFrame, land: gpd.GeoDataFrame, titles: gpd.GeoDataFrame
) -> dict[str, Land]:
    """Measure the concessions on each polygon of `land`, as `land_under` does on all together; by id."""
    found = footprint(own, titles, land, with_range=True).drop(columns="share").set_index("id")
    counted = own.groupby("right_id")["left_id"].nunique()
    table = pd.DataFrame({"id": land["id"], "area_ha": land["area_ha"]}).set_index("id").join(found)
    table["titles"] = counted.reindex(table.index)
    table["share"] = (table["footprint_ha"].fillna(0.0) / table["area_ha"]).clip(upper=1.0)
    filled = table.fillna({"titles": 0, "gross_ha": 0.0, "footprint_ha": 0.0, "certain_ha": 0.0})
    named = [str(id_) for id_ in filled.index]
    measured = ["titles", "gross_ha", "footprint_ha", "certain_ha", "share", "area_ha"]
    sums = filled[measured].to_numpy(dtype=float).tolist()
    has_area = (filled["area_ha"] > 0).tolist()
    at_points = _at_points(con, land)
    return {
        id_: Land(
            *(int(titles), gross, ground, certain, share if is_known else None),
            *(int(at_points.get(id_, 0)), size if is_known else None),
        )
        for id_, (titles, gross, ground, certain, share, size), is_known in zip(named, sums, has_area, strict=True)
    }


def _at_points(con: Connection, land: gpd.GeoDataFrame) -> "pd.Series[int]":
    """Count by community the concessions of which a point lies on its land, or its point in theirs."""
    west, south, east, north = map(float, land.total_bounds)
    if isnan(west):
        return pd.Series(dtype=int)
    titles = map_database.read_layer(con, CONCESSIONS, bounds=(west, south, east, north))
    inside = points_inside(titles, land)
    if len(inside):  # registers are told apart by all their rows
        left = Registers.of_map(con, [CONCESSIONS.name]).counted[CONCESSIONS.name].ids
        inside = inside[~inside["left_id"].isin(left)]
    return inside.groupby("right_id")["left_id"].nunique()


def lands_coverage(
    con: Connection, communities: Sequence[str], covered: Coverage, layer: str
) -> dict[str, LayerCoverage]:
    """Give what can be said of a layer over the land of many communities, as `land_coverage` does of one's; by id."""
    land = map_database.read_layer(con, COMMUNITIES, where={"id": list(communities)})
    return dict(zip(land["id"], covered.over_lands(layer, land.geometry), strict=True))


def land_coverage(
    con: Connection, community_id: str, covered: Coverage, layer: str, *, within_km: float = 0.0
) -> LayerCoverage:
    """Give what can be said of a layer over one community's land, or within a distance of it."""
    shape = row_values.shapes_of(con, COMMUNITIES, [community_id])[community_id]
    if shape is None:
        return LayerCoverage(layer, Verdict.NO_PLACE)
    middle = shape.point_on_surface()
    if shape.geom_type == "Point" and not within_km:
        return covered.at(layer, middle.y, middle.x)
    return covered.over(layer, widen(shape, within_km * M_PER_KM))


def holders_of(con: Connection, community_id: str, pairs: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """
    Rank the holders of the titles on one community's land.

    Parameters
    ----------
    pairs
        As for `land_of`.
    names
        What each spelling of a holder goes by: `app.answers.holder_spellings.by_spelling`.

    Returns
    -------
    DataFrame
        `holder` (missing where nobody is named), `titles`, `gross_ha`, `footprint_ha` (the holder's own ground, counted
        once); the one with most ground first.
    """
    land = map_database.read_layer(con, COMMUNITIES, where={"id": [community_id]})
    return rank_holders(con, pairs[pairs["right_id"] == community_id], land, names)


def rank_holders(
    con: Connection,
    own: pd.DataFrame,
    land: gpd.GeoDataFrame,
    names: Mapping[str, str],
    *,
    titles: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Rank holders as `holders_of` does, on all the polygons of one land; parameters as for `land_under`."""
    if titles is None:
        titles = map_database.read_layer(con, CONCESSIONS, where={"id": list(own["left_id"].unique())})
    ground_of_land = land.dissolve() if len(land) > 1 else land
    ranked = rank_holders_by_land(own.assign(right_id=""), ground_of_land.assign(id=""), names, titles)
    return ranked.drop(columns="id")


def rank_holders_by_land(
    own: pd.DataFrame, land: gpd.GeoDataFrame, names: Mapping[str, str], titles: gpd.GeoDataFrame
) -> pd.DataFrame:
    """
    Rank holders as `holders_of` does, on each of many lands at once.

    Returns
    -------
    DataFrame
        `id` of the land, and the columns of `holders_of`; by land, the holder with most ground first.
    """
    by_holder = own.assign(holder=own["left_holder"].map(names)).groupby(["right_id", "holder"], dropna=False)
    each = by_holder.ngroup()
    ranked = by_holder.agg(titles=("left_id", "nunique"), gross_ha=("area_ha", "sum")).reset_index()
    # The land once for each of its holders, so that all are measured at once.
    lands = land.set_index("id").loc[ranked["right_id"]].reset_index(drop=True).assign(id=range(len(ranked)))
    ground = footprint(own.assign(right_id=each), titles, lands).set_index("id")["footprint_ha"]
    ranked["footprint_ha"] = ground.reindex(range(len(ranked))).to_numpy(dtype=float)
    ranked = ranked.rename(columns={"right_id": "id"})[["id", "holder", "titles", "gross_ha", "footprint_ha"]]
    return ranked.sort_values(["id", "footprint_ha", "holder"], ascending=[True, False, True], ignore_index=True)
