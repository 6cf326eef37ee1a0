"""Hotspots of attacks, of people attacked, of new titles, of overlap: what a page shows and a command prints."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import ZERO, Coverage, coverage_of
from lindero.app.answers.coverage.reach import Reach, reach_of
from lindero.app.answers.hotspots import place_sets
from lindero.app.answers.hotspots.choices import Of
from lindero.app.answers.hotspots.events import LAYERS_OF, OF_THE_RECORD, read_events
from lindero.app.answers.hotspots.place_sets import Places
from lindero.app.answers.hotspots.question import Inquiry, Question, Step, at_known_level, fine_events, study_area
from lindero.app.answers.registers import Level
from lindero.app.answers.repeated_ground import left_out_communities
from lindero.app.derived.engine import HERE, Engine
from lindero.app.output.provenance import Made, sources_of
from lindero.app.record.incidents import Record, record_of
from lindero.app.text.i18n import _, ngettext, number, percent
from lindero.geo.stats.fdr import RATE, permutations_for
from lindero.geo.stats.hotspots import COLD, HOT, UNKNOWN, Counted, hotspots, spread, stability
from lindero.layers.database import map_database
from lindero.layers.database.queries.map_queries import without_place
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import COMMUNITIES

_WORDS = {
    Of.INCIDENTS: N_("{observed} attacks and conflicts where {expected} were to be expected"),
    Of.ATTACKS: N_("{observed} attacks where {expected} were to be expected"),
    Of.VICTIMS: N_("{observed} people attacked where {expected} were to be expected"),
    Of.TITLES: N_("{observed} titles where {expected} were to be expected"),
    Of.OVERLAP_HA: N_("{observed} hectares of titles on community land where {expected} were to be expected"),
}


@dataclass(frozen=True)
class HotspotReport:
    """
    The answer, one row per place in `rows`, hotspots first.

    Columns: `id`, `name` (of a cell: its largest settlement, or the nearest), `region`, those of `geo.stats.hotspots`,
    `base` (what was counted against, if anything), `stability` (0 to 1: in what share of other ways to ask it stays
    hot), and the place's shape in OGC:CRS84. `events` is how many there are, `total` what they come to; `imprecise`,
    `nowhere` and `undated` how many are known to an area only, have no place, or have no date though a period was
    asked, `unstated` how many do not say how many people were attacked, `coarse` how many are known to no area as small
    as the places compared, `rows_on_record` how many rows the events are; `outside`
    how much of the total lies beyond the places, a mean over draws. Where the map has no data of all of a place, a 0 is
    missing, and it is never called cold.
    """

    question: Question
    rows: gpd.GeoDataFrame
    record: Made
    events: int
    total: float
    imprecise: int
    nowhere: int
    undated: int
    unstated: int
    coarse: int
    rows_on_record: int
    outside: float
    covered: tuple[Reach, ...]  # how far the map has data of what is counted in the places compared
    placeless: int = 0  # communities that could not be compared, or counted against, for they have no place
    level: Level | None = None  # of which sources the regions that are compared are
    repeated: int = 0  # communities left out because they repeat the ground of another one

    @property
    def made(self) -> Made:
        """How it was made, with what it leaves out, in the reader's language."""
        return replace(self.record, limits=self.doubts(), coverage=[one.as_dict() for one in self.covered])

    @property
    def is_of_the_record(self) -> bool:
        """Return whether incidents are counted and the question names no area."""
        return self.question.of in OF_THE_RECORD and not self.question.within

    def doubts(self) -> list[str]:
        """Say what the figures leave out, or do not know exactly."""
        some = [
            (
                self.imprecise,
                N_("{count} of {all} are only known to an area: each is put somewhere in it, {draws} times over."),
            ),
            (
                self.coarse,
                N_(
                    "{count} are known to no smaller area than a region or province, and are not counted here: they "
                    "are where regions are compared."
                ),
            ),
            (
                self.rows_on_record if self.rows_on_record > self.events + self.coarse else 0,
                N_("{count} rows on record tell fewer events: those of one day, place and act are one."),
            ),
            (self.nowhere, N_("{count} of {all} have no known place and are not counted.")),
            (self.undated, N_("{count} have no date and are not counted.")),
            (self.unstated, N_("Of {count} attacks nobody says how many people were attacked: they are not counted.")),
            (round(self.outside, 1), N_("{count} lie beyond the places compared and are not counted.")),
        ]
        numbers = {"all": number(self.events), "draws": number(self.question.draws)}
        sentences = [_(text).format(count=_count(count), **numbers) for count, text in some if count]
        left_out = coverage_text.without_place(COMMUNITIES.name, self.placeless)
        sources = self.level.sentence() if self.level else ""
        twice = left_out_communities(self.repeated)
        return [*sentences, *filter(None, (sources, left_out, twice, *map(coverage_text.reach, self.covered)))]

    def of(self, result: str) -> gpd.GeoDataFrame:
        """Give the rows of one result: hot, cold, none, unknown."""
        return self.rows[self.rows["result"] == result]

    def head(self) -> dict[str, object]:
        """Give what JSON holds beside the rows."""
        return {
            **self.made.as_dict(),
            "places": len(self.rows),
            "hot": len(self.of(HOT)),
            "cold": len(self.of(COLD)),
            "not_tested": len(self.of(UNKNOWN)),
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
            "coverage": [one.as_dict() for one in self.covered],
        }

    def told(self, row: pd.Series) -> str:
        """Say a row in plain numbers, of a place and those around it: 38 attacks where 11 were to be expected."""
        if pd.isna(row["observed"]):
            return _("whether any is there is not known: the map has no data of all of it")
        ends = [row["observed_low"], row["observed_high"]]
        counts = {"observed": row["observed"], "expected": row["expected"]}
        text = _(_WORDS[self.question.of]).format(**{name: _count(count) for name, count in counts.items()})
        if pd.isna(ends).any():  # an end of 0 where the map has no data of all
            return text
        limits = dict(zip(("observed_low", "observed_high"), map(_count, ends), strict=True))
        if limits["observed_low"] == limits["observed_high"]:
            return text
        wide = _("{text} ({low} to {high}, for some are only known to an area)")
        return wide.format(text=text, low=limits["observed_low"], high=limits["observed_high"])

    def found(self) -> str:
        """Give the answer in one sentence: how many places stand out, and near where the clearest lies."""
        hot, places = self.of(HOT), number(len(self.rows))
        if hot.empty:
            text = _("None of {places} places stands out from chance (false discovery rate {rate}).")
            return text.format(places=places, rate=percent(RATE, decimals=0))
        first = hot.iloc[0]
        areas = int(hot["hot_area"].max())
        return ngettext(
            "{count} of {places} places are hot, all in one area; the clearest lies near {name}.",
            "{count} of {places} places are hot, in {areas} areas; the clearest lies near {name}.",
            areas,
        ).format(
            count=number(len(hot)),
            places=places,
            areas=number(areas),
            name=first["name"],
        )

    def clearest(self) -> str:
        """Say the clearest place in plain numbers, and how firm it is; empty if none stands out."""
        hot = self.of(HOT)
        if hot.empty:
            return ""
        text = _("There: {told}; it stays hot in {stability} of the ways to ask.")
        stability = percent(float(hot.iloc[0]["stability"]), decimals=0)
        return text.format(told=self.told(hot.iloc[0]), stability=stability)


