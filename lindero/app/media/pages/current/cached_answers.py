"""Answers for analysts on the current map, cached by `cache`: changes, exposure, hotspots, time."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import partial

import geopandas as gpd
import pandas as pd

from lindero.app.answers import before_after
from lindero.app.answers import regions as regions_of
from lindero.app.answers.answer import Section
from lindero.app.answers.before_after import TimingReport
from lindero.app.answers.changes import changes_answer, near_place, register_changes, register_dates, watchlist
from lindero.app.answers.changes.events import Event, list_act_events, list_change_events, list_register_events
from lindero.app.answers.changes.own_land import own_land_section
from lindero.app.answers.changes.register_changes import ChangeReport
from lindero.app.answers.changes.register_dates import DatedReport
from lindero.app.answers.coverage.coverage import Coverage, LayerCoverage, read_coverage
from lindero.app.answers.defaults import TIMING_KM
from lindero.app.answers.hotspots.events import LAYERS_BY_QUANTITY
from lindero.app.answers.hotspots.question import Question, Step
from lindero.app.answers.hotspots.report import HotspotReport, hotspot_report
from lindero.app.answers.overlap import first_sight as sight
from lindero.app.answers.place.spot import Spot
from lindero.app.answers.protection import needs as protection
from lindero.app.answers.protection.needs import COMMUNITY, Needs, NeedsQuestion
from lindero.app.answers.ranking import exposure
from lindero.app.answers.ranking.exposure import ExposureMeasures
from lindero.app.answers.ranking.exposure_report import ExposureReport
from lindero.app.answers.record.incidents import ALL_COUNTRIES
from lindero.app.media.pages.current import cached_record, map_layers, open_map, own_layers
from lindero.app.media.pages.current.cache import POSITION_PRIVACY, cache_answer
from lindero.geo.stats.exposure import STATUSES_IN_FORCE
from lindero.layers.database.map_database import Connection
from lindero.layers.tiles.tile_archive import FEWEST_FEATURES
from lindero.layers.workspace.rivers import RiverNetwork

_STEP: ContextVar[Step] = ContextVar("step")  # the progress callback belongs to the reader, not to the cached answer

registers = cache_answer()(register_changes.list_registers)
successive = cache_answer()(register_changes.compare_all_snapshots)
changed_near = cache_answer(uncached_because=POSITION_PRIVACY)(near_place.filter_nearby_changes)
watchable = cache_answer()(watchlist.list_watchable)
reach = cache_answer(uncached_because=POSITION_PRIVACY)(watchlist.measure_reach)
reach_of_register = cache_answer(uncached_because=POSITION_PRIVACY)(watchlist.measure_register_reach)
first_sight = cache_answer()(sight.first_sight)
levels_of_need = cache_answer()(protection.list_levels)


@cache_answer()
def _snapshot_coverage(con: Connection, source_id: str, snapshot_on: dt.date) -> Coverage:
    return read_coverage(con, {(source_id, snapshot_on)})


@cache_answer(uncached_because=POSITION_PRIVACY)
def near_coverage(_con: Connection, report: ChangeReport, spot: Spot, *, within_km: float) -> LayerCoverage:
    """Return the coverage of both snapshots of a report within a distance of a place."""
    return near_place.nearby_coverage(report, spot, _snapshot_coverage, within_km=within_km)


@cache_answer()
def compare_snapshots(con: Connection, since: str, until: str) -> ChangeReport:
    """Compare two snapshots (`ID@YYYY-MM-DD`) of a register."""
    return register_changes.change_reports(con, since=since, until=until)[0]


@cache_answer()
def change_events(con: Connection, since: str, until: str) -> dict[str, Event]:
    """Return the events between two snapshots (`ID@YYYY-MM-DD`) of a register by the id of their record."""
    return {event.record_id: event for event in list_change_events(con, compare_snapshots(since, until))}


@cache_answer(uncached_because=POSITION_PRIVACY)
def list_report_events(con: Connection, report: ChangeReport) -> list[Event]:
    """Return the events of a report that is limited to the reader's choice."""
    return list(list_change_events(con, report))


