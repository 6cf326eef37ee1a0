"""Acts of the State that communities were consulted about: what is on record, asked for by rules, contested."""

from collections.abc import Callable, Collection, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.near.points_inside import points_inside
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, CONSULTATIONS
from lindero.layers.reference import state_facts

RECORD = (
    *("measure", "authority", "resolution", "phase", "consent_status", "contested", "dated_on", "sources"),
    "document_sha256",
)
COLUMNS = ("community_id", "community", "concession_id", "concession", "kind", "stage", "rule", "on_record", *RECORD)
_PAIR = ["community_id", "concession_id"]


def consultations_of_map(con: Connection) -> pd.DataFrame:
    """Give every consultation on the map: `community_id`, `concession_id`, `stage` and what `RECORD` names."""
    rows = pd.DataFrame(map_database.read_layer(con, CONSULTATIONS))
    return rows[[*_PAIR, "stage", *RECORD]].sort_values("dated_on", ascending=False, na_position="last")


def acts(
    con: Connection,
    country_at: Callable[[float, float], str],
    *,
    community: str = "",
    concession: str = "",
    left_out: Collection[str] = (),
) -> pd.DataFrame:
    """
    List the acts about which communities were consulted, or are to be by their state's rules, concession by concession.

    Parameters
    ----------
    country_at
        Gives the country of a latitude and a longitude, whose rules hold there.
    community, concession
        Ids: only of this one; all if empty.
    left_out
        Ids of concessions that another register tells again: what a rule names is not asked of them.

    Returns
    -------
    DataFrame
        The columns of `COLUMNS`, one row for each consultation on record, and one for each act that a rule names
        of a concession that lies on the community's land, or in which its point lies, and none is on record
        (`on_record` is False).
        `rule` is as `layers.reference.state_facts.rule_by_act` gives it, missing where no rule is known.
    """
    laid = map_database.read_overlaps(con, CONCESSIONS.name, COMMUNITIES.name, feature_ids=(concession, community))
    chosen = {
        layer: map_database.read_layer(con, layer, where={"id": [id_]})
        for layer, id_ in ((COMMUNITIES, community), (CONCESSIONS, concession))
        if id_
    }
    at_points = _by_points(con, chosen)
    pairs = pd.concat([laid, at_points])[["right_id", "left_id"]].set_axis(_PAIR, axis=1).drop_duplicates()
    pairs = pairs[~pairs["concession_id"].isin(left_out)]
    found = consultations_of_map(con)
    for name, id_ in {"community_id": community, "concession_id": concession}.items():
        pairs, found = (frame[frame[name] == id_] if id_ else frame for frame in (pairs, found))
    land, titles = (
        chosen[layer]
        if layer in chosen
        else map_database.read_layer(con, layer, where={"id": sorted({*pairs[name], *found[name].dropna()})})
        for layer, name in ((COMMUNITIES, "community_id"), (CONCESSIONS, "concession_id"))
    )
    kinds = titles.set_index("id")["kind"].astype(object)
    rules = _rules(land, country_at)
    named = pairs.assign(kind=pairs["concession_id"].map(kinds).astype(object)).merge(
        rules, how="inner", on=["community_id", "kind"]
    )
    recorded = found.assign(kind=found["concession_id"].map(kinds).astype(object), on_record=True)
    rows = recorded.merge(rules, how="left", on=["community_id", "kind", "stage"])
    stated = pd.MultiIndex.from_frame(rows[[*_PAIR, "stage"]])
    rest = named[~pd.MultiIndex.from_frame(named[[*_PAIR, "stage"]]).isin(stated)].assign(on_record=False)
    every = pd.concat([rows, rest], ignore_index=True) if len(rest) else rows
    names = {"community": land.set_index("id")["name"], "concession": titles.set_index("id")["name"]}
    table = every.assign(**{name: every[f"{name}_id"].map(known_as) for name, known_as in names.items()})
    return table.reindex(columns=list(COLUMNS)).sort_values(_PAIR, kind="stable", ignore_index=True)


def _by_points(con: Connection, chosen: Mapping[Layer, gpd.GeoDataFrame]) -> pd.DataFrame:
    """
    Pair communities and concessions of which one is known by a point that lies in the other's ground.

    Only of what is chosen of a layer, if anything is: that tells where to look for the other.
    """
    rows = dict(chosen)
    places = [shapely.total_bounds(frame.geometry.to_numpy()) for frame in rows.values()]
    if any(np.isnan(box).any() for box in places):
        return pd.DataFrame(columns=["left_id", "right_id"])
    boxes = [(float(box[0]), float(box[1]), float(box[2]), float(box[3])) for box in places]
    for layer in {COMMUNITIES, CONCESSIONS} - rows.keys():
        rows[layer] = map_database.read_layer(con, layer, bounds=boxes[0] if boxes else None)
    return points_inside(rows[CONCESSIONS], rows[COMMUNITIES])


def _rules(land: gpd.GeoDataFrame, country_at: Callable[[float, float], str]) -> pd.DataFrame:
    """Give what the rules say where each community is: `community_id`, `kind`, `stage`, `rule`."""
    middles = [None if shape is None else shape.representative_point() for shape in land.geometry]
    states = ["" if at is None else country_at(at.y, at.x) for at in middles]
    tables = [
        state_facts.rule_by_act(state_facts.consultation_rules(state)).assign(state=state) for state in set(states)
    ]
    columns = ["community_id", "kind", "stage", "rule"]
    if not tables:
        return pd.DataFrame(columns=columns, dtype=object)
    each = pd.DataFrame({"community_id": land["id"].to_numpy(), "state": states})
    return each.merge(pd.concat(tables, ignore_index=True), on="state")[columns]


def by_act(found: pd.DataFrame) -> pd.DataFrame:
    """
    Count acts of one community, or of one concession, by kind of concession and stage.

    Returns
    -------
    DataFrame
        `kind`, `stage`, `rule`, `on_record` (consultations, but for those that were not sought), `not_sought` (of which
        a source says that none was sought), `not_on_record` (concessions of which nothing is on record at this stage),
        `contested` (of the consultations on record).
    """
    took_place = found["on_record"] & (found["consent_status"] != "not_sought")
    counted = found.assign(
        on_record=took_place,
        not_sought=found["on_record"] & ~took_place,
        not_on_record=~found["on_record"],
        contested=took_place & found["contested"].eq(other=True),
    )
    sums = dict.fromkeys(("on_record", "not_sought", "not_on_record", "contested"), "sum")
    return counted.groupby(["kind", "stage"], sort=False, dropna=False).agg({"rule": "first", **sums}).reset_index()
