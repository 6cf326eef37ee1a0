"""What analysts ask of the current map: changes, exposure, hotspots, time; kept as `app.current.kept` says."""

import geopandas as gpd
import pandas as pd

from app.analysis import changes, density, exposure, watch
from app.analysis.asked import Question
from app.analysis.changes import ChangeReport, Register
from app.analysis.changes_near import changed_near as near_point
from app.analysis.counting import Events, counted
from app.analysis.density import Offer, Picture
from app.analysis.exposure import ExposureReport
from app.analysis.hotspots import HotspotReport, hotspot_report
from app.analysis.timing import TimingReport, timing_report
from app.analysis.timing import by_year as count_by_year
from app.analysis.timing import spots as spots_of
from app.analysis.watch import Watched
from app.current import served
from app.current.kept import asked
from app.wording import i18n
from layers.store import Connection


def registers() -> list[Register]:
    """Sources whose records can be recognised from one snapshot to another, with their snapshots."""
    return asked(changes.registers)


def changed(since: str, until: str) -> ChangeReport:
    """Hold two snapshots (`ID@YYYY-MM-DD`) of a register against each other."""
    return asked(_changed, since, until)


def changed_near(report: ChangeReport, *, lat: float, lon: float, within_km: float) -> pd.DataFrame:
    """Keep of a report's rows those near a point, as `app.analysis.changes_near` does; kept nowhere."""
    return near_point(served.current().cursor(), report, lat=lat, lon=lon, within_km=within_km, often=True)


def successive() -> list[ChangeReport]:
    """Hold every snapshot of every register against the one before it, the latest first."""
    return asked(changes.successive)


def exposed(statuses: tuple[str, ...], weights: tuple[tuple[str, float], ...]) -> ExposureReport:
    """Rank the communities by their exposure to titles of some statuses, by pairs of indicator and weight."""
    return asked(_ranked, statuses, weights)


def lands(statuses: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Communities by id, with `name`, `recognition` and `geometry`."""
    return asked(exposure.measured, statuses).about


def hotspots(question: Question) -> HotspotReport:
    """Answer a question about hotspots, as `app.analysis.hotspots` does, with limits said in the language spoken."""
    return asked(_hotspots, question, i18n.current())


def density_offer(question: Question) -> Offer:
    """Tell what picture of density can be drawn of what a question counts."""
    return asked(_density_offer, question)


def density_picture(question: Question, bandwidth_km: float) -> Picture:
    """Draw where what a question counts lies thick, as `app.analysis.density` does."""
    return asked(_density_picture, question, bandwidth_km)


def timing(within_km: int) -> TimingReport:
    """Titles granted before and after attacks within a distance, as `app.analysis.timing` counts them."""
    return asked(_timing, within_km)


def by_year() -> pd.DataFrame:
    """Titles and attacks by year."""
    return asked(count_by_year)


def spots(years: tuple[int, int]) -> pd.DataFrame:
    """Where titles were granted and attacks happened in some years."""
    return asked(spots_of, years)


def watchable() -> dict[str, Watched]:
    """Communities and regions that can be watched, by key."""
    return asked(watch.watchable)


def _hotspots(con: Connection, question: Question, _language: str) -> HotspotReport:
    return hotspot_report(con, question)


def _events(question: Question) -> Events:
    return asked(counted, question.of, question.since, question.until)


def _density_offer(_con: Connection, question: Question) -> Offer:
    return density.offer(question, _events(question))


def _density_picture(_con: Connection, question: Question, bandwidth_km: float) -> Picture:
    return density.picture(question, _events(question), bandwidth_km=bandwidth_km)


def _timing(con: Connection, within_km: int) -> TimingReport:
    return timing_report(con, km=within_km)


def _ranked(_con: Connection, statuses: tuple[str, ...], weights: tuple[tuple[str, float], ...]) -> ExposureReport:
    return asked(exposure.measured, statuses).ranked(dict(weights))


def _changed(con: Connection, since: str, until: str) -> ChangeReport:
    return changes.change_reports(con, since=since, until=until)[0]
