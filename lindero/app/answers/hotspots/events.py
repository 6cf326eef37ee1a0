"""What a hotspot may be of: attacks, these with conflicts, people attacked, new titles, hectares of overlap."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.app.answers.hotspots.choices import Of
from lindero.app.answers.registers import entries, one_register
from lindero.app.derived.concessions_on_land import inside, points_of
from lindero.app.record.coarse_places import whereabouts
from lindero.app.record.incidents import Record, as_events, placed_attacks, placed_incidents
from lindero.geo.geometry.areas import area_ha
from lindero.geo.geometry.projection import Floats, is_polygonal
from lindero.geo.geometry.units import KM2_PER_HA
from lindero.layers.database import map_database
from lindero.layers.database.queries import map_queries
from lindero.layers.model.schema import ACTS, COMMUNITIES, CONCESSIONS, INCIDENTS, VICTIMS

LAYERS_OF = {
    Of.INCIDENTS: (INCIDENTS,),
    Of.ATTACKS: (INCIDENTS, ACTS),
    Of.VICTIMS: (INCIDENTS, VICTIMS),
    Of.TITLES: (CONCESSIONS,),
    Of.OVERLAP_HA: (CONCESSIONS, COMMUNITIES),
}


OF_THE_RECORD = frozenset({Of.INCIDENTS, Of.ATTACKS, Of.VICTIMS})


@dataclass(frozen=True)
class Events:
    """
    What is counted, with where each may be.

    `supports` are points, polygons where the place is only known to lie in an area, or None; `weights` what each counts
    for; `undated` how many were left out, for a period was asked and they have no date; `unstated` how many events were
    left out, for nobody says how many people were attacked; `ground` (`id`, polygons) are the titles; of overlaps,
    those that have any. Of the record, `known_to` are codes of `location_precision`, `rows` how many rows of the record
    the events are, and `coarse` how many were left out, for they are known to no smaller area than what is compared.
    """

    supports: gpd.GeoSeries
    weights: Floats
    undated: int
    ground: gpd.GeoDataFrame | None = None
    unstated: int = 0
    known_to: "pd.Series[str] | None" = None
    rows: int = 0
    coarse: int = 0

    @property
    def imprecise(self) -> int:
        """How many are only known to lie in an area."""
        return int(is_polygonal(self.supports.to_numpy()).sum())

    @property
    def placed(self) -> float:
        """What those come to that have a place."""
        return float(self.weights[~shapely.is_missing(self.supports.to_numpy())].sum())

    @property
    def nowhere(self) -> int:
        """How many have no place at all."""
        return int(shapely.is_missing(self.supports.to_numpy()).sum())

    def as_fine_as(self, precisions: Sequence[str], largest_km2: float = np.inf) -> "Events":
        """Leave those out that are placed, but known no finer than by these precisions, or by an area that large."""
        if self.known_to is None:
            return self
        # many events are known to the same area, of thousands of corners: each is measured once
        _ids, first, of_each = np.unique(
            [id(shape) for shape in self.supports.to_numpy()], return_index=True, return_inverse=True
        )
        areas = area_ha(gpd.GeoSeries(self.supports.iloc[first])).to_numpy(dtype=float)[of_each] * KM2_PER_HA
        is_fine = self.known_to.isin(precisions).to_numpy() & ~(np.nan_to_num(areas) > largest_km2)
        kept = is_fine | shapely.is_missing(self.supports.to_numpy())
        return replace(
            self,
            supports=self.supports[kept].reset_index(drop=True),
            weights=self.weights[kept],
            known_to=self.known_to[kept].reset_index(drop=True),
            coarse=int((~kept).sum()),
        )


def read_events(
    con: map_database.Connection, of: Of, since: dt.date | None, until: dt.date | None, record: Record | None = None
) -> Events:
    """
    Read what is counted, of a period (both ends in it) if one is asked.

    An incident counts by its date, a title by the date of application, else of grant; of overlaps, that of the title.
    `record` is what `app.record.incidents.record_of` read before.

    Raises
    ------
    AnswerError
        If two sources are registers of the same titles or communities, which would be counted twice.
    """
    if of in OF_THE_RECORD:
        read = placed_incidents if of is Of.INCIDENTS else placed_attacks
        return _of_record(read(con, record), of, since, until)
    every = map_database.read_layer(con, CONCESSIONS)
    one_register(CONCESSIONS, entries(every))
    titles, undated = _within(_dated(every), since, until)
    if of is Of.TITLES:
        points = gpd.GeoSeries(shapely.point_on_surface(titles.geometry.to_numpy()), crs=titles.crs)
        return Events(points, np.ones(len(titles)), undated, titles[["id", "geometry"]])
    pairs = map_queries.pairs(con, CONCESSIONS.name, COMMUNITIES.name)
    pairs = pairs[pairs["left_id"].isin(titles["id"])].reset_index(drop=True)
    land = map_database.read_layer(con, COMMUNITIES)
    one_register(COMMUNITIES, entries(land))
    points = points_of(pairs, inside(titles), inside(land))
    ground = titles.loc[titles["id"].isin(pairs["left_id"].unique()), ["id", "geometry"]]
    return Events(points, pairs["area_ha"].to_numpy(dtype=float), undated, ground)


def _of_record(every: gpd.GeoDataFrame, of: Of, since: dt.date | None, until: dt.date | None) -> Events:
    incidents, undated = _within(every.assign(dated_on=every["occurred_on"]), since, until)
    events = as_events(incidents)
    stated = events["people"].notna() | (of is not Of.VICTIMS)
    rows = events[stated].reset_index(drop=True)
    weights = rows["people"].to_numpy(dtype=float) if of is Of.VICTIMS else np.ones(len(rows))
    return Events(
        whereabouts(rows),
        weights,
        undated,
        unstated=int((~stated).sum()),
        known_to=rows["location_precision"],
        rows=int(rows["rows"].sum()),
    )


def _dated(titles: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return titles.assign(dated_on=titles["applied_on"].fillna(titles["granted_on"]))


def _within(rows: gpd.GeoDataFrame, since: dt.date | None, until: dt.date | None) -> tuple[gpd.GeoDataFrame, int]:
    """Keep what is dated within a period, and count what has no date."""
    if since is None and until is None:
        return rows.reset_index(drop=True), 0
    day = pd.to_datetime(rows["dated_on"])
    kept = day.notna()
    if since is not None:
        kept &= day >= pd.Timestamp(since)
    if until is not None:
        kept &= day <= pd.Timestamp(until)
    return rows[kept].reset_index(drop=True), int(day.isna().sum())
