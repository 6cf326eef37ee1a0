"""What analysts ask of the current map: changes, exposure, hotspots, time; kept as `app.current.cache` says."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import partial

import geopandas as gpd
import pandas as pd

from lindero.app.answers import before_after
from lindero.app.answers import regions as regions_of
from lindero.app.answers.before_after import TimingReport
from lindero.app.answers.changes import near_place, register_changes, register_dates, watchlist
from lindero.app.answers.changes.register_changes import ChangeReport
from lindero.app.answers.changes.register_dates import DatedReport
from lindero.app.answers.defaults import TIMING_KM
from lindero.app.answers.hotspots import events, kde
from lindero.app.answers.hotspots.choices import Of
from lindero.app.answers.hotspots.events import LAYERS_OF, Events
from lindero.app.answers.hotspots.kde import Offer, Picture
from lindero.app.answers.hotspots.question import Question, Step
from lindero.app.answers.hotspots.report import HotspotReport, hotspot_report
from lindero.app.answers.overlap import first_sight as sight
from lindero.app.answers.place.spot import Spot
from lindero.app.answers.protection import needs as protection
from lindero.app.answers.protection.needs import COMMUNITY, Needs, NeedsQuestion
from lindero.app.answers.ranking import exposure
from lindero.app.answers.ranking.exposure import ExposureReport, Measured
from lindero.app.current import cached_record, map_layers, open_map, own_layers
from lindero.app.current.cache import LOOKED, cached
from lindero.app.record.incidents import ALL_COUNTRIES
from lindero.layers.database.map_database import Connection
from lindero.layers.tiles.tile_archive import FEWEST_FEATURES
from lindero.layers.workspace.rivers import Network

_STEP: ContextVar[Step] = ContextVar("step")  # how far a question is goes with its reader, not with what is kept

registers = cached()(register_changes.registers)
successive = cached()(register_changes.successive)
changed_near = cached(nowhere=LOOKED)(near_place.changed_near)
covered_near = cached(nowhere=LOOKED)(near_place.covered_near)
watchable = cached()(watchlist.watchable)
reach = cached(nowhere=LOOKED)(watchlist.reach)
reach_of_register = cached(nowhere=LOOKED)(watchlist.reach_of_register)
first_sight = cached()(sight.first_sight)
levels_of_need = cached()(protection.levels)


@cached()
def changed(con: Connection, since: str, until: str) -> ChangeReport:
    """Hold two snapshots (`ID@YYYY-MM-DD`) of a register against each other."""
    return register_changes.change_reports(con, since=since, until=until)[0]


@cached()
def dated(con: Connection, months: int = register_dates.MONTHS) -> DatedReport:
    """Return what the registers date in their last months: concessions applied for and granted."""
    return register_dates.dated_report(con, months=months)


@cached(nowhere=LOOKED)
def dated_near(_con: Connection, spot: Spot, *, within_km: float) -> DatedReport:
    """Return what the registers date in their last months within a distance of a place."""
    return near_place.dated_near(dated(), spot, within_km=within_km)


def changed_last() -> list[ChangeReport]:
    """Hold the last two snapshots of each register that has two against each other."""
    return near_place.latest(registers(), changed)


def exposed(statuses: tuple[str, ...], weights: tuple[tuple[str, float], ...]) -> ExposureReport:
    """Rank the communities by their exposure to titles of some statuses, by pairs of indicator and weight."""
    return _exposed(statuses, weights, own_layers.RIVERS.current())


@cached()
def _exposed(
    _con: Connection,
    statuses: tuple[str, ...],
    weights: tuple[tuple[str, float], ...],
    own: tuple[Network, ...],
) -> ExposureReport:
    return _measured_by(statuses, own).ranked(dict(weights))


def _measured(statuses: tuple[str, ...]) -> Measured:
    """Measure by the operator's own rivers, too, which may change while the map does not."""
    return _measured_by(statuses, own_layers.RIVERS.current())


@cached()
def _measured_by(con: Connection, statuses: tuple[str, ...], own: tuple[Network, ...]) -> Measured:
    return exposure.measure_exposure(
        con, statuses, rivers=own, record=map_layers.record(), covered=map_layers.every_coverage()
    )


