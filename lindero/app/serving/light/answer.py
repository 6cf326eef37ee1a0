"""
What the light page says of a place, in the order in which it is read.

The answer is that of the page *Near me* (`app.current.place`); here come with it how sure it is, the instruments that
bind the state, and whom to call.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from lindero.app.answers.answer import Answer, Section
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.defaults import NEAR_KM
from lindero.app.answers.place.place_report import GROUND
from lindero.app.answers.place.spot import Spot
from lindero.app.current import cached_record, map_layers, open_map, place
from lindero.app.output import provenance
from lindero.app.record.commitments import TREATIES, binds
from lindero.app.text import i18n
from lindero.app.text.commitment_names import gives, instrument
from lindero.app.text.countries import country_name
from lindero.app.text.dates import as_of, when
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _
from lindero.layers.reference import state_facts

KM = NEAR_KM
LISTED = 4  # rows of a layer on the place itself, the largest first, and attacks and conflicts, the nearest first
NEW = 3  # and so few of each list, for all to be printed on one sheet
CALLS = 4  # telephones that are shown before anything is unfolded
SHORT_NUMBER = 3  # digits
UNKNOWN = dict.fromkeys(("article", "office", "telephone", "telephone_source"), "")


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
class LightAnswer:
    """The answer about the place, with what binds the state and whom to call."""

    spot: Spot
    told: Answer
    protections: tuple[Protection, ...]
    not_binding: str
    answered_on: dt.date

    @property
    def calls(self) -> list[Protection]:
        """The offices to call first."""
        return [one for one in self.protections if one.telephone][:CALLS]


def answer_at(spot: Spot, *, today: dt.date) -> LightAnswer:
    """
    Answer for a position, or for an area that was asked for by name.

    Raises
    ------
    NotBuiltError
        If there is no map.
    """
    told = place.whole_answer(spot, within_km=KM, most=LISTED, most_new=NEW)
    country = map_layers.country_at(spot.latitude, spot.longitude)
    return LightAnswer(
        spot=spot,
        told=replace(told, sections=(*told.sections, _limits(spot))),
        protections=tuple(_protections(country)),
        not_binding=_not_binding(country),
        answered_on=today,
    )


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
    found = cached_record.commitments(country, "").standing
    return dict(zip(found["instrument"], found["state"], strict=True))


def _limits(spot: Spot) -> Section:
    """Return how sure and how old the answer is, what is not known, and by which sources."""
    sources = [
        f"{plain(source.title or source.source_id)}, {plain(source.publisher or '')}: {as_of(source.as_of)}."
        for source in provenance.sources_of(map_layers.sources(), (*GROUND, "incidents"))
    ]
    title = _("How sure, how old, and what is not known")
    return Section("limits", title, lines=tuple(_unknown(spot)), note=" ".join(sources))


def _unknown(spot: Spot) -> Iterator[str]:
    if open_map.behind():
        yield _("The workspace has changed since this map was built: what is shown here is of the map before that.")
    yield from map_layers.registers().sentences()
    found = map_layers.near(spot, within_km=KM)
    if gaps := coverage_text.no_data_text(map_layers.coverage_at(spot, found).values()):
        yield gaps
    if met := map_layers.refused_near(spot, within_km=KM):
        yield _("These records were refused and are on no map, but may lie here or near ({km} km):").format(km=KM)
        yield from map(plain, met)
    yield _(
        "An overlap is a fact of geometry: it does not say whether a concession is lawful. A consultation that is not "
        "on record may have been held, or may not be asked for at this act."
    )
    yield _("Edges are as exact as their sources drew them: near an edge, ask for the register's own plan.")
