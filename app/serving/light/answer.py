"""
What the light page says of a place, in the order in which it is read.

The sentences are those of the page *Near me* (`app.answers.place.place_report`, and `area_text` for an area that was
asked for by name); here they are put in order, with the instruments that bind the state and whom to call.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from lindero.app.answers.changes.near_place import told_of
from lindero.app.answers.coverage import coverage, coverage_text
from lindero.app.answers.defaults import NEAR_KM
from lindero.app.answers.overlap.community import Land
from lindero.app.answers.overlap.named_area import AreaReport
from lindero.app.answers.place import area_text, near_incidents, place_report
from lindero.app.answers.place.area_text import Link, no_link
from lindero.app.answers.place.place_report import GROUND
from lindero.app.answers.place.spot import Spot
from lindero.app.current import cached_answers, cached_record, map_layers, open_map
from lindero.app.output import provenance
from lindero.app.record import consultation_text
from lindero.app.record.commitments import TREATIES, binds
from lindero.app.text import change_text, i18n
from lindero.app.text.commitment_names import gives, instrument
from lindero.app.text.countries import country_name
from lindero.app.text.dates import as_of, when
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, ngettext, number
from lindero.layers.model.parse_values import is_missing
from lindero.layers.model.schema import COMMUNITIES, INCIDENTS
from lindero.layers.reference import state_facts

KM = NEAR_KM
NEAREST = 3  # records of each kind that are listed beside those at the place itself
LISTED = 4  # rows of a layer on the place itself, the largest first, and attacks and conflicts, the nearest first
NEW = 3  # and so few of each list, for all to be printed on one sheet
CALLS = 4  # telephones that are shown before anything is unfolded
SHORT_NUMBER = 3  # digits
UNKNOWN = dict.fromkeys(("article", "office", "telephone", "telephone_source"), "")
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Protection:
    """One instrument that binds the state here: what it gives, and whom to call; empty where that is not known."""

    instrument: str
    article: str
    gives: str
    office: str
    telephone: str
    telephone_source: str  # which states no day; empty where it is the source of all
    source: str
    stated: str

    @property
    def is_emergency(self) -> bool:
        """Whether its telephone is a short number for emergencies."""
        return 0 < len(self.telephone) <= SHORT_NUMBER


@dataclass(frozen=True)
class Section:
    """A heading, the sentences under it, and a note; sentences may mark what is bold with two asterisks."""

    title: str
    lines: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class Answer:
    """All that is said of a place."""

    spot: Spot
    verdict: str
    besides: str  # holders, protected area, by which sources, and what the map cannot say
    message: str  # for one SMS
    sections: tuple[Section, ...]
    protections: tuple[Protection, ...]
    not_binding: str
    sources: tuple[str, ...]
    unknown: tuple[str, ...]
    answered_on: dt.date

    @property
    def calls(self) -> list[Protection]:
        """The offices to call first."""
        return [one for one in self.protections if one.telephone][:CALLS]


def answer_at(spot: Spot, *, today: dt.date, link: Link = no_link) -> Answer:
    """
    Answer for a position, or for an area that was asked for by name; `link` is as for `area_text.finding`.

    Raises
    ------
    NotBuiltError
        If there is no map.
    """
    found = map_layers.near(spot, within_km=KM)
    answers = map_layers.coverage_at(spot, found)
    near = {"incidents": _around(spot, "incidents")}
    if spot.area is None:
        report = None
        lands = {row["id"]: map_layers.land(row["id"]) for row in _rows(_here(found), "communities")}
        ground = place_report.ground(found, lands, answers)
        message = place_report.message(found, spot.name, lands, {**answers, **near})
    else:
        report = map_layers.area_report(spot.area)
        lands = {}
        ground = area_text.finding(report, answers, link=link)
        message = area_text.message(report, len(_rows(found, "incidents")), {**answers, **near})
    country = map_layers.country_at(spot.latitude, spot.longitude)
    return Answer(
        spot=spot,
        verdict=ground.finding,
        besides=ground.besides,
        message=message,
        sections=tuple(_sections(spot, found, lands, report, link)),
        protections=tuple(_protections(country)),
        not_binding=_not_binding(country),
        sources=tuple(_sources()),
        unknown=tuple(_unknown(spot, answers)),
        answered_on=today,
    )


def _sections(
    spot: Spot, found: Rows, lands: dict[str, Land], report: AreaReport | None, link: Link
) -> Iterator[Section]:
    here = _here(found) if report is None else map_layers.rows_on(report, found)
    yield Section(
        _("Whose concessions"),
        (*map(place_report.concession, here_of(here, "concessions")), *_more(here, "concessions")),
        _others(spot, found, "concessions"),
    )
    yield Section(
        _("Whose land"),
        (
            *(
                place_report.community(row, lands.get(row["id"]), map_layers.coverage_of_land(row["id"]))
                for row in here_of(here, "communities")
            ),
            *_more(here, "communities"),
            *map(place_report.protected_area, here_of(here, "protected_areas")),
            *_more(here, "protected_areas"),
        ),
        " ".join(filter(None, (_others(spot, found, layer) for layer in GROUND[1:]))),
    )
    if communities := here_of(here, "communities"):
        yield Section(_("Was the community asked?"), tuple(_consultations(communities)))
    yield Section(_("What is new within {km} km").format(km=KM), tuple(_changes(spot)), _changes_note())
    incidents = sorted(_rows(found, "incidents"), key=lambda row: (row["area_m"], row["id"]))
    near = _around(spot, "incidents")
    yield Section(
        _("Attacks and conflicts on record within {km} km").format(km=KM),
        (
            *filter(None, (near_incidents.summary(incidents, KM),)),
            *map(place_report.incident, incidents[:LISTED]),
            *(_link_to_all(text, spot, link) for text in _unlisted(len(incidents) - LISTED)),
        ),
        coverage_text.partly(near) if incidents else f"{coverage_text.none(near)} {place_report.not_proof()}",
    )


def _here(found: Rows) -> Rows:
    return [row for row in found if row["distance_m"] == 0]


def here_of(here: Rows, layer: str) -> Rows:
    """Return the first rows of a layer here, as many as are listed."""
    return _rows(here, layer)[:LISTED]


def _more(here: Rows, layer: str) -> list[str]:
    """Return in words how many rows of a layer here are not listed."""
    return _unlisted(len(_rows(here, layer)) - LISTED)


def _unlisted(more: int) -> list[str]:
    return [ngettext("{n} more", "{n} more", more).format(n=number(more))] if more > 0 else []


def _link_to_all(text: str, spot: Spot, link: Link) -> str:
    """Return a text as a link to the page that lists all incidents near: of the community, or of the whole map."""
    if spot.area is not None and spot.area.layer == COMMUNITIES.name:
        return link(text, COMMUNITIES.name, spot.area.ids[0])
    return link(text, INCIDENTS.name, "")


def _consultations(communities: Rows) -> Iterator[str]:
    """Say of each community here which consultations are on record, and what the rules ask for on its land."""
    rules: dict[str, None] = {}
    for row in communities:
        acts = cached_record.consultations_of(str(row["id"]))
        answer = map_layers.coverage_of_land(str(row["id"]), "consultations")
        is_told = answer.is_covered or acts["on_record"].any()
        sentence = consultation_text.on_record(acts) if is_told else coverage_text.none(answer)
        yield _("**{name}**: {told}").format(name=plain(str(row["name"])), told=sentence)
        rules |= dict.fromkeys(map_layers.asked_of(acts, str(row["id"])))
    yield from rules


def _rows(found: Rows, layer: str) -> Rows:
    return [row for row in found if row["layer"] == layer]


def _others(spot: Spot, found: Rows, layer: str) -> str:
    """Name the nearest of a layer round the place, with distance and direction, or say that there is none at all."""
    rows = _rows(found, layer)
    away = [row for row in rows if row["distance_m"]]  # an attack known by its district alone has no distance
    names = [place_report.at_distance(row) for row in away[:NEAREST]]
    if names:
        return _("Nearest: {names}.").format(names="; ".join(names))
    return "" if rows else _none(spot, layer)


def _none(spot: Spot, layer: str) -> str:
    """Say that nothing of a layer is on record round the place, or that the map cannot tell."""
    return coverage_text.none(_around(spot, layer))


def _around(spot: Spot, layer: str) -> coverage.LayerCoverage:
    return spot.coverage(map_layers.coverage(), layer, within_km=KM)


def _changes(spot: Spot) -> Iterator[str]:
    """Yield what the registers date in their last months, then what changed between their last two snapshots."""
    if cached_answers.dated().states_any:
        dated = cached_answers.dated_near(spot, within_km=KM)
        answer = _around(spot, "concessions")
        yield plain(dated.finding()) if len(dated.rows) or answer.is_covered else coverage_text.none(answer)
        for row in dated.rows.head(NEW).to_dict("records"):
            name = row["id"] if is_missing(row["name"]) else row["name"]
            yield _("**{name}**: {change}").format(name=plain(str(name)), change=plain(change_text.dated_line(row)))
        yield from _unlisted(len(dated.rows) - NEW)
    for report in cached_answers.changed_last():
        rows = cached_answers.changed_near(report, spot, within_km=KM)
        if rows.empty:
            answer = cached_answers.covered_near(report, spot, within_km=KM)
            yield coverage_text.unchanged(answer, {"km": KM, **told_of(report)})
            continue
        yield _("{title}, between {since} and {until}:").format(**told_of(report))
        table = change_text.table(rows)
        shown = table.head(NEW).to_dict("records")
        for row in shown:
            yield _("**{name}**: {change}").format(name=plain(str(row["name"])), change=change_text.line(row))
        if more := len(table) - len(shown):
            yield ngettext("{n} more change", "{n} more changes", more).format(n=number(more))


def _changes_note() -> str:
    if cached_answers.changed_last() or cached_answers.dated().states_any:
        return ""
    return _("Nothing can be told: of no register does the map hold two snapshots.")


def _protections(country: str) -> Iterator[Protection]:
    """Give what binds the state and is not superseded, or is an office of it rather than an instrument."""
    state = _states(country)
    for row in _facts(country):
        if str(row.instrument) in state and not binds(str(row.instrument), state[str(row.instrument)]):
            continue
        yield Protection(
            instrument=instrument(str(row.instrument)),
            article=str(row.article),
            gives=gives(str(row.gives)),
            office=str(row.office),
            telephone=str(row.telephone),
            telephone_source=str(row.telephone_source),
            source=str(row.source_url),
            stated=when(row.stated_on, row.date_precision),
        )


@cache
def _facts(country: str) -> tuple[Any, ...]:
    """Give the rows of what protects in a country, as the program brings them along: they stay as they are."""
    return tuple(state_facts.protections(country).fillna(UNKNOWN).itertuples())


def _not_binding(country: str) -> str:
    """Name the treaties that a state has signed, rejected or never joined: they give nothing to call upon."""
    names = [
        instrument(name) for name, state in _states(country).items() if name in TREATIES and not binds(name, state)
    ]
    if not names:
        return ""
    return _("Does not bind {state}: {names}.").format(state=country_name(country), names=i18n.listed(names))


def _states(country: str) -> dict[str, str]:
    if not country:
        return {}
    found = cached_record.commitments(country)
    return dict(zip(found["instrument"], found["state"], strict=True))


def _sources() -> Iterator[str]:
    for source in provenance.sources_of(map_layers.sources(), (*GROUND, "incidents")):
        yield f"{plain(source.title or source.source_id)}, {plain(source.publisher or '')}: {as_of(source.as_of)}"


def _unknown(spot: Spot, answers: Mapping[str, coverage.LayerCoverage]) -> Iterator[str]:
    if open_map.behind():
        yield _("The workspace has changed since this map was built: what is shown here is of the map before that.")
    yield from map_layers.registers().sentences()
    if gaps := coverage_text.no_data_text(answers.values()):
        yield gaps
    if met := map_layers.refused_near(spot, within_km=KM):
        yield _("These records were refused and are on no map, but may lie here or near ({km} km):").format(km=KM)
        yield from map(plain, met)
    yield _(
        "An overlap is a fact of geometry: it does not say whether a concession is lawful. A consultation that is not "
        "on record may have been held, or may not be asked for at this act."
    )
    yield _("Edges are as exact as their sources drew them: near an edge, ask for the register's own plan.")
