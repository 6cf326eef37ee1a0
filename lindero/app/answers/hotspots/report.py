"""Hotspots of attacks, people attacked, new concessions and overlaps, for the page and the command."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from lindero.app.answers.claims import find_highest
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import ZERO, Coverage, read_coverage
from lindero.app.answers.coverage.reach import Reach, measure_reach
from lindero.app.answers.engine import LOCAL_ENGINE, Engine
from lindero.app.answers.hotspots import place_sets
from lindero.app.answers.hotspots.choices import CountedQuantity
from lindero.app.answers.hotspots.events import LAYERS_BY_QUANTITY, RECORD_QUANTITIES, list_cited_layers, read_events
from lindero.app.answers.hotspots.place_sets import Places
from lindero.app.answers.hotspots.question import (
    Inquiry,
    Question,
    Step,
    choose_level,
    filter_precise_events,
    study_area,
)
from lindero.app.answers.provenance import Provenance
from lindero.app.answers.record.incidents import EVENT_DAYS, EVENT_M, Record, read_record
from lindero.app.answers.registers import RegionLevel
from lindero.app.answers.repeated_ground import left_out_communities_text
from lindero.app.text.i18n import _, format_number, format_share, join_texts, ngettext
from lindero.geo.stats.fdr import RATE, count_permutations
from lindero.geo.stats.hotspots import COLD, HIGH, HOT, UNKNOWN, PlaceCounts, hotspots, sample_positions, stability
from lindero.layers.database import map_database
from lindero.layers.database.queries.map_queries import count_unplaced_rows
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import COMMUNITIES

_WORDS = {
    CountedQuantity.INCIDENTS: N_("{observed} attacks and conflicts, compared with {expected} expected"),
    CountedQuantity.ATTACKS: N_("{observed} attacks, compared with {expected} expected"),
    CountedQuantity.VICTIMS: N_("{observed} people attacked, compared with {expected} expected"),
    CountedQuantity.TITLES: N_("{observed} concessions, compared with {expected} expected"),
    CountedQuantity.OVERLAP_HA: N_(
        "{observed} hectares of concessions on community land, compared with {expected} expected"
    ),
}


@dataclass(frozen=True)
class HotspotReport:
    """The answer to a question about hotspots, with one row per place in `rows`, hotspots first.

    The columns are `id`, `name` (of a cell: its largest settlement, or the nearest), `region`, those of
    `geo.stats.hotspots`, and the shape in OGC:CRS84. `base` is the denominator, if there is one. `stability` (0 to 1)
    is the share of alternative settings in which the place stays hot.

    `events` is the number of events and `total` their weight. `imprecise`, `nowhere` and `undated` count those known
    only to an area, without a place, or without a date though a period was requested. `unstated` counts those without a
    stated number of people attacked, and `coarse` those not known to any area as small as the compared places.
    `rows_on_record` is the number of rows that the events come from. `outside` is the weight outside the places, a mean
    over draws. Where the map does not cover a place completely, a 0 is missing, and the place is never called cold.
    """

    question: Question
    rows: gpd.GeoDataFrame
    record: Provenance
    events: int
    total: float
    imprecise: int
    nowhere: int
    undated: int
    unstated: int
    coarse: int
    rows_on_record: int
    outside: float
    covered: tuple[Reach, ...]  # coverage of the counted layers in the compared places
    placeless: int = 0  # communities that are not compared or not in the denominator, because they have no place
    level: RegionLevel | None = None  # the sources of the compared regions
    repeated: int = 0  # communities left out because they repeat the ground of another one

    @property
    def provenance(self) -> Provenance:
        """The method, parameters and sources, with the limits of the figures in the reader's language."""
        return replace(self.record, limits=self.doubts(), coverage=[reach.to_dict() for reach in self.covered])

    @property
    def is_about_incidents(self) -> bool:
        """Whether incidents are counted and the question has no area."""
        return self.question.of in RECORD_QUANTITIES and not self.question.within

    def doubts(self) -> list[str]:
        """Return sentences on what the figures leave out or do not know exactly."""
        counts = [
            (
                self.imprecise,
                N_(
                    "{count} of {all} have only an area as their location. Each is placed at random in it, "
                    "{draws} times."
                ),
            ),
            (
                self.coarse,
                N_(
                    "{count} are known only by their region or province and are not counted here. They "
                    "are counted when regions are compared."
                ),
            ),
            (
                self.rows_on_record if self.rows_on_record > self.events + self.coarse else 0,
                N_(
                    "Some of the {count} rows describe the same event: rows at most {days} days and {m} m apart, or "
                    "of one date, area and act, count as one."
                ),
            ),
            (self.nowhere, N_("{count} of {all} have no known place and are not counted.")),
            (self.undated, N_("{count} have no date and are not counted.")),
            (
                self.unstated,
                N_("Attacks that do not state how many people were attacked: {count}. They are not counted."),
            ),
            (round(self.outside, 1), N_("{count} are outside the places compared and are not counted.")),
        ]
        numbers = {"all": format_number(self.events), "draws": format_number(self.question.draws)}
        numbers |= {"days": format_number(EVENT_DAYS), "m": format_number(EVENT_M)}
        sentences = [_(text).format(count=_format_count(count), **numbers) for count, text in counts if count]
        placeless_text = coverage_text.missing_places_text(COMMUNITIES.name, self.placeless)
        sources = self.level.sentence() if self.level else ""
        repeated_text = left_out_communities_text(self.repeated)
        return [
            *sentences,
            *filter(None, (sources, placeless_text, repeated_text, *map(coverage_text.reach_text, self.covered))),
        ]

    def select_result(self, result: str) -> gpd.GeoDataFrame:
        """Return the rows with one result: hot, cold, none, unknown."""
        return self.rows[self.rows["result"] == result]

    def head(self) -> dict[str, object]:
        """Return the values for JSON beside the rows."""
        return {
            **self.provenance.to_dict(),
            "places": len(self.rows),
            "hot": len(self.select_result(HOT)),
            "high": len(self.select_result(HIGH)),
            "cold": len(self.select_result(COLD)),
            "not_tested": len(self.select_result(UNKNOWN)),
            "counted": round(self.total, 4),
            "known_to_an_area_only": self.imprecise,
            "without_place": self.nowhere,
            "without_date": self.undated,
            "without_number_of_people": self.unstated,
            "known_too_coarsely": self.coarse,
            "rows_on_record": self.rows_on_record,
            "outside": round(self.outside, 4),
            "communities_without_place": self.placeless,
            "communities_repeating_ground": self.repeated,
            "coverage": [reach.to_dict() for reach in self.covered],
        }

    def describe_row(self, row: pd.Series) -> str:
        """Describe a place and its neighbours in plain numbers, such as 38 attacks, compared with 11 expected."""
        if pd.isna(row["observed"]):
            return _("it is not known whether there are any: the map does not have data for the whole place")
        ends = [row["observed_low"], row["observed_high"]]
        counts = {"observed": row["observed"], "expected": row["expected"]}
        text = _(_WORDS[self.question.of]).format(**{name: _format_count(count) for name, count in counts.items()})
        if pd.isna(ends).any():  # a bound is unknown if it would be 0 and the data cover only a part
            return text
        limits = dict(zip(("observed_low", "observed_high"), map(_format_count, ends), strict=True))
        if limits["observed_low"] == limits["observed_high"]:
            return text
        range_text = _("{text} (between {low} and {high}, because some have only an area as their location)")
        return range_text.format(text=text, low=limits["observed_low"], high=limits["observed_high"])

    def finding(self) -> str:
        """Return one sentence with the number of hotspots, and where they are."""
        hot, places = self.select_result(HOT), format_number(len(self.rows))
        if hot.empty:
            text = _("No hotspot was found among {places} places (false discovery rate {rate}).")
            return text.format(places=places, rate=format_share(RATE, decimals=0))
        areas = int(hot["hot_area"].max())
        text = ngettext(
            "Hotspots: {count} of {places} places, all in one area.",
            "Hotspots: {count} of {places} places, in {areas} separate areas.",
            areas,
        ).format(count=format_number(len(hot)), places=places, areas=format_number(areas))
        most = find_highest(hot["observed_low"], hot["observed_high"])
        where = (
            _("The most is recorded near {names}.")
            if most.is_single
            else _("Near {names}, which cannot be told apart.")
        )
        names = list(dict.fromkeys(str(name) for name in hot.loc[list(most.shown_labels), "name"]))
        return f"{text} {where.format(names=join_texts(names))}"

    def clearest_text(self) -> str:
        """Return a sentence on the clearest hotspot and how firm it is; empty if there is none."""
        hot = self.select_result(HOT)
        if hot.empty:
            return ""
        first = hot.iloc[0]
        text = _("Near {name}: {told}. It remains a hotspot in {stability} of the other settings tried.")
        stability = format_share(float(first["stability"]), decimals=0)
        return text.format(name=first["name"], told=self.describe_row(first), stability=stability)


