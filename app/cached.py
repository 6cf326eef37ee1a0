"""
What the pages show, read from the current map and kept for as long as it is the current one.

What is kept is shared by all readers: nothing that tells where somebody looked is kept, and no page changes a frame.
"""

from collections.abc import Callable, Hashable, Iterable
from functools import lru_cache
from typing import TypeVar

import geopandas as gpd
import pandas as pd

from app import changes, exposure, i18n, laid, report, served, watch
from app import commitments as promised
from app import regions as regions_of
from app.answers import nearby
from app.asked import Question
from app.changes import ChangeReport, Register
from app.exposure import ExposureReport
from app.holders import Holder, across_spellings, by_spelling
from app.hotspots import HotspotReport, hotspot_report
from app.land import Land, holders_of, land_of
from app.land import attacks_near as near_land
from app.measures import by_region as measures_by_region
from app.record import Record, record_of
from app.regions import DEPARTMENT
from app.selection import Feature, Filterable
from app.timing import TimingReport, timing_report
from app.timing import by_year as count_by_year
from app.timing import spots as spots_of
from app.watch import Watched
from geo import Totals
from layers import limits, questions, store
from layers.drawn import drawn as drawn_layer
from layers.drawn import statuses as drawn_statuses
from layers.drawn import years as drawn_years
from layers.errors import NotBuiltError
from layers.gazetteer import Place, find
from layers.schema import LAYERS
from layers.store import Bounds, Connection, Source

_KEPT = 64
Answer = TypeVar("Answer")
_ABOUT = (
    "name",
    "holder",
    "kind",
    "substance",
    "status",
    "applied_on",
    "granted_on",
    "area_ha",
    "people",
    "type",
    "designation",
    "zone",
    "title",
    "occurred_on",
    "date_precision",
    "location_precision",
)


def version() -> str:
    """Name of the current map."""
    return served.current().version


def version_or_none() -> str | None:
    """Name of the current map, or None while there is none."""
    try:
        return version()
    except NotBuiltError:
        return None


def counts() -> dict[str, int]:
    """Number of features of every layer that the map draws."""
    return _asked(questions.counts)


def classes() -> list[str]:
    """Codes of what there is to be seen on the map: layers, and for concessions their kinds, most frequent first."""
    kinds = _asked(questions.kinds)
    return [*kinds, *(name for name, count in counts().items() if count and name != "concessions")]


def filterable() -> Filterable:
    """Tell what the map's own filter can offer: states of concessions, and years."""
    return _asked(_filterable)


def drawn(features: Iterable[Feature]) -> pd.DataFrame:
    """Say of features what the map knows of them, as `layers.drawn.drawn` does, with their `layer`; kept nowhere."""
    ids: dict[str, list[str]] = {}
    for layer, feature_id in features:
        ids.setdefault(layer, []).append(feature_id)
    con = served.current().cursor()
    found = [drawn_layer(con, layer, some).assign(layer=layer) for layer, some in ids.items()]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["layer", "id"])


def extent() -> Bounds | None:
    """West, south, east and north of everything on the map, in degrees."""
    return _asked(questions.extent)


def invented() -> bool:
    """Tell whether anything on the map is invented."""
    return _asked(questions.invented)


def private() -> bool:
    """Tell whether what the vault holds is shown, too."""
    return served.current().is_private


def sources() -> list[Source]:
    """Every snapshot of every source, with publisher, licence and what became of its rows."""
    return _asked(store.read_sources)


def account() -> pd.DataFrame:
    """What happened to rows of every source and why, as `app.report.account` counts it."""
    return _asked(report.account)


def unknown() -> dict[str, int]:
    """Count what the map does not know, as `layers.limits.unknown` does."""
    return _asked(limits.unknown)


def publishers() -> str:
    """Who published what is on the map, in one line."""
    return ", ".join(dict.fromkeys(source.publisher for source in sources() if source.is_current and source.publisher))


def pairs(left: str, right: str) -> pd.DataFrame:
    """Overlaps of any two layers of areas, largest first, as `app.laid.laid` gives them."""
    return _asked(laid.laid, left, right)


def layable() -> list[str]:
    """Layers of areas that hold anything."""
    return _asked(laid.layable)


def totals(left: str, right: str, chosen: tuple[tuple[str, str], ...]) -> Totals:
    """Add up some pairs of two layers, by their ids: gross, and the ground that they cover counted once."""
    return _asked(_totals, left, right, chosen)


def shared_ground(left: str, right: str, chosen: pd.DataFrame) -> gpd.GeoDataFrame:
    """Draw the ground that pairs of two layers share; kept nowhere."""
    return laid.drawn(served.current().cursor(), left, right, chosen)


def land(community_id: str) -> Land:
    """Measure the titles on one community's land; kept nowhere, for it tells where somebody looked."""
    return land_of(served.current().cursor(), community_id, pairs("concessions", "communities"))


def holders_on(community_id: str) -> pd.DataFrame:
    """Rank the holders of titles on one community's land, across their spellings; kept nowhere."""
    names = by_spelling(holders())
    return holders_of(served.current().cursor(), community_id, pairs("concessions", "communities"), names)


def attacks_near(community_id: str, *, within_km: float) -> pd.DataFrame:
    """Attacks on record near one community's land, nearest first; kept nowhere."""
    return near_land(served.current().cursor(), community_id, within_km=within_km)


def communities() -> pd.DataFrame:
    """Communities by name, as `layers.questions.communities` gives them."""
    return _asked(questions.communities)


def consultations(community_id: str) -> pd.DataFrame:
    """Consultations of a community, as `layers.questions.consultations` gives them."""
    return _asked(questions.consultations, community_id)


