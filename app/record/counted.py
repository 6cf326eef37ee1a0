"""The record as it is counted: incidents of all sources, with what belongs to each, and whether each is an attack."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from layers import record, store
from layers.located import region_codes
from layers.schema import INCIDENTS
from layers.store import Connection


@dataclass(frozen=True)
class Record:
    """
    Everything that the map tells of incidents.

    `incidents` are those of `layers.record.incidents` with `region_code` (ISO 3166-2, missing where the region is not
    known), `year` (missing without a date), `types` (list of acts), `people` (persons attacked; missing where no
    number is stated), `is_attack` (an incident without any act is a conflict, not an attack), `is_killing` and
    `told_by` (ids of the incidents of other sources that were accepted to be this one). The other frames are those of
    `layers.record`.
    """

    incidents: pd.DataFrame
    acts: pd.DataFrame
    victims: pd.DataFrame
    case_steps: pd.DataFrame
    protection_measures: pd.DataFrame

    @property
    def attacks(self) -> pd.DataFrame:
        """Incidents with an act of violence."""
        return self.incidents[self.incidents["is_attack"]]

    def of(self, ids: "pd.Series[str]") -> "Record":
        """Keep the incidents of these ids and what belongs to them."""
        kept = set(ids)
        parts = (self.acts, self.victims, self.case_steps, self.protection_measures)
        return Record(
            self.incidents[self.incidents["id"].isin(kept)],
            *(part[part["incident_id"].isin(kept)] for part in parts),
        )


def record_of(con: Connection) -> Record:
    """Read the record of a map; incidents that were accepted to be one are told once, with both sources cited."""
    same = record.same_incidents(con)
    incidents, victims = record.incidents(con), _once(record.victims(con), same)
    acts, steps, measures = (
        _under(read(con), same) for read in (record.acts, record.case_steps, record.protection_measures)
    )
    acts = acts.drop_duplicates(["incident_id", "type"], ignore_index=True)
    steps = steps.drop_duplicates(["incident_id", "dated_on", "step"], ignore_index=True)
    told = _counted(_merged(incidents, same), acts, victims)
    return Record(told, acts, victims, steps, measures)


def placed_attacks(con: Connection) -> gpd.GeoDataFrame:
    """
    Read the attacks of a map as rows of their layer, with what is known of their place; each once.

    A conflict without any act is none, and what two sources tell is told by one of them.
    """
    every = store.read_layer(con, INCIDENTS)
    return every[every["id"].isin(record_of(con).attacks["id"])].reset_index(drop=True)


def _counted(incidents: pd.DataFrame, acts: pd.DataFrame, victims: pd.DataFrame) -> pd.DataFrame:
    codes = region_codes()
    named = incidents["region"].where(incidents["location_precision"] != "country", None)  # as received, perhaps
    places = zip(incidents["country"], named, strict=True)
    types = acts.groupby("incident_id")["type"].agg(list)
    persons = victims.groupby("incident_id")["count"].sum(min_count=1)
    told = incidents.assign(
        region_code=pd.Series([codes.get(place) for place in places], index=incidents.index, dtype=object),
        year=pd.to_datetime(incidents["occurred_on"]).dt.year.astype("Int64"),
        types=pd.Series([types.get(name, []) for name in incidents["id"]], index=incidents.index, dtype=object),
        people=incidents["id"].map(persons).astype("Int64"),
    )
    told["is_attack"] = told["types"].map(len).gt(0)
    told["is_killing"] = told["id"].isin(acts.loc[acts["type"] == "killing", "incident_id"])
    return told


def _under(rows: pd.DataFrame, same: Mapping[str, str]) -> pd.DataFrame:
    return rows.assign(incident_id=rows["incident_id"].map(lambda name: same.get(name, name)))


def _once(victims: pd.DataFrame, same: Mapping[str, str]) -> pd.DataFrame:
    """Keep of incidents that are one the people of the source that counts most, so that nobody is counted twice."""
    rows = _under(victims.assign(told_in=victims["incident_id"]), same)
    totals = rows.groupby(["incident_id", "told_in"])["count"].sum().reset_index()
    best = totals.sort_values(["count", "told_in"], ascending=[False, True]).drop_duplicates("incident_id")
    return rows[rows["told_in"].isin(best["told_in"])].drop(columns="told_in").reset_index(drop=True)


def _merged(incidents: pd.DataFrame, same: Mapping[str, str]) -> pd.DataFrame:
    """Keep the first of incidents that are one, with the sources of all."""
    rows = incidents.assign(first=[same.get(name, name) for name in incidents["id"]])
    others = rows[rows["first"] != rows["id"]]
    cited = {
        first: "; ".join(dict.fromkeys(of_it.sort_values("is_other")["sources"].dropna()))
        for first, of_it in rows.assign(is_other=rows["first"] != rows["id"]).groupby("first")
        if len(of_it) > 1
    }
    told_by = others.groupby("first")["id"].agg(list)
    kept = rows[rows["first"] == rows["id"]].drop(columns="first").reset_index(drop=True)
    return kept.assign(
        sources=[cited.get(name, sources) for name, sources in zip(kept["id"], kept["sources"], strict=True)],
        told_by=pd.Series([told_by.get(name, []) for name in kept["id"]], index=kept.index, dtype=object),
    )