changes_section = cache_answer(uncached_because=POSITION_PRIVACY)(changes_answer.changes_section)
dated_section = cache_answer(uncached_because=POSITION_PRIVACY)(changes_answer.dated_section)


@cache_answer(uncached_because=POSITION_PRIVACY)
def act_events(con: Connection, report: DatedReport) -> list[Event]:
    """Return the acts of a report by the dates of registers as events."""
    return list_act_events(con, report)


@cache_answer()
def dated_events(con: Connection) -> dict[tuple[str, str], Event]:
    """Return the acts of `dated_report` as events, by the id of the concession and the act."""
    rows = dated_report().rows
    return dict(zip(zip(rows["id"], rows["act"], strict=True), list_act_events(con, dated_report()), strict=True))


@cache_answer()
def register_events(con: Connection, today: dt.date) -> list[Event]:
    """List the events of all snapshots of the registers, the latest first."""
    return list_register_events(con, None, today, reports=successive())


@cache_answer()
def dated_report(con: Connection, months: int = register_dates.MONTHS) -> DatedReport:
    """Report the concessions applied for and granted in the last months, by the dates in the registers."""
    return register_dates.dated_report(con, months=months)


@cache_answer(uncached_because=POSITION_PRIVACY)
def own_land_news(con: Connection, community_id: str) -> Section:
    """Return the section on what was applied for and granted on the land of a community in the last months."""
    communities = map_layers.communities()
    row = communities[communities["id"] == community_id].to_dict("records")[0]
    return own_land_section(con, dated_report(), row, map_layers.coverage_of_land(community_id))


@cache_answer(uncached_because=POSITION_PRIVACY)
def nearby_dated_report(_con: Connection, spot: Spot, *, within_km: float) -> DatedReport:
    """Report the concessions applied for and granted in the last months within a distance of a place."""
    return near_place.filter_nearby_acts(dated_report(), spot, within_km=within_km)


def latest_change_reports() -> list[ChangeReport]:
    """Compare the last two snapshots of each register that has at least two."""
    return near_place.compare_latest(registers(), compare_snapshots)


def rank_exposure(statuses: tuple[str, ...], weights: tuple[tuple[str, float], ...]) -> ExposureReport:
    """Rank the communities by their exposure to concessions of some statuses.

    `weights` are pairs of an indicator and its weight.
    """
    return _rank_exposure(statuses, weights, own_layers.RIVERS.load_current())


@cache_answer()
def _rank_exposure(
    _con: Connection,
    statuses: tuple[str, ...],
    weights: tuple[tuple[str, float], ...],
    rivers: tuple[RiverNetwork, ...],
) -> ExposureReport:
    return _measure_exposure_with_rivers(statuses, rivers).rank_communities(dict(weights))


def _measure_exposure(statuses: tuple[str, ...]) -> ExposureMeasures:
    """Measure exposure. The operator's own rivers, which can change while the map does not, are included."""
    return _measure_exposure_with_rivers(statuses, own_layers.RIVERS.load_current())


@cache_answer()
def _measure_exposure_with_rivers(
    con: Connection, statuses: tuple[str, ...], river_networks: tuple[RiverNetwork, ...]
) -> ExposureMeasures:
    return exposure.measure_exposure(
        con, statuses, rivers=river_networks, record=map_layers.record(), covered=map_layers.every_coverage()
    )


