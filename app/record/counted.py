"""The record as it is counted: incidents of all sources, with what belongs to each, and whether each is an attack."""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from layers import record
from layers.definitions import is_known_place
from layers.located import region_codes
from layers.schema import CRS
from layers.store import Connection


@dataclass(frozen=True)
class Record:
    """
    Everything that the map tells of incidents.

    `incidents` are those of `layers.record.incidents` with `region_code` (ISO 3166-2, missing where the region is not
    known), `year` (missing without a date), `is_attack` (an incident without any act is a conflict, not an attack) and
    `is_killing` (somebody was killed in it). The other frames are those of `layers.record`.
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
    parts = (record.acts, record.victims, record.case_steps, record.protection_measures)
    return Record(_counted(record.incidents(con)), *(read(con) for read in parts))


def placed(con: Connection) -> gpd.GeoDataFrame:
    """
    Read all incidents with what is known of their place.

    Columns are those of `Record.incidents`, and the geometry in OGC:CRS84: as exact as `location_precision` says, None
    where there is none.
    """
    incidents = _counted(record.incidents(con))
    shapes = record.shapes(con).set_index("id")["geometry"]
    return gpd.GeoDataFrame(incidents, geometry=shapes.reindex(incidents["id"]).to_numpy(), crs=CRS)


def placed_attacks(con: Connection) -> gpd.GeoDataFrame:
    """Read the attacks as `placed` does: a conflict without any act is none."""
    incidents = placed(con)
    return incidents[incidents["is_attack"]].sort_values("id", ignore_index=True)


def well_placed(incidents: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the incidents of which the place is known well enough for a distance."""
    return incidents[is_known_place(incidents)]


def _counted(incidents: pd.DataFrame) -> pd.DataFrame:
    codes = region_codes()
    named = incidents["region"].where(incidents["location_precision"] != "country", None)  # as received, perhaps
    places = zip(incidents["country"], named, strict=True)
    return incidents.assign(
        region_code=pd.Series([codes.get(place) for place in places], index=incidents.index, dtype=object),
        year=pd.to_datetime(incidents["occurred_on"]).dt.year.astype("Int64"),
        is_attack=incidents["types"].map(len).gt(0),
        is_killing=incidents["types"].map(lambda types: "killing" in types).astype(bool),
    )
