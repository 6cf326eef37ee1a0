"""The record as it is counted: incidents of all sources, with what belongs to each, and whether each is an attack."""

import re
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.layers.database.definitions import is_known_place
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import record_queries
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import CRS
from lindero.layers.reference import base_data
from lindero.layers.reference.base_data import region_codes

ALL_COUNTRIES = "all"
_SPANS = (("xmin", "xmax"), ("ymin", "ymax"))


def find_country(asked: str, own: str) -> str:
    """
    Return the country that a question is about: the map's `own` unless one is asked for; empty for all.

    Parameters
    ----------
    asked
        A code (ISO 3166-1 alpha-2), `ALL_COUNTRIES`, or empty.

    Raises
    ------
    AnswerError
        If it is none of these.
    """
    if not asked:
        return own
    if asked == ALL_COUNTRIES:
        return ""
    if not re.fullmatch("[A-Za-z]{2}", asked):
        raise AnswerError(N_("{value} is not a code of two letters, as PE, nor all"), value=asked)
    return asked.upper()


@dataclass(frozen=True)
class Record:
    """
    Everything that the map tells of incidents.

    `incidents` are those of `layers.database.queries.record_queries.incidents` with `country` (ISO 3166-1 alpha-2: as
    its source names it, else where its place lies; missing where neither is known), `region_code` (ISO 3166-2, missing
    where the region is not known), `year` (missing without a date), `is_attack` (an incident without any act is a
    conflict, not an attack) and `is_killing` (somebody was killed in it). The other frames are those of
    `layers.database.queries.record_queries`.
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

    def in_country(self, country: str) -> "Record":
        """
        Return the incidents of one country (ISO 3166-1 alpha-2) and what belongs to them.

        All incidents if it is empty or `ALL_COUNTRIES`; those without a known country are in none.
        """
        if country in {"", ALL_COUNTRIES}:
            return self
        return self.of(self.incidents.loc[self.incidents["country"] == country, "id"])

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
    parts = (record_queries.acts, record_queries.victims, record_queries.case_steps, record_queries.protection_measures)
    return Record(incidents_of(con), *(read(con) for read in parts))


def incidents_of(con: Connection) -> pd.DataFrame:
    """Read `Record.incidents` alone, without what belongs to each."""
    return _counted(record_queries.incidents(con))


def placed_incidents(con: Connection, record: Record | None = None) -> gpd.GeoDataFrame:
    """
    Read all incidents with what is known of their place; where the record was read before, their places alone.

    Columns are those of `Record.incidents`, and the geometry in OGC:CRS84: as exact as `location_precision` says, None
    where there is none.
    """
    incidents = incidents_of(con) if record is None else record.incidents
    shapes = record_queries.shapes(con).set_index("id")["geometry"]
    return gpd.GeoDataFrame(incidents, geometry=shapes.reindex(incidents["id"]).to_numpy(), crs=CRS)


def placed_attacks(con: Connection, record: Record | None = None) -> gpd.GeoDataFrame:
    """Read the attacks as `placed_incidents` does: a conflict without any act is none."""
    incidents = placed_incidents(con, record)
    return incidents[incidents["is_attack"]].sort_values("id", ignore_index=True)


def well_placed(incidents: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the incidents of which the place is known well enough for a distance."""
    return incidents[is_known_place(incidents)]


def as_events(incidents: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Take rows of one day, place and act together: what statistics may take for independent of one another.

    Global Witness gives each person killed a row: fourteen killed together are one event of fourteen people. The row
    with the least id stands for its event, with the `people` of all (missing where none of them states a number), and
    `rows`, how many there are. A row whose day or place is not known stays by itself.
    """
    if incidents.empty:
        return incidents.assign(rows=0)
    first = incidents.groupby(_event_keys(incidents))["id"].transform("min")
    grouped = incidents.groupby(first)
    kept = incidents[incidents["id"] == first]
    people, rows = grouped["people"].sum(min_count=1), grouped.size()
    events = kept.assign(people=kept["id"].map(people).astype("Int64"), rows=kept["id"].map(rows))
    return gpd.GeoDataFrame(events.reset_index(drop=True), geometry="geometry", crs=CRS)


def _event_keys(incidents: gpd.GeoDataFrame) -> "pd.Series[str]":
    """Name the day, place and acts of each row; of one that does not tell these, itself."""
    shapes = pd.Series(shapely.to_wkb(incidents.geometry.to_numpy(), hex=True), index=incidents.index, dtype=object)
    places = shapes.fillna(incidents["region_code"])
    is_known = places.notna() & incidents["occurred_on"].notna() & incidents["date_precision"].eq("day")
    acts = incidents["types"].map(lambda types: ",".join(sorted(types)))
    keys = incidents["occurred_on"].astype(str) + "|" + places.astype(str) + "|" + acts
    return keys.where(is_known, incidents["id"])


def _counted(incidents: pd.DataFrame) -> pd.DataFrame:
    codes = region_codes()
    named = incidents["region"].where(incidents["location_precision"] != "country", None)  # as received, perhaps
    countries = incidents["country"].where(incidents["country"].notna(), _countries_of_places(incidents))
    places = zip(countries, named, strict=True)
    return incidents.assign(
        country=countries,
        region_code=pd.Series([codes.get(place) for place in places], index=incidents.index, dtype=object),
        year=pd.to_datetime(incidents["occurred_on"]).dt.year.astype("Int64"),
        is_attack=incidents["types"].map(len).gt(0),
        is_killing=incidents["types"].map(lambda types: "killing" in types).astype(bool),
    )


def _countries_of_places(incidents: pd.DataFrame) -> "pd.Series[str]":
    """Return for incidents without a country that in which the middle of their place lies; missing at sea."""
    countries = base_data.countries()
    is_asked = (incidents["country"].isna() & incidents["xmin"].notna()).to_numpy()
    middles = [(incidents[low] + incidents[high])[is_asked].to_numpy(dtype=float) / 2 for low, high in _SPANS]
    points = shapely.points(np.column_stack(middles))
    at, country = shapely.STRtree(countries.geometry.to_numpy()).query(points, predicate="within")
    found = pd.Series(None, index=incidents.index, dtype=object)
    found.iloc[np.flatnonzero(is_asked)[at]] = countries["code"].to_numpy()[country]
    return found
