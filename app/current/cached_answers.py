"""What analysts ask of the current map: changes, exposure, hotspots, time; kept as `app.current.cache` says."""

from collections.abc import Iterable
from contextvars import ContextVar

import geopandas as gpd
import pandas as pd

from lindero.app.answers import regions as regions_of
from lindero.app.answers.before_after import TimingReport, timing_report
from lindero.app.answers.before_after import by_year as count_by_year
from lindero.app.answers.before_after import spots as spots_of
from lindero.app.answers.changes import register_changes, watchlist
from lindero.app.answers.changes.near_place import changed_near as near_point
from lindero.app.answers.changes.near_place import covered_near as answer_near
from lindero.app.answers.changes.near_place import latest
from lindero.app.answers.changes.register_changes import ChangeReport, Register
from lindero.app.answers.changes.watchlist import Watched
from lindero.app.answers.coverage.coverage import Answer
from lindero.app.answers.coverage.reach import Reach
from lindero.app.answers.hotspots import kde
from lindero.app.answers.hotspots.events import Events, counted
from lindero.app.answers.hotspots.kde import Offer, Picture
from lindero.app.answers.hotspots.question import Question, Step
from lindero.app.answers.hotspots.report import HotspotReport, hotspot_report
from lindero.app.answers.overlap.first_sight import FirstSight
from lindero.app.answers.overlap.first_sight import first_sight as first_sight_of
from lindero.app.answers.protection.needs import COMMUNITY, Asked, Needs
from lindero.app.answers.protection.needs import levels as levels_of_needs
from lindero.app.answers.protection.needs import needs as compared_needs
from lindero.app.answers.ranking import exposure
from lindero.app.answers.ranking.exposure import ExposureReport
from lindero.app.current import open_map
from lindero.app.current.cache import asked
from lindero.app.text import i18n
from lindero.layers.database.map_database import Connection

_STEP: ContextVar[Step] = ContextVar("step")  # how far a question is goes with its reader, not with what is kept


def registers() -> list[Register]:
    """Sources whose records can be recognised from one snapshot to another, with their snapshots."""
    return asked(register_changes.registers)


def changed(since: str, until: str) -> ChangeReport:
    """Hold two snapshots (`ID@YYYY-MM-DD`) of a register against each other."""
    return asked(_changed, since, until)


def changed_near(report: ChangeReport, *, lat: float, lon: float, within_km: float) -> pd.DataFrame:
    """Keep of a report's rows those near a point, as `app.answers.changes.near_place` does; kept nowhere."""
    return near_point(open_map.current().cursor(), report, lat=lat, lon=lon, within_km=within_km)


def changed_last() -> list[ChangeReport]:
    """Hold the last two snapshots of each register that has two against each other."""
    return latest(registers(), changed)


def reach(report: ChangeReport, watched: Iterable[Watched]) -> Reach:
    """Tell how far a report has data of what is watched, as `watchlist.reach` does; kept nowhere."""
    return watchlist.reach(open_map.current().cursor(), report, watched)


def covered_near(report: ChangeReport, *, lat: float, lon: float, within_km: float) -> Answer:
    """Tell what a report can say of what is round a point, as `app.answers.changes.near_place` does; kept nowhere."""
    return answer_near(open_map.current().cursor(), report, lat=lat, lon=lon, within_km=within_km)


def first_sight() -> FirstSight:
    """Give what the map shows before anything is asked, as `app.answers.overlap.first_sight` does."""
    return asked(first_sight_of)


def successive() -> list[ChangeReport]:
    """Hold every snapshot of every register against the one before it, the latest first."""
    return asked(register_changes.successive)


def exposed(statuses: tuple[str, ...], weights: tuple[tuple[str, float], ...]) -> ExposureReport:
    """Rank the communities by their exposure to titles of some statuses, by pairs of indicator and weight."""
    return asked(_ranked, statuses, weights)


def lands(statuses: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Communities by id, with `name`, `recognition`, `population` and `geometry`."""
    return asked(exposure.measured, statuses).about


def hotspots(question: Question, step: Step = lambda *_progress: None) -> HotspotReport:
    """
    Answer a question about hotspots, as `app.answers.hotspots.report` does, its limits in the language spoken.

    `step` is told how far it is; of what was answered before nothing is told.
    """
    told = _STEP.set(step)
    try:
        return asked(_hotspots, question, i18n.current())
    finally:
        _STEP.reset(told)


def density_offer(question: Question) -> Offer:
    """Tell what picture of density can be drawn of what a question counts."""
    return asked(_density_offer, question)


def density_picture(question: Question, bandwidth_km: float) -> Picture:
    """Draw where what a question counts lies thick, as `app.answers.hotspots.kde` does."""
    return asked(_density_picture, question, bandwidth_km)


def timing(within_km: int) -> TimingReport:
    """Titles granted before and after attacks within a distance, as `app.answers.before_after` counts them."""
    return asked(_timing, within_km)


def by_year() -> pd.DataFrame:
    """Titles and attacks by year."""
    return asked(count_by_year)


def spots(years: tuple[int, int]) -> pd.DataFrame:
    """Where titles were granted and attacks happened in some years."""
    return asked(spots_of, years)


def watchable() -> dict[str, Watched]:
    """Communities and regions that can be watched, by key."""
    return asked(watchlist.watchable)


def _hotspots(con: Connection, question: Question, _language: str) -> HotspotReport:
    return hotspot_report(con, question, step=_STEP.get())


def _events(question: Question) -> Events:
    return asked(counted, question.of, question.since, question.until)


def _density_offer(_con: Connection, question: Question) -> Offer:
    return kde.offer(question, _events(question))


def _density_picture(_con: Connection, question: Question, bandwidth_km: float) -> Picture:
    return kde.picture(question, _events(question), bandwidth_km=bandwidth_km)


def _timing(con: Connection, within_km: int) -> TimingReport:
    return timing_report(con, km=within_km)


def _ranked(_con: Connection, statuses: tuple[str, ...], weights: tuple[tuple[str, float], ...]) -> ExposureReport:
    return asked(exposure.measured, statuses).ranked(dict(weights))


def _changed(con: Connection, since: str, until: str) -> ChangeReport:
    return register_changes.change_reports(con, since=since, until=until)[0]


def needs(question: Asked) -> Needs:
    """Where protection is missing, as `app.answers.protection.needs` compares it."""
    return asked(_needs, question, open_map.country())


def levels_of_need() -> list[str]:
    """What can be compared by the protection that it needs: regions by level, and communities."""
    return asked(levels_of_needs)


def _needs(con: Connection, question: Asked, country: str) -> Needs:
    if question.level == COMMUNITY:
        return compared_needs(con, question, exposed=asked(exposure.measured, exposure.IN_FORCE))
    return compared_needs(con, question, compared=asked(_regions_with_range, question.level, country))


def _regions_with_range(con: Connection, level: str, country: str) -> pd.DataFrame:
    return regions_of.compared(con, level, country=country, with_range=True)