def hotspot_report(
    con: map_database.Connection,
    question: Question,
    *,
    step: Step = lambda *_progress: None,
    engine: Engine = LOCAL_ENGINE,
    country: str = "",
    record: Record | None = None,
    covered: Coverage | None = None,
) -> HotspotReport:
    """Build the report on a question, and measure how much the answer depends on unknown places and on the settings.

    `engine`: where overlaps with places are computed: locally, or on a cluster (`app.builder.derived.dask_engine`). The
    results are the same. `country`: ISO 3166-1 alpha-2, or `ALL_COUNTRIES`. Unless the question has an area, only the
    record and the land of this country are used. `record`, `covered`: the record and the coverage, if they were read
    before (`app.answers.regions.compare_regions`).
    """
    covered = covered or read_coverage(con)
    country = "" if question.within else country
    record = (record or read_record(con)).filter_country(country) if country else record
    all_events = read_events(con, question.of, question.since, question.until, record)
    question = choose_level(question, all_events)
    area = study_area(covered, question, all_events, country=country)
    events = filter_precise_events(question, all_events, area)
    if not len(events.weights):
        raise AnswerError(N_("no location on the map is precise enough for the places compared; choose --over regions"))
    draws = question.draws if events.imprecise else 1
    placed = sample_positions(events.supports, draws=draws, seed=question.seed)
    inquiry = Inquiry(con, question, events, area, placed, step, engine, country)
    places = inquiry.build_places()
    main = inquiry.count(places, draws)
    step(_("testing"), 0, 1)
    tested = hotspots(PlaceCounts(main, places.neighbours[0], inquiry.measure_base(places)), seed=question.seed)
    stabilities = stability(inquiry.iter_settings(places), seed=question.seed)
    place_rows = places.rows[["id", "name", "region", "geometry"]]
    rows = place_rows.join(tested).assign(stability=stabilities, base=inquiry.measure_base(places))
    counts = [layer.name for layer in LAYERS_BY_QUANTITY[question.of] if layer.has_geometry]
    reaches = tuple(
        measure_reach(covered, name, rows.geometry, feature_layer=coverage_text.COMPARED) for name in counts
    )
    rows = _mask_false_zeros(rows, [covered.measure_shapes(name, rows.geometry)["share"] for name in counts])
    outside = float(events.placed_total - main.sum(axis=1).mean()) if inquiry.counts_points else 0.0
    uses_communities = COMMUNITIES in place_sets.list_layers(question.over, question.per)
    return HotspotReport(
        question,
        _sort_hottest_first(rows),
        _build_report_provenance(inquiry, places, covered, draws, int((rows["result"] != UNKNOWN).sum())),
        len(events.weights),
        float(events.weights.sum()),
        events.imprecise,
        events.nowhere,
        events.undated,
        events.unstated,
        events.coarse,
        events.rows,
        max(round(outside, 6), 0.0),
        reaches,
        count_unplaced_rows(con, COMMUNITIES) if uses_communities else 0,
        places.level,
        place_sets.count_repeated_communities(con, places) if uses_communities else 0,
    )


