"""Concessions granted before and after attacks near them, compared with chance; and counts of both by year."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import Coverage, find_missing_layers, mask_false_zeros, read_coverage
from lindero.app.answers.coverage.reach import Reach, measure_reach
from lindero.app.answers.defaults import TIMING_DRAWS, TIMING_KM, TIMING_SEED
from lindero.app.answers.record.incidents import (
    ALL_COUNTRIES,
    Record,
    filter_known_places,
    read_placed_attacks,
    read_record,
)
from lindero.app.answers.record.periods import covers_year, find_periods
from lindero.app.answers.registers import check_one_register, entries
from lindero.app.text.i18n import _, format_number
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.near.window import disc
from lindero.geo.near.within_distance import find_within_distance
from lindero.geo.stats.before_after import Timing, compare_timing, link_events
from lindero.layers.database import map_database
from lindero.layers.errors import N_
from lindero.layers.model.schema import CONCESSIONS, CRS, INCIDENTS

LAYERS = (INCIDENTS.name, CONCESSIONS.name)
KNOWN_DAY = ("day", "month")
NOT_A_CAUSE = N_("This does not show that one caused the other: both may have another cause.")
DAYS = 365
EVENT_KM = 5  # attacks this close have nearly the same concessions around them (docs/methods-analysis.md, Timing)


@dataclass(frozen=True)
class TimingReport:
    """Concessions granted before and after events, as `geo.stats.before_after` counts them.

    Each row is an event, with the `title` and `occurred_on` of its first attack and its number of `attacks`. `attacks`
    is the number of attacks with a known place and date, in `events` events, and `left_out` the number without.
    `titles` is the number of concessions, and `undated` the number of these without a grant date. An event is in no row
    if the map has no concession data around it and none on record. `covered` counts these events. A 0 is missing where
    the data covers only a part.
    """

    timing: Timing
    rows: pd.DataFrame
    covered: Reach
    lacks: tuple[str, ...]  # layers for which the map has no data
    attacks: int
    events: int
    left_out: int
    titles: int
    undated: int
    settings: Mapping[str, object]

    def command(self) -> list[str]:
        """Return the command that computes the same figures."""
        names = ("km", "draws", "seed", "country")
        options = (part for name in names for part in (f"--{name}", str(self.settings[name])))
        return ["lindero", "timing", *options, "--format", "json"]

    def sentence(self) -> str:
        """Return sentences with the counts and those expected by chance; if they cannot be compared, the reason."""
        if self.lacks:
            return coverage_text.missing_layers_text(self.lacks)
        if not self.attacks:
            return _("No attack on record has a place and a date that are precise enough to compare.")
        if self.undated == self.titles:
            return _("No concession on this map has a grant date, so nothing can be compared.")
        if self.rows.empty:
            return coverage_text.reach_text(self.covered)
        before, after = self.timing.sums.to_dict("records")
        text = _(
            "{attacks} attacks form {events} events: attacks at most twelve months and {event_km} km "
            "apart count as one event. Within {km} km of these events, {before} concessions were granted "
            "in the twelve months before; {before_expected} ({before_low} to {before_high}) would be "
            "expected by chance. In the twelve months after, {after} were granted; {after_expected} "
            "({after_low} to {after_high}) would be expected by chance."
        )
        sides = {"before": before, "after": after}
        counts = {side: format_number(row["observed"]) for side, row in sides.items()}
        chance = {
            f"{side}_{name}": format_number(row[name], decimals=1 if name == "expected" else 0)
            for side, row in sides.items()
            for name in ("expected", "low", "high")
        }
        values = {
            "attacks": format_number(self.attacks),
            "events": format_number(self.events),
            **{name: self.settings[name] for name in ("km", "event_km")},
        }
        return text.format(**values, **counts, **chance)

    def limits_text(self) -> str:
        """Return sentences on what is left out, how far concessions are known, and what the counts do not show."""
        if self.rows.empty:
            return ""
        text = _(
            "Left out: {left_out} attacks without a precise place or date, and {undated} of {titles} concessions "
            "without a recorded grant date."
        )
        counts = {"left_out": self.left_out, "undated": self.undated, "titles": self.titles}
        left_out = text.format(**{name: format_number(count) for name, count in counts.items()})
        return " ".join(filter(None, (left_out, coverage_text.reach_text(self.covered), _(NOT_A_CAUSE))))


def timing_report(
    con: map_database.Connection,
    *,
    km: int = TIMING_KM,
    draws: int = TIMING_DRAWS,
    seed: int = TIMING_SEED,
    country: str = ALL_COUNTRIES,
    record: Record | None = None,
    covered: Coverage | None = None,
) -> TimingReport:
    """Count the concessions granted in the twelve months before and after attacks in a country, within `km` of them.

    Attacks within `DAYS` and `EVENT_KM` of one another are one event, represented by its first attack. `record` and
    `covered` are the record and the coverage, if they were read before (`app.answers.regions.compare_regions`).
    """
    all_attacks = read_placed_attacks(con, (record or read_record(con)).filter_country(country))
    titles = map_database.read_layer(con, CONCESSIONS)
    check_one_register(CONCESSIONS, entries(titles))
    exact, undated = _filter_precise(all_attacks), int(titles["granted_on"].isna().sum())
    events = _first_attacks(exact)
    pairs = find_within_distance(events, titles, within_km=km).rename(
        columns={"place_id": "event_id", "id": "start_id"}
    )
    days = (frame.set_index("id")[name] for frame, name in ((events, "occurred_on"), (titles, "granted_on")))
    comparison = compare_timing(pairs, *days, days=DAYS, draws=draws, seed=seed)
    event_columns = pd.DataFrame(events.set_index("id")[["title", "occurred_on", "attacks"]])
    rows = comparison.rows.join(event_columns, on="id").sort_values(
        ["occurred_on", "id"], ascending=False, ignore_index=True
    )
    covered = covered or read_coverage(con)
    discs = [disc(lon, lat, km * M_PER_KM) for lon, lat in shapely.get_coordinates(events.geometry)]
    around = gpd.GeoSeries(discs, events["id"], crs=CRS)
    rows = _mask_false_zeros(rows, covered.measure_shapes(CONCESSIONS.name, around)["share"])
    settings = {"km": km, "days": DAYS, "event_km": EVENT_KM, "draws": draws, "seed": seed, "country": country}
    reach = measure_reach(covered, CONCESSIONS.name, around, feature_layer=INCIDENTS.name)
    lacks = tuple(find_missing_layers(covered, LAYERS))
    counts = (len(exact), len(events), len(all_attacks) - len(exact), len(titles))
    return TimingReport(comparison, rows, reach, lacks, *counts, undated, settings)


def _mask_false_zeros(rows: pd.DataFrame, shares: "pd.Series[float]") -> pd.DataFrame:
    """Remove events without any data around them, and replace zeros by missing values where the data is partial."""
    event_shares = rows["id"].map(shares)
    table = rows.astype({"before": "Int64", "after": "Int64"}).assign(concessions_covered=event_shares)
    for side in ("before", "after"):
        table[side] = mask_false_zeros(table[side], event_shares)
    return table[(event_shares > 0) | table[["before", "after"]].notna().any(axis=1)].reset_index(drop=True)


def count_by_year(con: map_database.Connection, record: Record | None = None) -> pd.DataFrame:
    """Count by year: `year`, `applied`, `granted` (concessions), `attacks` (with or without a known place).

    Every year between the first and the last has a row. For concessions, a 0 is counted from the first year in the
    register to its last year or its reference date. For attacks, a 0 is counted in years that a list covers completely,
    as declared or by the dates of its rows. In other years the count is missing, because nothing is known. `record` is
    the record, if it was read before.
    """
    titles, attacks = map_database.read_layer(con, CONCESSIONS), (record or read_record(con)).attacks
    until, periods = _latest_stated_year(con, CONCESSIONS.name), find_periods(con)
    dated = {
        "applied": titles["applied_on"],
        "granted": titles["granted_on"],
        "attacks": attacks["occurred_on"],
    }
    years = {name: pd.to_datetime(days).dt.year.dropna().astype(int) for name, days in dated.items()}
    counts = pd.DataFrame({name: event_years.value_counts() for name, event_years in years.items()})
    all_years = pd.RangeIndex(counts.index.min(), counts.index.max() + 1) if len(counts) else counts.index
    counts = counts.reindex(all_years)
    for name, event_years in years.items():
        if name == "attacks":
            is_known = np.array([covers_year(periods, year) for year in all_years], dtype=bool)
        else:
            first, last = (event_years.min(), max(event_years.max(), until)) if len(event_years) else (0, -1)
            is_known = np.asarray((all_years >= first) & (all_years <= last))
        counts[name] = counts[name].where(counts[name].notna() | ~is_known, 0)
    return counts.astype("Int64").rename_axis("year").reset_index()


def _latest_stated_year(con: map_database.Connection, layer: str) -> int:
    """Return the latest year of the reference dates of a layer's sources; 0 if none states one."""
    stated = (source.as_of for source in map_database.read_sources(con) if source.is_current and source.layer == layer)
    return max((day.year for day in stated if day), default=0)


