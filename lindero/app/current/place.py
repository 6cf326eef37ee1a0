"""The answer about a place on the current map: what is asked of it is kept as `app.current.cache` says."""

from collections.abc import Iterator

from lindero.app.answers.answer import Answer, Section
from lindero.app.answers.changes.news_sections import Changed, Dated, in_lines, news_sections
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.place.place_answer import PlaceFacts, place_answer
from lindero.app.answers.place.place_report import GROUND
from lindero.app.answers.place.spot import Spot
from lindero.app.current import cached_answers, cached_record, map_layers
from lindero.app.record import consultation_text
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _
from lindero.layers.model.schema import COMMUNITIES, INCIDENTS

_AROUND = (*GROUND, INCIDENTS.name)


def place_facts(spot: Spot, *, within_km: float) -> PlaceFacts:
    """Gather what the current map knows of a place and what is within a distance of it."""
    found = map_layers.near(spot, within_km=within_km)
    report = None if spot.area is None else map_layers.area_report(spot.area)
    here = [row["id"] for row in found if row["layer"] == COMMUNITIES.name and row["distance_m"] == 0]
    return PlaceFacts(
        spot,
        within_km,
        found,
        ground=map_layers.coverage_at(spot, found),
        around={layer: spot.coverage(map_layers.coverage(), layer, within_km=within_km) for layer in _AROUND},
        report=report,
        lands={} if report is not None else {id_: map_layers.land(id_) for id_ in here},
        land_coverage={id_: map_layers.coverage_of_land(id_) for id_ in here},
    )


def news(spot: Spot, *, within_km: float) -> tuple[Section, ...]:
    """Return what is new near a place, as `app.answers.changes.news_sections` composes it."""
    dated = None
    if cached_answers.dated().states_any:
        answer = spot.coverage(map_layers.coverage(), "concessions", within_km=within_km)
        dated = Dated(cached_answers.dated_near(spot, within_km=within_km), answer)
    changed = [
        Changed(
            report,
            cached_answers.changed_near(report, spot, within_km=within_km),
            cached_answers.covered_near(report, spot, within_km=within_km),
        )
        for report in cached_answers.changed_last()
    ]
    return news_sections(dated, changed, within_km)


def whole_answer(spot: Spot, *, within_km: float, most: int, most_new: int) -> Answer:
    """Answer about a place in full: `most` rows of each layer, and `most_new` of each register's changes."""
    facts = place_facts(spot, within_km=within_km)
    lines = tuple(_asked(facts, most))
    asked = [Section("asked", _("Was the community asked?"), lines=lines)] if lines else []
    new = in_lines(news(spot, within_km=within_km), within_km, most_new)
    return place_answer(facts, most=most, more=[*asked, new])


def _asked(facts: PlaceFacts, most: int) -> Iterator[str]:
    """Yield the consultations on record of each community here, and what the rules ask for on its land."""
    rules: dict[str, None] = {}
    for row in facts.here(COMMUNITIES.name)[:most]:
        acts = cached_record.consultations_of(str(row["id"]))
        answer = map_layers.coverage_of_land(str(row["id"]), "consultations")
        is_told = answer.is_covered or acts["on_record"].any()
        sentence = consultation_text.on_record(acts) if is_told else coverage_text.none(answer)
        yield _("**{name}**: {told}").format(name=plain(str(row["name"])), told=sentence)
        rules |= dict.fromkeys(map_layers.asked_of(acts, str(row["id"])))
    yield from rules
