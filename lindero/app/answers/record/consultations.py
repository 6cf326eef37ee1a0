"""Acts of the State on which communities were consulted: recorded, required by rules, or contested."""

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


def read_consultations(con: Connection) -> pd.DataFrame:
    """Read every consultation on the map: `community_id`, `concession_id`, `stage` and the columns in `RECORD`."""
    rows = pd.DataFrame(map_database.read_layer(con, CONSULTATIONS))
    return rows[[*_PAIR, "stage", *RECORD]].sort_values("dated_on", ascending=False, na_position="last")


def list_acts(
    con: Connection,
    country_at: Callable[[float, float], str],
    *,
    community: str = "",
    concession: str = "",
    left_out: Collection[str] = (),
) -> pd.DataFrame:
    """List the acts on which communities were consulted, or must be under their state's rules, for each concession.

    `country_at`: function that returns the country at a latitude and longitude; the rules of that country apply.
    Returns: the columns of `COLUMNS`. There is one row for each recorded consultation. There is one more for each act
    that a rule names and no record covers (`on_record` is False), for concessions on the community's land or at its
    point. `rule` is as in `layers.reference.state_facts.rule_by_act`, missing where no rule is known.
    """
    overlaps = map_database.read_overlaps(con, CONCESSIONS.name, COMMUNITIES.name, feature_ids=(concession, community))
    selected = {
        layer: map_database.read_layer(con, layer, where={"id": [id_]})
        for layer, id_ in ((COMMUNITIES, community), (CONCESSIONS, concession))
        if id_
    }
    at_points = _pair_by_points(con, selected)
    pairs = pd.concat([overlaps, at_points])[["right_id", "left_id"]].set_axis(_PAIR, axis=1).drop_duplicates()
    pairs = pairs[~pairs["concession_id"].isin(left_out)]
    consultations = read_consultations(con)
    for name, id_ in {"community_id": community, "concession_id": concession}.items():
        pairs, consultations = (frame[frame[name] == id_] if id_ else frame for frame in (pairs, consultations))
    land, titles = (
        selected[layer]
        if layer in selected
        else map_database.read_layer(con, layer, where={"id": sorted({*pairs[name], *consultations[name].dropna()})})
        for layer, name in ((COMMUNITIES, "community_id"), (CONCESSIONS, "concession_id"))
    )
    kinds = titles.set_index("id")["kind"].astype(object)
    rules = _rules_by_community(land, country_at)
    ruled_acts = pairs.assign(kind=pairs["concession_id"].map(kinds).astype(object)).merge(
        rules, how="inner", on=["community_id", "kind"]
    )
    recorded = consultations.assign(kind=consultations["concession_id"].map(kinds).astype(object), on_record=True)
    rows = recorded.merge(rules, how="left", on=["community_id", "kind", "stage"])
    stated = pd.MultiIndex.from_frame(rows[[*_PAIR, "stage"]])
    unrecorded = ruled_acts[~pd.MultiIndex.from_frame(ruled_acts[[*_PAIR, "stage"]]).isin(stated)].assign(
        on_record=False
    )
    all_rows = pd.concat([rows, unrecorded], ignore_index=True) if len(unrecorded) else rows
    names = {"community": land.set_index("id")["name"], "concession": titles.set_index("id")["name"]}
    table = all_rows.assign(**{name: all_rows[f"{name}_id"].map(known_as) for name, known_as in names.items()})
    return table.reindex(columns=list(COLUMNS)).sort_values(_PAIR, kind="stable", ignore_index=True)


def _pair_by_points(con: Connection, selected: Mapping[Layer, gpd.GeoDataFrame]) -> pd.DataFrame:
    """Pair communities and concessions if one is known only by a point that lies inside the other.

    If rows of a layer are selected, only these are paired, and their bounds limit the search in the other layer.
    """
    rows = dict(selected)
    places = [shapely.total_bounds(frame.geometry.to_numpy()) for frame in rows.values()]
    if any(np.isnan(box).any() for box in places):
        return pd.DataFrame(columns=["left_id", "right_id"])
    boxes = [(float(box[0]), float(box[1]), float(box[2]), float(box[3])) for box in places]
    for layer in {COMMUNITIES, CONCESSIONS} - rows.keys():
        rows[layer] = map_database.read_layer(con, layer, bounds=boxes[0] if boxes else None)
    return points_inside(rows[CONCESSIONS], rows[COMMUNITIES])


def _rules_by_community(land: gpd.GeoDataFrame, country_at: Callable[[float, float], str]) -> pd.DataFrame:
    """Return the rules that apply to each community: `community_id`, `kind`, `stage`, `rule`."""
    points = [None if shape is None else shape.representative_point() for shape in land.geometry]
    states = ["" if point is None else country_at(point.y, point.x) for point in points]
    tables = [
        state_facts.combine_rules(state_facts.load_consultation_rules(state)).assign(state=state)
        for state in set(states)
    ]
    columns = ["community_id", "kind", "stage", "rule"]
    if not tables:
        return pd.DataFrame(columns=columns, dtype=object)
    communities = pd.DataFrame({"community_id": land["id"].to_numpy(), "state": states})
    return communities.merge(pd.concat(tables, ignore_index=True), on="state")[columns]


def count_by_act(consultations: pd.DataFrame) -> pd.DataFrame:
    """Count the acts of one community or concession by kind of concession and stage.

    Returns: `kind`, `stage`, `rule`, `on_record` (consultations except those not sought), `not_sought` (consultations
    that were not sought according to a source), `not_on_record` (concessions without a record at this stage),
    `contested` (of the recorded consultations).
    """
    took_place = consultations["on_record"] & (consultations["consent_status"] != "not_sought")
    flags = consultations.assign(
        on_record=took_place,
        not_sought=consultations["on_record"] & ~took_place,
        not_on_record=~consultations["on_record"],
        contested=took_place & consultations["contested"].eq(other=True),
    )
    sums = dict.fromkeys(("on_record", "not_sought", "not_on_record", "contested"), "sum")
    return flags.groupby(["kind", "stage"], sort=False, dropna=False).agg({"rule": "first", **sums}).reset_index()
