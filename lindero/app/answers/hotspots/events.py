"""Events that hotspots are computed from: attacks, conflicts, people attacked, new concessions, hectares of overlap."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.app.answers.hotspots.choices import CountedQuantity
from lindero.app.answers.hotspots.concessions_on_land import locate_pairs, point_finder
from lindero.app.answers.record.coarse_places import possible_locations
from lindero.app.answers.record.extents import Extent, read_extents
from lindero.app.answers.record.incidents import Record, group_events, read_placed_attacks, read_placed_incidents
from lindero.app.answers.record.unplaced import ATTACKS
from lindero.app.answers.registers import check_one_register, entries
from lindero.geo.geometry.areas import area_ha
from lindero.geo.geometry.projection import Floats, is_polygonal
from lindero.geo.geometry.units import KM2_PER_HA
from lindero.layers.database import map_database
from lindero.layers.database.queries import derived_queries
from lindero.layers.model.schema import ACTS, COMMUNITIES, CONCESSIONS, INCIDENTS, VICTIMS

LAYERS_BY_QUANTITY = {
    CountedQuantity.INCIDENTS: (INCIDENTS,),
    CountedQuantity.ATTACKS: (INCIDENTS, ACTS),
    CountedQuantity.VICTIMS: (INCIDENTS, VICTIMS),
    CountedQuantity.TITLES: (CONCESSIONS,),
    CountedQuantity.OVERLAP_HA: (CONCESSIONS, COMMUNITIES),
}


def list_cited_layers(quantity: CountedQuantity) -> list[str]:
    """Return the layers or kinds of incidents that a quantity is counted from, for `Coverage.cite_sources`."""
    is_attacks = quantity in {CountedQuantity.ATTACKS, CountedQuantity.VICTIMS}
    names = [layer.name for layer in LAYERS_BY_QUANTITY[quantity]]
    return [ATTACKS if is_attacks and name == INCIDENTS.name else name for name in names]


RECORD_QUANTITIES = frozenset({CountedQuantity.INCIDENTS, CountedQuantity.ATTACKS, CountedQuantity.VICTIMS})


@dataclass(frozen=True)
class Events:
    """Counted events, with the place where each may be.

    `supports` are points, polygons where the place is only known to be in an area, or None. `weights` are the amounts
    that events count for. `undated` is the number left out because a period was requested and they have no date.
    `unstated` is the number of events left out because no source states how many people were attacked. `ground` (`id`,
    polygons) are the concessions; for overlaps, those with any overlap. The other fields are for incidents: `known_to`
    are codes of `location_precision`, and `rows` is the number of rows that the events come from. `coarse` is the
    number left out because no area as small as the compared places is known for them.
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
        """The number of events that are only known to be in an area."""
        return int(is_polygonal(self.supports.to_numpy()).sum())

    @property
    def placed_total(self) -> float:
        """The total weight of the events that have a place."""
        return float(self.weights[~shapely.is_missing(self.supports.to_numpy())].sum())

    @property
    def nowhere(self) -> int:
        """The number of events without any place."""
        return int(shapely.is_missing(self.supports.to_numpy()).sum())

    def filter_precise(self, precisions: Sequence[str], largest_km2: float = np.inf) -> "Events":
        """Return the events without those with a place that is not known precisely enough.

        An event is left out if its precision is not one of `precisions`, or if its area is larger than `largest_km2`.
        Events without a place stay.
        """
        if self.known_to is None:
            return self
        # many events share one area with thousands of vertices, so each area is measured once
        _ids, first, of_each = np.unique(
            [id(shape) for shape in self.supports.to_numpy()], return_index=True, return_inverse=True
        )
        areas = area_ha(gpd.GeoSeries(self.supports.iloc[first])).to_numpy(dtype=float)[of_each] * KM2_PER_HA
        is_fine = self.known_to.isin(precisions).to_numpy() & ~(np.nan_to_num(areas) > largest_km2)
        is_selected = is_fine | shapely.is_missing(self.supports.to_numpy())
        return replace(
            self,
            supports=self.supports[is_selected].reset_index(drop=True),
            weights=self.weights[is_selected],
            known_to=self.known_to[is_selected].reset_index(drop=True),
            coarse=int((~is_selected).sum()),
        )


def read_events(
    con: map_database.Connection,
    subject: CountedQuantity,
    since: dt.date | None,
    until: dt.date | None,
    record: Record | None = None,
) -> Events:
    """Read the counted events, of a period (both ends included) if one is requested.

    An incident counts by its date. A concession counts by the date of application, else of grant; an overlap by the
    date of its concession. `record` is the result of `app.answers.record.incidents.read_record`, if it was read before.
    """
    if subject in RECORD_QUANTITIES:
        read = read_placed_incidents if subject is CountedQuantity.INCIDENTS else read_placed_attacks
        return _events_from_incidents(read(con, record), read_extents(con), subject, since, until)
    concessions = map_database.read_layer(con, CONCESSIONS)
    check_one_register(CONCESSIONS, entries(concessions))
    titles, undated = _filter_period(_add_dates(concessions), since, until)
    if subject is CountedQuantity.TITLES:
        points = gpd.GeoSeries(shapely.point_on_surface(titles.geometry.to_numpy()), crs=titles.crs)
        return Events(points, np.ones(len(titles)), undated, titles[["id", "geometry"]])
    pairs = derived_queries.read_overlap_pairs(con, CONCESSIONS.name, COMMUNITIES.name)
    pairs = pairs[pairs["left_id"].isin(titles["id"])].reset_index(drop=True)
    land = map_database.read_layer(con, COMMUNITIES)
    check_one_register(COMMUNITIES, entries(land))
    points = locate_pairs(pairs, point_finder(titles), point_finder(land))
    ground = titles.loc[titles["id"].isin(pairs["left_id"].unique()), ["id", "geometry"]]
    return Events(points, pairs["area_ha"].to_numpy(dtype=float), undated, ground)


def _events_from_incidents(
    record_rows: gpd.GeoDataFrame,
    extents: Mapping[str, Extent],
    subject: CountedQuantity,
    since: dt.date | None,
    until: dt.date | None,
) -> Events:
    incidents, undated = _filter_period(record_rows.assign(dated_on=record_rows["occurred_on"]), since, until)
    events = group_events(incidents)
    stated = events["people"].notna() | (subject is not CountedQuantity.VICTIMS)
    rows = events[stated].reset_index(drop=True)
    weights = rows["people"].to_numpy(dtype=float) if subject is CountedQuantity.VICTIMS else np.ones(len(rows))
    return Events(
        possible_locations(rows, extents),
        weights,
        undated,
        unstated=int((~stated).sum()),
        known_to=rows["location_precision"],
        rows=int(rows["rows"].sum()),
    )


def _add_dates(concessions: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return concessions.assign(dated_on=concessions["applied_on"].fillna(concessions["granted_on"]))


def _filter_period(
    rows: gpd.GeoDataFrame, since: dt.date | None, until: dt.date | None
) -> tuple[gpd.GeoDataFrame, int]:
    """Filter rows to those dated within a period, and count the rows without a date."""
    if since is None and until is None:
        return rows.reset_index(drop=True), 0
    dates = pd.to_datetime(rows["dated_on"])
    is_selected = dates.notna()
    if since is not None:
        is_selected &= dates >= pd.Timestamp(since)
    if until is not None:
        is_selected &= dates <= pd.Timestamp(until)
    return rows[is_selected].reset_index(drop=True), int(dates.isna().sum())
