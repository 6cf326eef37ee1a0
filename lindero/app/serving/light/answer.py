"""Content of the light page, in reading order.

The answer is that of the page *Near me* (`app.media.pages.current.place`). The light page adds the limits of the
answer, the instruments that bind the state, and telephone numbers.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from lindero.app.answers.answer import Answer, Section
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.defaults import NEAR_KM
from lindero.app.answers.place.place_answer import PlaceFacts
from lindero.app.answers.place.place_report import AREA_LAYERS
from lindero.app.answers.place.spot import Spot
from lindero.app.answers.record.commitments import TREATIES, is_binding
from lindero.app.media.pages.current import cached_record, map_layers, open_map, place
from lindero.app.text import i18n
from lindero.app.text.countries import country_name
from lindero.app.text.dates import format_partial_date, reference_date_text
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _
from lindero.app.text.pack_texts import translate_pack_text
from lindero.layers.reference import state_facts

KM = NEAR_KM
MAX_ROWS = 4  # rows listed per layer: at the place itself, largest first; attacks and conflicts, nearest first
NEW = 3  # few rows of each list, so that all fit on one sheet
MAX_TELEPHONES = 4  # telephone numbers shown before anything is unfolded
SHORT_NUMBER = 3  # digits, at most, of an emergency number
UNKNOWN = dict.fromkeys(("article", "office", "telephone", "telephone_source"), "")


@dataclass(frozen=True)
class Protection:
    """One instrument that binds the state here: its benefit, and the office to call; empty where unknown."""

    instrument: str
    article: str
    gives: str
    office: str
    telephone: str
    telephone_source: str  # a source without a date; empty if `source` has the number, too
    source: str
    stated: str

    @property
    def is_emergency(self) -> bool:
        """Whether its telephone is a short emergency number."""
        return 0 < len(self.telephone) <= SHORT_NUMBER


@dataclass(frozen=True)
class LightAnswer:
    """The answer for a place, with the instruments that bind the state and the offices to call."""

    spot: Spot
    answer: Answer
    protections: tuple[Protection, ...]
    not_binding: str
    answered_on: dt.date

    @property
    def calls(self) -> list[Protection]:
        """The offices to call first."""
        return [protection for protection in self.protections if protection.telephone][:MAX_TELEPHONES]


def answer_place(spot: Spot, *, today: dt.date) -> LightAnswer:
    """Answer for a position, or for an area that was requested by name."""
    facts = place.place_facts(spot, within_km=KM)
    place_answer = place.full_answer(facts, most=MAX_ROWS, most_new=NEW)
    country = map_layers.find_country_at_point(spot.latitude, spot.longitude)
    return LightAnswer(
        spot=spot,
        answer=replace(place_answer, sections=(*place_answer.sections, _limits_section(facts))),
        protections=tuple(_iter_protections(country)),
        not_binding=_not_binding_text(country),
        answered_on=today,
    )


def _iter_protections(country: str) -> Iterator[Protection]:
    """Yield the protections of a country, except instruments that do not bind the state. Offices are included."""
    state = _instrument_states(country)
    for row in _load_protections(country):
        if str(row.instrument) in state and not is_binding(str(row.instrument), state[str(row.instrument)]):
            continue
        yield Protection(
            instrument=translate_pack_text(str(row.instrument)),
            article=str(row.article),
            gives=translate_pack_text(str(row.gives)),
            office=str(row.office),
            telephone=str(row.telephone),
            telephone_source=str(row.telephone_source),
            source=str(row.source_url),
            stated=format_partial_date(row.stated_on, row.date_precision),
        )


@cache
def _load_protections(country: str) -> tuple[Any, ...]:
    """Return the bundled rows of protections of a country."""
    return tuple(state_facts.load_protections(country).fillna(UNKNOWN).itertuples())


def _not_binding_text(country: str) -> str:
    """Return a sentence with the treaties that do not bind a state: only signed, rejected or never joined."""
    names = [
        translate_pack_text(name)
        for name, state in _instrument_states(country).items()
        if name in TREATIES and not is_binding(name, state)
    ]
    if not names:
        return ""
    return _("Does not bind {state}: {names}.").format(state=country_name(country), names=i18n.join_texts(names))


def _instrument_states(country: str) -> dict[str, str]:
    if not country:
        return {}
    table = cached_record.commitments(country, "").standing
    return dict(zip(table["instrument"], table["state"], strict=True))


def _limits_section(facts: PlaceFacts) -> Section:
    """Return the section about the certainty, age and sources of the answer, and about missing data."""
    sources = [
        f"{escape_markdown(source.title or source.source_id)}, {escape_markdown(source.publisher or '')}: "
        f"{reference_date_text(source.as_of)}."
        for source in map_layers.cite_sources((*AREA_LAYERS, "incidents"))
    ]
    title = _("How sure, how old, and what is not known")
    return Section("limits", title, lines=tuple(_iter_limits(facts)), note=" ".join(sources))


def _iter_limits(facts: PlaceFacts) -> Iterator[str]:
    if open_map.is_behind():
        yield _("The workspace has changed since this map was built. You see the map from before the change.")
    yield from map_layers.registers().sentences()
    if gaps := coverage_text.no_data_text(facts.ground.values()):
        yield gaps
    if refused := map_layers.list_refused_nearby(facts.spot, within_km=KM):
        yield _("These records were rejected and are not on the map, but may be here or near ({km} km):").format(km=KM)
        yield from map(escape_markdown, refused)
    yield _(
        "An overlap is a fact of geometry: it does not say whether a concession is lawful. A "
        "consultation that is not recorded may have been held, or the rules may not ask for one at this "
        "act."
    )
    yield _(
        "Boundaries are only as exact as their sources drew them. Near a boundary, ask for the register's own plan."
    )