def ranked_communities(statuses: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Return the communities of the ranking, by id, with `name`, `recognition`, `population` and `geometry`."""
    return _read_ranked_communities(statuses, own_layers.RIVERS.load_current())


@cache_answer()
def _read_ranked_communities(
    con: Connection, statuses: tuple[str, ...], river_networks: tuple[RiverNetwork, ...]
) -> gpd.GeoDataFrame:
    return exposure.add_shapes(con, _measure_exposure_with_rivers(statuses, river_networks).about)


def hotspots(question: Question, country: str, step: Step = lambda *_progress: None) -> HotspotReport:
    """Compute the answer to a question about hotspots of a country, or of `ALL_COUNTRIES`.

    The answer is computed once for the readers of all languages. `step` is called with the progress of the computation,
    but not for a cached answer.
    """
    token = _STEP.set(step)
    try:
        return _hotspots(question, country)
    finally:
        _STEP.reset(token)


@cache_answer()
def _hotspots(con: Connection, question: Question, country: str) -> HotspotReport:
    record, covered = map_layers.record(), map_layers.every_coverage()
    return hotspot_report(con, question, country=country, step=_STEP.get(), record=record, covered=covered)


@cache_answer()
def timing(con: Connection, within_km: int, country: str) -> TimingReport:
    """Compare the concessions granted before and after attacks of a country, within a distance of each attack."""
    return before_after.timing_report(
        con, km=within_km, country=country, record=map_layers.record(), covered=map_layers.every_coverage()
    )


@cache_answer()
def count_by_year(con: Connection, country: str) -> pd.DataFrame:
    """Count concessions, and attacks of a country, by year."""
    return before_after.count_by_year(con, map_layers.country_record(country))


@cache_answer()
def event_points(con: Connection, years: tuple[int, int], country: str) -> pd.DataFrame:
    """Return the places where concessions were granted and where attacks of a country happened."""
    return before_after.list_points_by_year(con, years, map_layers.country_record(country))


def protection_needs(question: NeedsQuestion) -> Needs:
    """Compare regions or communities by missing protection."""
    return _protection_needs(question, open_map.country())


@cache_answer()
def _protection_needs(con: Connection, question: NeedsQuestion, country: str) -> Needs:
    by_community = question.level == COMMUNITY
    return protection.compare_needs(
        con,
        question,
        country=country,
        compared=None if by_community else _regions_with_range(question.level, country),
        exposed=_measure_exposure(STATUSES_IN_FORCE) if by_community else None,
        record=map_layers.record(),
        covered=map_layers.every_coverage(),
    )


@cache_answer()
def _regions_with_range(con: Connection, level: str, country: str) -> pd.DataFrame:
    return regions_of.compare_regions(
        con, level, country=country, with_range=True, record=map_layers.record(), covered=map_layers.every_coverage()
    )


# Questions that pages ask when they open. For a small map, all are computed before the first reader comes.


def iter_opening_questions() -> Iterator[Callable[[], object]]:
    """Yield the questions that pages ask when they open, those of the first page first.

    Each question is called separately and may raise an error that a page explains. A large map yields only the first
    question, because its other answers take minutes and memory that readers need. Other questions are answered when a
    reader asks them.
    """
    counts = map_layers.counts()
    yield first_sight
    if sum(counts.values()) >= FEWEST_FEATURES:
        return
    yield map_layers.holder_codes
    if counts["communities"]:
        yield map_layers.titles_on_lands
        yield from (
            partial(map_layers.find_overlaps, "concessions", right_layer)
            for right_layer in ("communities", "protected_areas")
        )
        yield partial(rank_exposure, STATUSES_IN_FORCE, tuple(exposure.WEIGHTS.items()))
    yield latest_change_reports
    yield watchable
    yield cached_record.possible_duplicates
    yield cached_record.compare_commitments
    if country := open_map.country():
        yield partial(cached_record.commitments, country, "")
    country = open_map.country() or ALL_COUNTRIES
    yield partial(count_by_year, country)
    yield partial(timing, TIMING_KM, country)
    yield from (partial(map_layers.compare_regions, level) for level in map_layers.levels())
    yield partial(protection_needs, NeedsQuestion())
    questions = (
        Question(kind)
        for kind in LAYERS_BY_QUANTITY
        if all(counts.get(layer.name) for layer in LAYERS_BY_QUANTITY[kind])
    )
    yield from (partial(hotspots, question, country) for question in [*questions][:1])