def hotspot_report(
    con: map_database.Connection,
    question: Question,
    *,
    step: Step = lambda *_progress: None,
    engine: Engine = HERE,
    country: str = "",
    record: Record | None = None,
    covered: Coverage | None = None,
) -> HotspotReport:
    """
    Answer a question, with how far the answer depends on what is not known and on how it was asked.

    Parameters
    ----------
    step
        Called with what is being done, how much of it is done, and how much there is.
    engine
        Where ground is laid over places: here, or on a cluster (`app.derived.dask_engine`); the answer is the same.
    country
        ISO 3166-1 alpha-2, or `ALL_COUNTRIES`: unless the question names an area, only the record and the ground of
        this country.
    record, covered
        What was read before, as for `app.answers.regions.compare`.

    Raises
    ------
    AnswerError
        If the question names what there is not, or there is nothing to count.
    GeoError
        If there are too few places to compare. A `ValueError`.
    """
    covered = covered or coverage_of(con)
    country = "" if question.within else country
    record = (record or record_of(con)).in_country(country) if country else record
    every = read_events(con, question.of, question.since, question.until, record)
    question = at_known_level(question, every)
    area = study_area(covered, question, every, country=country)
    events = fine_events(question, every, area)
    if not len(events.weights):
        raise AnswerError(N_("nothing on the map is known as finely as what is to be compared: choose --over regions"))
    draws = question.draws if events.imprecise else 1
    placed = spread(events.supports, draws=draws, seed=question.seed)
    inquiry = Inquiry(con, question, events, area, placed, step, engine, country)
    places = inquiry.places()
    main = inquiry.count(places, draws)
    step(_("testing"), 0, 1)
    found = hotspots(Counted(main, places.neighbours[0], inquiry.base(places)), seed=question.seed)
    firm = stability(inquiry.settings(places), seed=question.seed)
    about = places.rows[["id", "name", "region", "geometry"]]
    rows = about.join(found).assign(stability=firm, base=inquiry.base(places))
    counts = [layer.name for layer in LAYERS_OF[question.of] if layer.has_geometry]
    reaches = tuple(reach_of(covered, name, rows.geometry, of=coverage_text.COMPARED) for name in counts)
    rows = _without_false_zeros(rows, [covered.over_each(name, rows.geometry)["share"] for name in counts])
    outside = float(events.placed - main.sum(axis=1).mean()) if inquiry.counts_points else 0.0
    of_communities = COMMUNITIES in place_sets.layers_of(question.over, question.per)
    return HotspotReport(
        question,
        _hottest_first(rows),
        _made(inquiry, places, draws, int((rows["result"] != UNKNOWN).sum())),
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
        without_place(con, COMMUNITIES) if of_communities else 0,
        places.level,
        place_sets.count_repeated(con, places) if of_communities else 0,
    )


