"""The record as it is counted: incidents of all sources, with what belongs to each, and whether each is an attack."""

from dataclasses import dataclass

import pandas as pd

from layers import record
from layers.located import region_codes
from layers.store import Connection


@dataclass(frozen=True)
class Record:
    """
    Everything that the map tells of incidents.

    `incidents` are those of `layers.record.incidents` with `region_code` (ISO 3166-2, missing where the region is not
    known), `year` (missing without a date), `types` (list of acts), `people` (persons attacked; missing where no
    number is stated), `is_attack` (an incident without any act is a conflict, not an attack) and `is_killing`. The
    other frames are those of `layers.record`.
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
    """Read the record of a map."""
    incidents, acts, victims = record.incidents(con), record.acts(con), record.victims(con)
    codes = region_codes()
    places = zip(incidents["country"], incidents["region"], strict=True)
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
    return Record(told, acts, victims, record.case_steps(con), record.protection_measures(con))
