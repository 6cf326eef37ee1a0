"""The answer about a place on the current map. Its parts are cached by `app.media.pages.current.cache`."""

from collections.abc import Iterator, Sequence

from lindero.app.answers.answer import Answer, Section
from lindero.app.answers.changes.events import Event
from lindero.app.answers.changes.news_sections import ChangeNews, DatedNews, join_news_sections, news_sections
from lindero.app.answers.changes.register_changes import ChangeReport
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.place.place_answer import PlaceFacts, place_answer
from lindero.app.answers.place.place_report import AREA_LAYERS
from lindero.app.answers.place.spot import Spot
from lindero.app.answers.record import consultation_text
from lindero.app.media.pages.current import cached_answers, cached_record, map_layers
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _
from lindero.layers.model.schema import COMMUNITIES, INCIDENTS

_NEARBY_LAYERS = (*AREA_LAYERS, INCIDENTS.name)


def place_facts(spot: Spot, *, within_km: float) -> PlaceFacts:
    """Collect the facts that the current map has about a place and within a distance of it."""
    nearby_rows = map_layers.find_nearby(spot, within_km=within_km)
    report = None if spot.area is None else map_layers.area_report(spot.area)
    community_ids = [row["id"] for row in nearby_rows if row["layer"] == COMMUNITIES.name and row["distance_m"] == 0]
    return PlaceFacts(
        spot,
        within_km,
        nearby_rows,
        ground=map_layers.place_coverage(spot, nearby_rows),
        around=spot.coverages(map_layers.coverage(), _NEARBY_LAYERS, within_km=within_km),
        report=report,
        lands={} if report is not None else {id_: map_layers.measure_community_land(id_) for id_ in community_ids},
        land_coverage={id_: map_layers.coverage_of_land(id_) for id_ in community_ids},
        land_news=tuple(map(cached_answers.own_land_news, _own_communities(spot, community_ids))),
        is_invented=map_layers.has_invented_data(),
    )


def _own_communities(spot: Spot, at_place: Sequence[str]) -> Sequence[str]:
    """Return the communities of an area that was asked for by name, or those at a position."""
    if spot.area is None:
        return at_place
    return spot.area.ids if spot.area.layer == COMMUNITIES.name else ()


def news(spot: Spot, *, within_km: float) -> tuple[Section, ...]:
    """Return the sections about recent changes near a place."""
    dated = None
    if cached_answers.dated_report().has_any_dates:
        answer = spot.coverage(map_layers.coverage(), "concessions", within_km=within_km)
        report = cached_answers.nearby_dated_report(spot, within_km=within_km)
        events = cached_answers.dated_events()
        acts = [events[key] for key in zip(report.rows["id"], report.rows["act"], strict=True)]
        dated = DatedNews(report, acts, answer)
    changed = [
        ChangeNews(
            report,
            list(_iter_nearby_events(report, spot, within_km)),
            cached_answers.near_coverage(report, spot, within_km=within_km),
        )
        for report in cached_answers.latest_change_reports()
    ]
    return news_sections(dated, changed, within_km)


def _iter_nearby_events(report: ChangeReport, spot: Spot, within_km: float) -> Iterator[Event]:
    """Yield the events of a report within a distance of a place, the nearest first."""
    snapshots = (f"{snapshot.source_id}@{snapshot.snapshot_on}" for snapshot in (report.before, report.after))
    events = cached_answers.change_events(*snapshots)
    rows = cached_answers.changed_near(report, spot, within_km=within_km)
    ids = dict.fromkeys(rows["after_id"].where(rows["after_id"].notna(), rows["before_id"]))
    yield from (events[id_] for id_ in ids if id_ in events)


def full_answer(facts: PlaceFacts, *, most: int, most_new: int) -> Answer:
    """Return the full answer about a place: up to `most` rows of each layer and `most_new` changes of each register."""
    lines = tuple(_consultation_lines(facts, most))
    consultation_sections = [Section("asked", _("Was the community consulted?"), lines=lines)] if lines else []
    sections = (*facts.land_news, *news(facts.spot, within_km=facts.within_km))
    new = join_news_sections(sections, facts.within_km, most_new)
    return place_answer(facts, most=most, more=[*consultation_sections, new])


def _consultation_lines(facts: PlaceFacts, most: int) -> Iterator[str]:
    """Yield the consultations on record of each community here, and the acts that rules require on its land."""
    rules: dict[str, None] = {}
    for row in facts.filter_at_place(COMMUNITIES.name)[:most]:
        acts = cached_record.community_consultations(str(row["id"]))
        answer = map_layers.coverage_of_land(str(row["id"]), "consultations")
        is_told = answer.is_covered or acts["on_record"].any()
        sentence = consultation_text.consultations_text(acts) if is_told else coverage_text.none_found_text(answer)
        yield _("**{name}**: {told}").format(name=escape_markdown(str(row["name"])), told=sentence)
        rules |= dict.fromkeys(map_layers.read_rules_of_land(acts, str(row["id"])))
    yield from rules
