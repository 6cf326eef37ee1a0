"""
The answer about a place: whose ground it is, what lies near, what is new, who was attacked.

`PlaceFacts` are what a map knows of a place, gathered once by whoever asks; here they become sections.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lindero.app.answers.answer import Answer, Column, Section, Table, not_listed
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.place import area_text, near_incidents, place_report
from lindero.app.answers.place.place_report import GROUND, Row
from lindero.app.answers.place.topic_search import HOLDER
from lindero.app.output import symbols
from lindero.app.text.codes import word
from lindero.app.text.escape import key, link
from lindero.app.text.i18n import _, number
from lindero.app.text.substances import substance_text
from lindero.geo.geometry.units import M_PER_KM
from lindero.layers.model.parse_values import is_missing
from lindero.layers.model.schema import COMMUNITIES, INCIDENTS

if TYPE_CHECKING:
    from lindero.app.answers.coverage.coverage import LayerCoverage
    from lindero.app.answers.overlap.land import Land
    from lindero.app.answers.overlap.named_area import AreaReport
    from lindero.app.answers.place.spot import Spot

NEAREST = 3  # records of each kind that are named beside those at the place itself


@dataclass(frozen=True)
class PlaceFacts:
    """
    What a map knows of a place.

    Attributes
    ----------
    found
        What is within the distance (`app.answers.place.nearby.nearby`), nearest first.
    ground, around
        What can be said of each layer at the place itself, and within the distance.
    report
        What is on an area that was asked for by name; None of a position.
    lands, land_coverage
        Of the communities at a position, by id: the concessions on their land, and what can be said of them there.
    """

    spot: Spot
    within_km: float
    found: Sequence[Row]
    ground: Mapping[str, LayerCoverage]
    around: Mapping[str, LayerCoverage]
    report: AreaReport | None = None
    lands: Mapping[str, Land] = field(default_factory=dict)
    land_coverage: Mapping[str, LayerCoverage] = field(default_factory=dict)

    def near(self, layer: str) -> list[Row]:
        """Return the rows of a layer, nearest first."""
        return [row for row in self.found if row["layer"] == layer]

    def here(self, layer: str) -> list[Row]:
        """Return the rows of a layer at the place itself, or on the area, its largest overlap first."""
        if self.report is None:
            return [row for row in self.near(layer) if row["distance_m"] == 0]
        by_id = {row["id"]: row for row in self.near(layer)}
        return [by_id[id_] for id_ in self.report.ids.get(layer, ()) if id_ in by_id]

    @property
    def incidents(self) -> list[Row]:
        """The attacks and conflicts, those first whose published area is nearest."""
        return sorted(self.near(INCIDENTS.name), key=lambda row: (row["area_m"], row["id"]))


def place_answer(facts: PlaceFacts, *, most: int, more: Iterable[Section] = ()) -> Answer:
    """
    Compose the answer: the finding, whose concessions, whose land, `more`, then attacks and conflicts.

    Parameters
    ----------
    most
        How many rows of a layer are listed; then it is said how many more there are.
    """
    return Answer(
        facts.spot.name,
        sections=(
            ground_section(facts),
            concessions_section(facts, most),
            land_section(facts, most),
            *more,
            incidents_section(facts, most),
        ),
        message=message(facts),
    )


def ground_section(facts: PlaceFacts) -> Section:
    """Return whose ground a place is, or what is on an area; in the note, by which sources and what is not known."""
    if facts.report is None:
        ground = place_report.ground(facts.found, facts.lands, facts.ground)
    else:
        ground = area_text.finding(facts.report, facts.ground)
    return Section("ground", finding=ground.finding, note=ground.besides)


def message(facts: PlaceFacts) -> str:
    """Write the answer for one SMS."""
    answers = {**facts.ground, INCIDENTS.name: facts.around[INCIDENTS.name]}
    if facts.report is None:
        return place_report.message(facts.found, facts.spot.name, facts.lands, answers)
    return area_text.message(facts.report, len(facts.near(INCIDENTS.name)), answers)


def concessions_section(facts: PlaceFacts, most: int) -> Section:
    """List the concessions at a place, with the nearest in the note."""
    here = facts.here("concessions")
    lines = (*map(place_report.concession, here[:most]), *not_listed(len(here) - most))
    return Section("concessions", _("Whose concessions"), lines=lines, note=_nearest(facts, "concessions"))


def land_section(facts: PlaceFacts, most: int) -> Section:
    """List the communities and protected areas at a place, with the nearest in the note."""
    communities, areas = facts.here("communities"), facts.here("protected_areas")
    lines = (
        *(
            place_report.community(row, facts.lands.get(row["id"]), facts.land_coverage.get(row["id"]))
            for row in communities[:most]
        ),
        *not_listed(len(communities) - most),
        *map(place_report.protected_area, areas[:most]),
        *not_listed(len(areas) - most),
    )
    note = " ".join(filter(None, (_nearest(facts, layer) for layer in ("communities", "protected_areas"))))
    return Section("land", _("Whose land"), lines=lines, note=note)


def incidents_section(facts: PlaceFacts, most: int) -> Section:
    """List the attacks and conflicts near a place, and say how much of it the map has data of."""
    rows = facts.incidents
    more = (_link_to_all(line, facts.spot) for line in not_listed(len(rows) - most))
    title = _("Attacks and conflicts on record within {km} km").format(km=number(facts.within_km))
    return attacks_section(rows, facts.around[INCIDENTS.name], facts.within_km, most=most, title=title, more=more)


def attacks_section(
    rows: Sequence[Mapping[Any, Any]],
    answer: LayerCoverage,
    within_km: float,
    *,
    most: int,
    title: str,
    more: Iterable[str] = (),
) -> Section:
    """
    List attacks and conflicts near a place or a land; of none, say what that means.

    Parameters
    ----------
    more
        Said after the first `most`.
    """
    if not rows:
        return Section("incidents", title, note=f"{coverage_text.none(answer)} {place_report.not_proof()}")
    return Section(
        "incidents",
        title,
        near_incidents.summary(rows, within_km),
        lines=(*map(place_report.incident, rows[:most]), *more),
        note=coverage_text.partly(answer),
    )


def near_section(facts: PlaceFacts) -> Section:
    """List what lies near a place, the closest first; of what was not found, say whether the map has data there."""
    away = [row for row in facts.found if row["layer"] in GROUND and row["distance_m"]]
    absent = [layer for layer in GROUND if not any(row["layer"] == layer for row in away)]
    return Section(
        "near",
        _("Within {km} km, closest first").format(km=number(facts.within_km)),
        table=_near_table(away) if away else None,
        note=" ".join(coverage_text.none(facts.around[layer]) for layer in absent),
    )


def _near_table(rows: Sequence[Row]) -> Table:
    import pandas as pd

    return Table(
        _("What is here and near, nearest first"),
        {
            "name": Column(_("Name"), link="page"),
            "km": Column(_("Distance (km)"), "number", note="off"),
            "what": Column(_("What"), note="substance"),
            "area_ha": Column(_("Hectares"), "number"),
            "holder": Column(_("Holder"), link="holder_page"),
            "status": Column(_("State")),
            "since": Column(_("Granted or applied for"), "date"),
            "direction": Column(_("Where")),
        },
        pd.DataFrame([_near_row(row) for row in rows]),
    )


def _near_row(row: Row) -> dict[str, Any]:
    known: dict[str, Any] = {name: None if is_missing(value) else value for name, value in row.items()}
    holder = known["holder"] or ""
    return {
        "name": known["name"] or known["title"] or known["id"],
        "page": key(known["layer"], known["id"]),
        "km": round(known["distance_m"] / M_PER_KM, 1),
        "off": _accuracy(known["distance_accuracy_m"]),
        "what": symbols.label(known["kind"] if known["layer"] == "concessions" else known["layer"]),
        "substance": substance_text(known["substance"] or ""),
        "area_ha": known["area_ha"],
        "holder": holder,
        "holder_page": key(HOLDER, holder),
        "status": word(known["status"]) if known["status"] else None,
        "since": known["granted_on"] or known["applied_on"],
        "direction": word(known["direction"]) if known["direction"] else None,
    }


def _accuracy(metres: float | None) -> str:
    return _("± not known") if metres is None else _("± {m} m").format(m=number(metres))


def _nearest(facts: PlaceFacts, layer: str) -> str:
    """Return the nearest of a layer round the place, with distance and direction, or that there is none at all."""
    rows = facts.near(layer)
    away = [place_report.at_distance(row) for row in rows if row["distance_m"]][:NEAREST]
    if away:
        return _("Nearest: {names}.").format(names="; ".join(away))
    return "" if rows else coverage_text.none(facts.around[layer])


def _link_to_all(text: str, spot: Spot) -> str:
    """Return a text as a link to all incidents near: of the community, or of the whole map."""
    if spot.area is not None and spot.area.layer == COMMUNITIES.name:
        return link(text, COMMUNITIES.name, spot.area.ids[0])
    return link(text, INCIDENTS.name, "")
