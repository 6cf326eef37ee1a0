"""The record as it is counted: incidents of all sources with their related rows, and which of them are attacks."""

import re
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.stats.before_after import link_events
from lindero.layers.database.definitions import is_known_place
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import record_queries
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import CRS
from lindero.layers.reference import base_data
from lindero.layers.reference.base_data import load_region_codes

ALL_COUNTRIES = "all"
EVENT_DAYS, EVENT_M = 30, 1_000  # rows this close are not independent (docs/methods-analysis.md, Hotspots)
_SPANS = (("xmin", "xmax"), ("ymin", "ymax"))


def find_country(requested: str, map_country: str) -> str:
    """Return the country of a query: the requested one, else the map's own; empty for all countries.

    `requested`: A code (ISO 3166-1 alpha-2), `ALL_COUNTRIES`, or empty.
    """
    if not requested:
        return map_country
    if requested == ALL_COUNTRIES:
        return ""
    if not re.fullmatch("[A-Za-z]{2}", requested):
        raise AnswerError(N_("'{value}' is not a country code: use its two letters, or all"), value=requested)
    return requested.upper()


@dataclass(frozen=True)
class Record:
    """The incidents of a map with all rows that belong to them.

    `incidents` has the columns of `layers.database.queries.record_queries.read_incidents`, and these: `country` (ISO
    3166-1 alpha-2, from the source, else from the location; missing if neither is known), `region_code` (ISO 3166-2,
    missing if the region is unknown), `year` (missing without a date), `is_attack` (an incident without any act is a
    conflict, not an attack) and `is_killing` (a person was killed). The other frames are those of
    `layers.database.queries.record_queries`.
    """

    incidents: pd.DataFrame
    acts: pd.DataFrame
    victims: pd.DataFrame
    case_steps: pd.DataFrame
    protection_measures: pd.DataFrame

    @property
    def attacks(self) -> pd.DataFrame:
        """The incidents with an act of violence."""
        return self.incidents[self.incidents["is_attack"]]

    def filter_country(self, country: str) -> "Record":
        """Return the record of one country (ISO 3166-1 alpha-2).

        With an empty text or `ALL_COUNTRIES`, all incidents are returned. Incidents without a known country belong to
        no country.
        """
        if country in {"", ALL_COUNTRIES}:
            return self
        return self.filter(self.incidents.loc[self.incidents["country"] == country, "id"])

    def filter(self, ids: "pd.Series[str]") -> "Record":
        """Return the record of the incidents with these ids."""
        id_set = set(ids)
        parts = (self.acts, self.victims, self.case_steps, self.protection_measures)
        return Record(
            self.incidents[self.incidents["id"].isin(id_set)],
            *(part[part["incident_id"].isin(id_set)] for part in parts),
        )


def read_record(con: Connection) -> Record:
    """Read the record of a map. Incidents confirmed to be the same are one incident that cites both sources."""
    parts = (
        record_queries.read_acts,
        record_queries.read_victims,
        record_queries.read_case_steps,
        record_queries.read_protection_measures,
    )
    return Record(read_incidents(con), *(read(con) for read in parts))


def read_incidents(con: Connection) -> pd.DataFrame:
    """Read `Record.incidents` only, without the rows that belong to them."""
    return _add_derived_columns(record_queries.read_incidents(con))


def read_placed_incidents(con: Connection, record: Record | None = None) -> gpd.GeoDataFrame:
    """Read all incidents with their location. If `record` is given, only the locations are read.

    The columns are those of `Record.incidents`, and the geometry in OGC:CRS84. It is as precise as `location_precision`
    states; None without a location.
    """
    incidents = read_incidents(con) if record is None else record.incidents
    shapes = record_queries.read_event_shapes(con).set_index("id")["geometry"]
    return gpd.GeoDataFrame(incidents, geometry=shapes.reindex(incidents["id"]).to_numpy(), crs=CRS)


def read_placed_attacks(con: Connection, record: Record | None = None) -> gpd.GeoDataFrame:
    """Read all attacks with their location. A conflict without any act is not an attack."""
    incidents = read_placed_incidents(con, record)
    return incidents[incidents["is_attack"]].sort_values("id", ignore_index=True)