def _hottest_first(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    z = rows["z"].round(9).fillna(-np.inf)  # places with the same places around them are alike but for rounding
    order = np.lexsort((rows["id"], -z, rows["q"].fillna(2), rows["result"] != HOT))
    return gpd.GeoDataFrame(rows.iloc[order].reset_index(drop=True))


def _without_false_zeros(rows: gpd.GeoDataFrame, shares: Sequence["pd.Series[float]"]) -> gpd.GeoDataFrame:
    """Leave missing a 0 of places of which the map has no data of all, and call none of these cold."""
    covered = np.minimum.reduce([share.to_numpy() for share in shares]) >= ZERO
    zeros = {
        name: rows[name].where(covered | (rows[name] != 0))
        for name in ("count", "observed", "observed_low", "observed_high")
    }
    return rows.assign(**zeros, result=rows["result"].where(covered | (rows["result"] != COLD), UNKNOWN))


def _made(inquiry: Inquiry, places: Places, draws: int, tests: int) -> Made:
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
        "permutations": permutations_for(tests, draws=draws),
        "neighbours": places.near,
        "false_discovery_rate": RATE,
    }
    layers = [layer.name for layer in (*LAYERS_OF[question.of], *place_sets.layers_of(question.over, question.per))]
    return Made(
        method="hotspots",
        parameters={name: value for name, value in parameters.items() if value is not None},
        sources=sources_of(map_database.read_sources(inquiry.con), layers),
        command=question.command(country),
        seed=question.seed,
    )


def _count(value: object) -> str:
    """Write a count: whole numbers, small fractions with a digit."""
    amount = float(value)  # type: ignore[arg-type]  # a number, from a column of them
    return number(amount, decimals=0 if amount >= 10 or amount == round(amount) else 1)  # noqa: PLR2004