def list_points_by_year(
    con: map_database.Connection, years: tuple[int, int], record: Record | None = None
) -> pd.DataFrame:
    """List granted concessions and attacks with a point and a year.

    Columns: `what` (`concessions`, `incidents`), `year`, `lon`, `lat`: a point inside each, in degrees. `record` is the
    record, if it was read before.
    """
    layers = (
        (CONCESSIONS.name, map_database.read_layer(con, CONCESSIONS), "granted_on"),
        (INCIDENTS.name, read_placed_attacks(con, record), "occurred_on"),
    )
    tables = []
    for name, frame, day in layers:
        points = frame.geometry.representative_point()
        placed = {"what": name, "year": pd.to_datetime(frame[day]).dt.year, "lon": points.x, "lat": points.y}
        tables.append(pd.DataFrame(placed).dropna().astype({"year": int}))
    all_points = pd.concat(tables, ignore_index=True)
    return all_points[all_points["year"].between(*years)].reset_index(drop=True)


def _filter_precise(attacks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    located = filter_known_places(attacks)
    return located[located["date_precision"].isin(KNOWN_DAY) & located["occurred_on"].notna()]


def _first_attacks(attacks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the first attack of each event, with the number of `attacks` in the event."""
    places = shapely.get_coordinates(attacks.geometry)
    firsts = link_events(places, attacks["occurred_on"], within_days=DAYS, within_m=EVENT_KM * M_PER_KM)
    first_positions, counts = np.unique(firsts, return_counts=True)
    return attacks.iloc[first_positions].assign(attacks=counts)
