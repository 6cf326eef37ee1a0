"""Every kind of answer about a map, with what it is about, for tests that read all that is said."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import shapely

from lindero.app.answers.answer import Answer, Section
from lindero.app.answers.attacks import attacks_answer
from lindero.app.answers.before_after import count_by_year, timing_report
from lindero.app.answers.case import case_answer
from lindero.app.answers.changes import watchlist
from lindero.app.answers.changes.changes_answer import changes_answer, dated_section
from lindero.app.answers.changes.register_changes import change_reports
from lindero.app.answers.changes.register_dates import dated_report
from lindero.app.answers.commitments import CommitmentFacts, commitments_answer
from lindero.app.answers.coverage import source_report
from lindero.app.answers.coverage.coverage import read_coverage
from lindero.app.answers.coverage.sources_answer import sources_answer
from lindero.app.answers.declared_answers import DECLARED
from lindero.app.answers.hotspots.choices import CountedQuantity, PlaceKind
from lindero.app.answers.hotspots.hotspots_answer import hotspots_answer
from lindero.app.answers.hotspots.question import Question
from lindero.app.answers.hotspots.report import hotspot_report
from lindero.app.answers.overlap.attacked_lands import attacked_lands
from lindero.app.answers.overlap.overlaps import overlap_report
from lindero.app.answers.overlap.overlaps_answer import overlaps_answer
from lindero.app.answers.overlap.row_selection import Side
from lindero.app.answers.place.place_answer import near_section, place_answer
from lindero.app.answers.place.spot import Spot, find_community_spot
from lindero.app.answers.profile.community import CommunityFacts, community_answer
from lindero.app.answers.profile.holder import HolderFacts, find_holder, holder_answer
from lindero.app.answers.profile.region import find_region, region_answer
from lindero.app.answers.protection.need_answer import need_answer
from lindero.app.answers.protection.needs import NeedsQuestion, compare_needs
from lindero.app.answers.ranking.exposure import measure_exposure
from lindero.app.answers.ranking.exposure_answer import community_sections, exposure_answer
from lindero.app.answers.record.incidents import read_record
from lindero.app.answers.record.periods import find_periods
from lindero.app.answers.time_answer import time_answer
from lindero.app.media.pages.current import cached_record, place
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS

KM = 25
TODAY = dt.date(2026, 1, 1)


@dataclass(frozen=True)
class Asked:
    """A question about a map: its name, and the ground and the region that it is about, if it is about any."""

    name: str
    ask: Callable[[], Answer]
    ground: shapely.Geometry | None = None
    region: str = ""


def list_questions(
    con: Connection, land: str, *, holder: str = "", region: str = "PE-CAJ", since: str = "2025-01-01"
) -> Iterator[Asked]:
    """Yield a question of every kind about the current map, which `con` reads."""
    spot = find_community_spot(con, land)
    shape = map_database.read_layer(con, COMMUNITIES, where={"id": [land]}).geometry.iloc[0]
    here = shapely.Point(spot.longitude, spot.latitude)
    yield Asked("position", lambda: at_place(Spot("Here", here.y, here.x)), here)
    yield Asked("area", lambda: at_place(spot), shape)
    yield Asked("community", lambda: community_answer(CommunityFacts.from_map(con, land)), shape)
    if holder:
        titles = map_database.read_layer(con, CONCESSIONS, where={"holder": [holder]}).union_all()
        yield Asked("holder", lambda: holder_answer(HolderFacts.from_map(con, find_holder(con, holder))), titles)
    yield Asked("region", lambda: region_answer(con, *find_region(con, region)), region=region)
    yield Asked("attacks", lambda: of_attacks(con))
    if con.execute("SELECT 1 FROM case_steps LIMIT 1").fetchone():
        yield Asked("case", lambda: one_case(con))
    yield Asked("commitments", lambda: of_commitments(con))
    yield Asked("needs", lambda: need_answer(compare_needs(con, NeedsQuestion(), country="PE"), country="PE"))
    yield Asked("holders", lambda: of_attacked_lands(con))
    yield Asked("hotspots", lambda: of_hotspots(con))
    watched = [f"region/{region}", f"community/{land}"]
    yield Asked("changes", lambda: of_changes(con, since, watched))
    yield Asked("dated", lambda: Answer("New", sections=(dated_section(con, dated_report(con)),)))
    yield Asked("sources", lambda: sources_answer(*of_sources(con)))
    yield Asked("time", lambda: at_time(con))
    yield Asked("exposure", lambda: of_exposure(con, land))
    for declared in DECLARED.values():
        yield Asked(declared.name, lambda declared=declared: declared.ask(con, {}))
    yield Asked("overlaps", lambda: overlaps_answer(overlap_report(con, Side(CONCESSIONS), Side(COMMUNITIES))))


def at_place(spot):
    facts = place.place_facts(spot, within_km=KM)
    more = [near_section(facts), *place.news(spot, within_km=KM)]
    return place_answer(facts, most=1000, more=more)


def of_exposure(con, land):
    report = measure_exposure(con).rank_communities()
    answer = exposure_answer(report)
    own = community_sections(report, land) if land in set(report.rows["id"]) else ()
    return replace(answer, sections=(*answer.sections, *own))


def of_commitments(con):
    return commitments_answer(CommitmentFacts.read(con, "PE"), "Peru", cached_record.compare_commitments())


def of_attacked_lands(con):
    found = attacked_lands(con)
    return Answer("Holders", sections=(Section("finding", finding=found.finding(), lines=tuple(found.list_limits())),))


def of_hotspots(con):
    return hotspots_answer(hotspot_report(con, Question(CountedQuantity.OVERLAP_HA, PlaceKind.COMMUNITIES)))


def of_changes(con, since, watched):
    return changes_answer(con, change_reports(con, since=since), watchlist.find_watched_places(con, watched))


def of_attacks(con):
    record = read_record(con)
    asked = {"mask_unknown": cached_record.mask_unknown_counts, "periods": cached_record.periods(), "today": TODAY}
    return attacks_answer(record.filter_country("PE"), record, read_coverage(con), country="PE", **asked)


def one_case(con):
    record = read_record(con)
    has_steps = record.protection_measures["incident_id"].isin(record.case_steps["incident_id"])
    case = record.filter(record.protection_measures.loc[has_steps, "incident_id"].head(1))
    return case_answer(case, read_coverage(con), today=TODAY)


def at_time(con):
    told = {"country": "PE", "covered": read_coverage(con), "periods": find_periods(con)}
    return time_answer(count_by_year(con), (2015, 2026), timing_report(con, draws=20), **told)


def of_sources(con):
    return (
        map_database.read_sources(con),
        read_coverage(con),
        source_report.count_row_outcomes(con),
        map_queries.count_unknown(con),
    )