def _sort_hottest_first(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    z = rows["z"].round(9).fillna(-np.inf)  # places with the same neighbours differ only by rounding errors
    classes = rows["result"].map({HOT: 0, HIGH: 1}).fillna(2)
    order = np.lexsort((rows["id"], -z, rows["q"].fillna(2), classes))
    return gpd.GeoDataFrame(rows.iloc[order].reset_index(drop=True))


def _mask_false_zeros(rows: gpd.GeoDataFrame, shares: Sequence["pd.Series[float]"]) -> gpd.GeoDataFrame:
    """Replace zeros by missing values in places that are not covered completely, and call none of these cold."""
    covered = np.minimum.reduce([share.to_numpy() for share in shares]) >= ZERO
    zeros = {
        name: rows[name].where(covered | (rows[name] != 0))
        for name in ("count", "observed", "observed_low", "observed_high")
    }
    return rows.assign(**zeros, result=rows["result"].where(covered | (rows["result"] != COLD), UNKNOWN))


def _build_report_provenance(inquiry: Inquiry, places: Places, covered: Coverage, draws: int, tests: int) -> Provenance:
    question, country = inquiry.question, inquiry.country
    parameters: dict[str, object] = {
        "of": question.of,
        "over": question.over,
        "per": question.per,
        "resolution": places.resolution,
        "within": question.within or None,
        "country": country or None,
        "since": question.since,
        "until": question.until,
        "source": question.source or None,
        "draws": draws,
        "permutations": count_permutations(tests, draws=draws),
        "neighbours": places.near,
        "false_discovery_rate": RATE,
    }
    places_layers = place_sets.list_layers(question.over, question.per)
    layers = [*list_cited_layers(question.of), *(layer.name for layer in places_layers)]
    return Provenance(
        method="hotspots",
        parameters={name: value for name, value in parameters.items() if value is not None},
        sources=covered.cite_sources(layers),
        command=question.command(country),
        seed=question.seed,
    )


def _format_count(value: object) -> str:
    """Format a count: whole numbers without decimals, small fractions with one."""
    amount = float(value)  # type: ignore[arg-type]  # a value of a numeric column
    return format_number(amount, decimals=0 if amount >= 10 or amount == round(amount) else 1)  # noqa: PLR2004