def filter_known_places(incidents: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the incidents with a location precise enough to measure distances."""
    return incidents[is_known_place(incidents)]


def group_events(incidents: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Group rows into events, which statistics may treat as independent.

    Rows at known places are one event if they are linked within `EVENT_DAYS` and `EVENT_M` (the days of a siege),
    attacks and conflicts apart. Other rows are one event if they have the same date, area, place text and acts. Global
    Witness has a row per person killed: fourteen people killed together are one event with fourteen people. The row
    with the smallest id represents the event, with the `people` of all rows (missing if no row states a number) and
    `rows`, their number. A row without a known date or place is an event of its own.
    """
    if incidents.empty:
        return incidents.assign(rows=0)
    first = incidents.groupby(_event_keys(incidents))["id"].transform("min")
    grouped = incidents.groupby(first)
    representatives = incidents[incidents["id"] == first]
    people, rows = grouped["people"].sum(min_count=1), grouped.size()
    events = representatives.assign(
        people=representatives["id"].map(people).astype("Int64"), rows=representatives["id"].map(rows)
    )
    return gpd.GeoDataFrame(events.reset_index(drop=True), geometry="geometry", crs=CRS)


def _event_keys(incidents: gpd.GeoDataFrame) -> "pd.Series[str]":
    """Return a key of the event of each row; the row's own id if its date or place is not known."""
    shapes = pd.Series(shapely.to_wkb(incidents.geometry.to_numpy(), hex=True), index=incidents.index, dtype=object)
    places = shapes.fillna(incidents["region_code"])
    is_dated = incidents["occurred_on"].notna() & incidents["date_precision"].eq("day")
    acts = incidents["types"].map(lambda types: ",".join(sorted(types)))
    texts = incidents["place_text"].fillna("").str.strip().str.casefold()
    keys = incidents["occurred_on"].astype(str) + "|" + places.astype(str) + "|" + texts + "|" + acts
    keys = keys.where(is_dated & places.notna(), incidents["id"])
    located = incidents[is_dated & is_known_place(incidents) & shapes.notna()]
    points = shapely.get_coordinates(shapely.point_on_surface(located.geometry.to_numpy()))
    for is_attack in (True, False):  # a conflict is no day of an attack
        same = located["is_attack"].to_numpy(dtype=bool) == is_attack
        firsts = link_events(points[same], located["occurred_on"][same], within_days=EVENT_DAYS, within_m=EVENT_M)
        keys[located.index[same]] = located["id"].to_numpy()[same][firsts]
    return keys


def _add_derived_columns(incidents: pd.DataFrame) -> pd.DataFrame:
    codes = load_region_codes()
    region_names = incidents["region"].where(incidents["location_precision"] != "country", None)  # may be as received
    countries = incidents["country"].where(incidents["country"].notna(), _locate_countries(incidents))
    places = zip(countries, region_names, strict=True)
    return incidents.assign(
        country=countries,
        region_code=pd.Series([codes.get(place) for place in places], index=incidents.index, dtype=object),
        year=pd.to_datetime(incidents["occurred_on"]).dt.year.astype("Int64"),
        is_attack=incidents["types"].map(len).gt(0),
        is_killing=incidents["types"].map(lambda types: "killing" in types).astype(bool),
    )


def _locate_countries(incidents: pd.DataFrame) -> "pd.Series[str]":
    """Return the country that contains the centre of each incident without a country; missing at sea."""
    countries = base_data.load_countries()
    is_needed = (incidents["country"].isna() & incidents["xmin"].notna()).to_numpy()
    centres = [(incidents[low] + incidents[high])[is_needed].to_numpy(dtype=float) / 2 for low, high in _SPANS]
    points = shapely.points(np.column_stack(centres))
    position, country = shapely.STRtree(countries.geometry.to_numpy()).query(points, predicate="within")
    codes = pd.Series(None, index=incidents.index, dtype=object)
    codes.iloc[np.flatnonzero(is_needed)[position]] = countries["code"].to_numpy()[country]
    return codes