def lands(statuses: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Communities by id, with `name`, `recognition`, `population` and `geometry`."""
    return _measured(statuses).about


def hotspots(question: Question, country: str, step: Step = lambda *_progress: None) -> HotspotReport:
    """
    Answer a question about hotspots of a country, or `ALL_COUNTRIES`: once for readers of all languages.

    `step` is told how far it is; of what was answered before nothing is told.
    """
    token = _STEP.set(step)
    try:
        return _hotspots(question, country)
    finally:
        _STEP.reset(token)


@cached()
def _hotspots(con: Connection, question: Question, country: str) -> HotspotReport:
    record, covered = map_layers.record(), map_layers.every_coverage()
    return hotspot_report(con, question, country=country, step=_STEP.get(), record=record, covered=covered)


@cached()
def _read_events(con: Connection, of: Of, since: dt.date | None, until: dt.date | None, country: str) -> Events:
    return events.read_events(con, of, since, until, map_layers.record_in(country))


def _counted(question: Question, country: str) -> Events:
    return _read_events(question.of, question.since, question.until, "" if question.within else country)


@cached()
def density_offer(_con: Connection, question: Question, country: str) -> Offer:
    """Return which picture of density can be drawn of what a question counts in a country."""
    return kde.offer(question, _counted(question, country))


@cached()
def density_picture(_con: Connection, question: Question, country: str, bandwidth_km: float) -> Picture:
    """Draw the density of what a question counts in a country."""
    return kde.picture(question, _counted(question, country), bandwidth_km=bandwidth_km)


@cached()
def timing(con: Connection, within_km: int, country: str) -> TimingReport:
    """Titles granted before and after attacks of a country near them, as `app.answers.before_after` counts them."""
    return before_after.timing_report(
        con, km=within_km, country=country, record=map_layers.record(), covered=map_layers.every_coverage()
    )


@cached()
def by_year(con: Connection, country: str) -> pd.DataFrame:
    """Titles, and attacks of a country, by year, as `app.answers.before_after.by_year` counts them."""
    return before_after.by_year(con, map_layers.record_in(country))


@cached()
def spots(con: Connection, years: tuple[int, int], country: str) -> pd.DataFrame:
    """Where titles were granted and attacks of a country happened, as `app.answers.before_after.spots` gives them."""
    return before_after.spots(con, years, map_layers.record_in(country))


def needs(question: NeedsQuestion) -> Needs:
    """Where protection is missing, as `app.answers.protection.needs` compares it."""
    return _needs(question, open_map.country())


@cached()
def _needs(con: Connection, question: NeedsQuestion, country: str) -> Needs:
    by_community = question.level == COMMUNITY
    return protection.needs(
        con,
        question,
        country=country,
        compared=None if by_community else _regions_with_range(question.level, country),
        exposed=_measured(exposure.IN_FORCE) if by_community else None,
        record=map_layers.record(),
        covered=map_layers.every_coverage(),
    )


@cached()
def _regions_with_range(con: Connection, level: str, country: str) -> pd.DataFrame:
    return regions_of.compare(
        con, level, country=country, with_range=True, record=map_layers.record(), covered=map_layers.every_coverage()
    )


# What the pages ask when they open, of a map that is small enough for all of it to be asked before anybody comes.


def opening() -> Iterator[Callable[[], object]]:
    """
    Give the questions that pages open with, each to be asked by itself, the first page's first.

    Of a large map there are none but that: its answers take minutes, and memory that readers need. What a reader asks
    otherwise than as usual is answered when it is asked. Each question may raise what a page explains.
    """
    counts = map_layers.counts()
    yield first_sight
    if sum(counts.values()) >= FEWEST_FEATURES:
        return
    yield map_layers.codes_of_holders
    if counts["communities"]:
        yield map_layers.titles_on_lands
        yield from (
            partial(map_layers.overlaps_of, "concessions", other) for other in ("communities", "protected_areas")
        )
        yield partial(exposed, exposure.IN_FORCE, tuple(exposure.WEIGHTS.items()))
    yield changed_last
    yield watchable
    yield cached_record.may_be_same
    yield cached_record.promises
    if country := open_map.country():
        yield partial(cached_record.commitments, country, "")
    country = open_map.country() or ALL_COUNTRIES
    yield partial(by_year, country)
    yield partial(timing, TIMING_KM, country)
    yield from (partial(map_layers.regions, level) for level in map_layers.levels())
    yield partial(needs, NeedsQuestion())
    questions = (Question(of) for of in LAYERS_OF if all(counts.get(layer.name) for layer in LAYERS_OF[of]))
    yield from (partial(hotspots, question, country) for question in [*questions][:1])
