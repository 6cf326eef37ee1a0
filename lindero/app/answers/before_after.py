"""Titles granted before and after attacks near them, held against chance; and both by year."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import Coverage, coverage_of, lacking, without_false_zeros
from lindero.app.answers.coverage.reach import Reach, reach_of
from lindero.app.answers.defaults import TIMING_DRAWS, TIMING_KM, TIMING_SEED
from lindero.app.answers.registers import entries, one_register
from lindero.app.record.incidents import ALL_COUNTRIES, Record, placed_attacks, record_of, well_placed
from lindero.app.record.periods import covers_year, periods_of
from lindero.app.text.i18n import _, number
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.near.window import disc
from lindero.geo.near.within_distance import within
from lindero.geo.stats.before_after import Timing, before_and_after, link_events
from lindero.layers.database import map_database
from lindero.layers.model.schema import CONCESSIONS, CRS, INCIDENTS

LAYERS = (INCIDENTS.name, CONCESSIONS.name)
KNOWN_DAY = ("day", "month")
DAYS = 365
EVENT_KM = 5  # attacks this close have nearly the same titles around them; docs/methods-analysis.md, Timing


@dataclass(frozen=True)
class TimingReport:
    """
    Titles granted before and after events, as `geo.stats.before_after` counts them.

    Each row is an event, with the `title` and `occurred_on` of its first attack and how many `attacks` it has.

    `attacks` is how many there are of known place and day, in `events` events; `left_out` how many were left out;
    `titles` how many titles there are, `undated` how many of them do not say when they were granted. Events round which
    the map has no data of titles, and none on record, are in no row: `covered` counts them; a 0 where it has data of a
    part only is missing.
    """

    timing: Timing
    rows: pd.DataFrame
    covered: Reach
    lacks: tuple[str, ...]  # layers of which the map has no data at all
    attacks: int
    events: int
    left_out: int
    titles: int
    undated: int
    settings: Mapping[str, object]

    def command(self) -> list[str]:
        """Give the command that gives the same figures."""
        names = ("km", "draws", "seed", "country")
        options = (part for name in names for part in (f"--{name}", str(self.settings[name])))
        return ["lindero", "timing", *options, "--format", "json"]

    def sentence(self) -> str:
        """Give the counts beside those of chance, and how far the map has data of titles round the attacks."""
        if self.lacks:
            return coverage_text.lacks(self.lacks)
        return " ".join(filter(None, (self._compared(), coverage_text.reach(self.covered))))

    def _compared(self) -> str:
        if not self.attacks:
            return _("No attack on record has both a place and a date that are known well enough.")
        if self.undated == self.titles:
            return _("Of no title on this map is it known when it was granted: nothing can be compared.")
        if self.rows.empty:  # `covered` says why
            return ""
        before, after = self.timing.sums.to_dict("records")
        text = _(
            "{attacks} attacks, in {events} events: attacks at most twelve months and {event_km} km from one another "
            "count as one event. Within {km} km of these events, {before} concessions were granted in the "
            "twelve months before, where chance would give {before_expected} ({before_low} to {before_high}); in the "
            "twelve months after, {after}, where chance would give {after_expected} ({after_low} to {after_high}). "
            "{left_out} attacks are left out because their place or date is not known well enough. {undated} of "
            "{titles} concessions are left out because they do not say when they were granted. This does not say that "
            "one caused the other."
        )
        sides = {"before": before, "after": after}
        counts = {side: number(row["observed"]) for side, row in sides.items()}
        chance = {
            f"{side}_{name}": number(row[name], decimals=1 if name == "expected" else 0)
            for side, row in sides.items()
            for name in ("expected", "low", "high")
        }
        values = {
            "attacks": number(self.attacks),
            "events": number(self.events),
            **{name: self.settings[name] for name in ("km", "event_km")},
            "left_out": number(self.left_out),
            "undated": number(self.undated),
            "titles": number(self.titles),
        }
        return text.format(**values, **counts, **chance)


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
    """
    Count the titles granted in the twelve months before and after attacks of a country within `km` of them.

    Attacks within `DAYS` and `EVENT_KM` of one another are one event, which its first attack stands for.

    `record` and `covered` are what was read before, as for `app.answers.regions.compare`.

    Raises
    ------
    AnswerError
        If two sources are registers of the same titles, which would be counted twice.
    """
    every = placed_attacks(con, (record or record_of(con)).in_country(country))
    titles = map_database.read_layer(con, CONCESSIONS)
    one_register(CONCESSIONS, entries(titles))
    exact, undated = _known_well(every), int(titles["granted_on"].isna().sum())
    events = _link(exact)
    pairs = within(events, titles, within_km=km).rename(columns={"place_id": "event_id", "id": "start_id"})
    days = (frame.set_index("id")[name] for frame, name in ((events, "occurred_on"), (titles, "granted_on")))
    found = before_and_after(pairs, *days, days=DAYS, draws=draws, seed=seed)
    about = pd.DataFrame(events.set_index("id")[["title", "occurred_on", "attacks"]])
    rows = found.rows.join(about, on="id").sort_values(["occurred_on", "id"], ascending=False, ignore_index=True)
    covered = covered or coverage_of(con)
    discs = [disc(lon, lat, km * M_PER_KM) for lon, lat in shapely.get_coordinates(events.geometry)]
    around = gpd.GeoSeries(discs, events["id"], crs=CRS)
    rows = _without_false_zeros(rows, covered.over_each(CONCESSIONS.name, around)["share"])
    settings = {"km": km, "days": DAYS, "event_km": EVENT_KM, "draws": draws, "seed": seed, "country": country}
    reach = reach_of(covered, CONCESSIONS.name, around, of=INCIDENTS.name)
    lacks = tuple(lacking(covered, LAYERS))
    counts = (len(exact), len(events), len(every) - len(exact), len(titles))
    return TimingReport(found, rows, reach, lacks, *counts, undated, settings)


def _without_false_zeros(rows: pd.DataFrame, shares: "pd.Series[float]") -> pd.DataFrame:
    """Leave out where nothing could be counted, and leave missing a 0 where a part of what is round is not covered."""
    own = rows["id"].map(shares)
    table = rows.astype({"before": "Int64", "after": "Int64"}).assign(concessions_covered=own)
    for side in ("before", "after"):
        table[side] = without_false_zeros(table[side], own)
    return table[(own > 0) | table[["before", "after"]].notna().any(axis=1)].reset_index(drop=True)


def by_year(con: map_database.Connection, record: Record | None = None) -> pd.DataFrame:
    """
    Count by year: `year`, `applied`, `granted` (titles), `attacks` (whatever is known of their place).

    Every year between the first and the last has a row. Of titles a 0 is said from the first year that the register
    tells of to the last, or to the day that it stands for; of attacks in the years that a list covers whole, as it
    declares or by the dates of its rows. In other years nothing is known, and the count is missing.
    `record` is what was read of it before.
    """
    titles, attacks = map_database.read_layer(con, CONCESSIONS), (record or record_of(con)).attacks
    until, periods = _told_until(con, CONCESSIONS.name), periods_of(con)
    dated = {
        "applied": titles["applied_on"],
        "granted": titles["granted_on"],
        "attacks": attacks["occurred_on"],
    }
    years = {name: pd.to_datetime(days).dt.year.dropna().astype(int) for name, days in dated.items()}
    counts = pd.DataFrame({name: each.value_counts() for name, each in years.items()})
    every = pd.RangeIndex(counts.index.min(), counts.index.max() + 1) if len(counts) else counts.index
    counts = counts.reindex(every)
    for name, each in years.items():
        if name == "attacks":
            known = np.array([covers_year(periods, year) for year in every], dtype=bool)
        else:
            first, last = (each.min(), max(each.max(), until)) if len(each) else (0, -1)
            known = np.asarray((every >= first) & (every <= last))
        counts[name] = counts[name].where(counts[name].notna() | ~known, 0)
    return counts.astype("Int64").rename_axis("year").reset_index()


def _told_until(con: map_database.Connection, layer: str) -> int:
    """Give the latest year for which a source of a layer says that it stands; 0 if none says so."""
    stated = (each.as_of for each in map_database.read_sources(con) if each.is_current and each.layer == layer)
    return max((day.year for day in stated if day), default=0)


def spots(con: map_database.Connection, years: tuple[int, int], record: Record | None = None) -> pd.DataFrame:
    """
    Give where titles were granted and attacks happened, by year.

    Columns: `what` (`concessions`, `incidents`), `year`, `lon`, `lat`: a point in each, in degrees. `record` is what
    was read of it before.
    """
    layers = (
        (CONCESSIONS.name, map_database.read_layer(con, CONCESSIONS), "granted_on"),
        (INCIDENTS.name, placed_attacks(con, record), "occurred_on"),
    )
    found = []
    for name, frame, day in layers:
        points = frame.geometry.representative_point()
        placed = {"what": name, "year": pd.to_datetime(frame[day]).dt.year, "lon": points.x, "lat": points.y}
        found.append(pd.DataFrame(placed).dropna().astype({"year": int}))
    every = pd.concat(found, ignore_index=True)
    return every[every["year"].between(*years)].reset_index(drop=True)


def _known_well(attacks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    located = well_placed(attacks)
    return located[located["date_precision"].isin(KNOWN_DAY) & located["occurred_on"].notna()]


def _link(attacks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the first attack of each event, with how many `attacks` the event has."""
    places = shapely.get_coordinates(attacks.geometry)
    firsts = link_events(places, attacks["occurred_on"], within_days=DAYS, within_m=EVENT_KM * M_PER_KM)
    kept, counts = np.unique(firsts, return_counts=True)
    return attacks.iloc[kept].assign(attacks=counts)