def holders() -> list[Holder]:
    """Holders of concessions across their spellings, the one with most concessions first."""
    return _asked(_holders)


def titles(spellings: tuple[str, ...]) -> pd.DataFrame:
    """Concessions held under any of these spellings, largest first."""
    return _asked(questions.titles, spellings)


def levels() -> list[str]:
    """Levels at which the map can be browsed: `department`, and `province` where the workspace has them."""
    return _asked(regions_of.levels)


def regions(level: str = DEPARTMENT) -> pd.DataFrame:
    """Regions compared, as `app.regions.compared` gives them."""
    return _asked(regions_of.compared, level)


def shapes_of_regions(level: str, regions: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Draw regions, as `app.regions.shapes` does."""
    return _asked(regions_of.shapes, level, regions)


def communities_in(level: str, region: str) -> pd.DataFrame:
    """Communities of a region, as `app.regions.communities_in` gives them."""
    return _asked(regions_of.communities_in, level, region)


def country_at(lat: float, lon: float) -> str:
    """Country in which a place lies, as `app.regions.country_at` gives it; kept nowhere."""
    return regions_of.country_at(lat, lon)


def record() -> Record:
    """Give the incidents of all sources with their acts, people attacked, steps and measures."""
    return _asked(record_of)


def commitments(country: str, region: str = "") -> pd.DataFrame:
    """
    Commitments of a country and what happened since, in it or in one region: `app.commitments.with_what_happened`.

    `country` is ISO 3166-1 alpha-2, `region` ISO 3166-2.
    """
    return _asked(_commitments, country, region)


def measures() -> pd.DataFrame:
    """Protection measures by region, as `app.measures.by_region` gives them."""
    return measures_by_region(record())


def registers() -> list[Register]:
    """Sources whose records can be recognised from one snapshot to another, with their snapshots."""
    return _asked(changes.registers)


def changed(since: str, until: str) -> ChangeReport:
    """Hold two snapshots (`ID@YYYY-MM-DD`) of a register against each other."""
    return _asked(_changed, since, until)


def successive() -> list[ChangeReport]:
    """Hold every snapshot of every register against the one before it, the latest first."""
    return _asked(changes.successive)


def exposed(statuses: tuple[str, ...], weights: tuple[tuple[str, float], ...]) -> ExposureReport:
    """Rank the communities by their exposure to titles of some statuses, by pairs of indicator and weight."""
    return _asked(_ranked, statuses, weights)


def lands(statuses: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Communities by id, with `name`, `recognition` and `geometry`."""
    return _asked(exposure.measured, statuses).about


def hotspots(question: Question) -> HotspotReport:
    """Answer a question about hotspots, as `app.hotspots` does, with limits said in the language spoken."""
    return _asked(_hotspots, question, i18n.current())


def timing(within_km: int) -> TimingReport:
    """Titles granted before and after attacks within a distance, as `app.timing` counts them."""
    return _asked(_timing, within_km)


def by_year() -> pd.DataFrame:
    """Titles and attacks by year."""
    return _asked(count_by_year)


def spots(years: tuple[int, int]) -> pd.DataFrame:
    """Where titles were granted and attacks happened in some years."""
    return _asked(spots_of, years)


def watchable() -> dict[str, Watched]:
    """Communities and regions that can be watched, by key."""
    return _asked(watch.watchable)


def places(text: str) -> list[Place]:
    """Places that a name may mean, best first, of the whole gazetteer."""
    return find(text)


def near(lat: float, lon: float, *, within_km: float) -> pd.DataFrame:
    """
    List what lies within a distance of a point, nearest first; asked anew every time, and kept nowhere.

    Columns: `layer`, `id`, `distance_m` (0 inside), `direction`, and of each what `_ABOUT` names.
    """
    layers = [LAYERS[name] for name in questions.SHOWN]
    return nearby(served.current().cursor(), lat=lat, lon=lon, within_km=within_km, layers=layers, about=_ABOUT)


def _asked(question: Callable[..., Answer], *about: Hashable) -> Answer:
    answer: Answer = _kept(version(), question, *about)  # type: ignore[assignment]  # what the question gives
    return answer


@lru_cache(maxsize=_KEPT)
def _kept(_version: str, question: Callable[..., object], *about: Hashable) -> object:
    return question(served.current().cursor(), *about)


def _hotspots(con: Connection, question: Question, _language: str) -> HotspotReport:
    return hotspot_report(con, question)


def _timing(con: Connection, within_km: int) -> TimingReport:
    return timing_report(con, km=within_km)


def _ranked(_con: Connection, statuses: tuple[str, ...], weights: tuple[tuple[str, float], ...]) -> ExposureReport:
    return _asked(exposure.measured, statuses).ranked(dict(weights))


def _changed(con: Connection, since: str, until: str) -> ChangeReport:
    return changes.change_reports(con, since=since, until=until)[0]


def _filterable(con: Connection) -> Filterable:
    return Filterable(tuple(drawn_statuses(con)), drawn_years(con))


def _holders(con: Connection) -> list[Holder]:
    return across_spellings(questions.holders(con))


def _commitments(con: Connection, country: str, region: str) -> pd.DataFrame:
    standing = promised.standing(promised.facts(con), country)
    return promised.with_what_happened(standing, record(), country=country, region=region)


def _totals(con: Connection, left: str, right: str, chosen: tuple[tuple[str, str], ...]) -> Totals:
    every = pairs(left, right)
    some = every[pd.MultiIndex.from_frame(every[["left_id", "right_id"]]).isin(chosen)]
    return laid.sums(con, left, right, some)
