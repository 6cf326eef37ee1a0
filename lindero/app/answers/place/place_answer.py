"""The answer about a place: its communities and concessions, features near it, and attacks.

`PlaceFacts` contains what the map knows of a place. The functions of this module turn it into sections.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lindero.app.answers.answer import Answer, Column, Section, Table, rest_lines
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.invented import short_mark
from lindero.app.answers.place import area_text, near_incidents, place_report
from lindero.app.answers.place.place_report import AREA_LAYERS, Row
from lindero.app.answers.place.topic_search import HOLDER
from lindero.app.text.codes import class_label, translate_code
from lindero.app.text.escape import build_link_key, format_link, remove_links, remove_markup
from lindero.app.text.i18n import _, format_number
from lindero.app.text.substances import substance_text
from lindero.geo.geometry.units import M_PER_KM
from lindero.layers.model.parse_values import is_missing
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, INCIDENTS

if TYPE_CHECKING:
    from lindero.app.answers.coverage.coverage import LayerCoverage
    from lindero.app.answers.overlap.land import Land
    from lindero.app.answers.overlap.named_area import AreaReport
    from lindero.app.answers.place.spot import Spot

NEAREST = 3  # records of each kind named besides those at the place


@dataclass(frozen=True)
class PlaceFacts:
    """The facts of the map about one place.

    `nearby_rows`: the features within the distance (`app.answers.place.nearby.find_nearby_features`), nearest first.
    """

    spot: Spot
    within_km: float
    nearby_rows: Sequence[Row]
    ground: Mapping[str, LayerCoverage]
    around: Mapping[str, LayerCoverage]
    report: AreaReport | None = None
    lands: Mapping[str, Land] = field(default_factory=dict)
    land_coverage: Mapping[str, LayerCoverage] = field(default_factory=dict)
    land_news: tuple[Section, ...] = ()
    is_invented: bool = False

    def filter_layer(self, layer: str) -> list[Row]:
        """Return the rows of a layer, nearest first."""
        return [row for row in self.nearby_rows if row["layer"] == layer]

    def filter_at_place(self, layer: str) -> list[Row]:
        """Return the rows of a layer at the position, or on the area with the largest overlap first."""
        if self.spot.is_approximate:
            return []
        if self.report is None:
            return [row for row in self.filter_layer(layer) if row["distance_m"] == 0]
        by_id = {row["id"]: row for row in self.filter_layer(layer)}
        return [by_id[id_] for id_ in self.report.ids.get(layer, ()) if id_ in by_id]

    @property
    def incidents(self) -> list[Row]:
        """The attacks and conflicts, sorted by the distance of their published area."""
        return sorted(self.filter_layer(INCIDENTS.name), key=lambda row: (row["area_m"], row["id"]))


def place_answer(facts: PlaceFacts, *, most: int, more: Iterable[Section] = ()) -> Answer:
    """Build the answer about a place: finding, concessions, land, `more`, then attacks and conflicts."""
    return Answer(
        facts.spot.name,
        sections=(
            ground_section(facts),
            concessions_section(facts, most),
            land_section(facts, most),
            *more,
            incidents_section(facts, most),
        ),
        message=format_sms(facts),
        long_message=format_message(facts),
    )


def ground_section(facts: PlaceFacts) -> Section:
    """Build the section on the ground at a position, or on an area.

    The note contains the sources and the gaps in the data.
    """
    if facts.spot.is_approximate:
        ground = area_text.summarize_surroundings(facts.nearby_rows, facts.within_km, facts.around)
    elif facts.report is None:
        ground = place_report.describe_ground(facts.nearby_rows, facts.lands, facts.ground)
    else:
        ground = area_text.summarize_area(facts.report, facts.ground)
    return Section("ground", finding=ground.finding, note=ground.besides)


def format_sms(facts: PlaceFacts) -> str:
    """Write the answer for one SMS."""
    answers = {**facts.ground, INCIDENTS.name: facts.around[INCIDENTS.name]}
    mark = short_mark() if facts.is_invented else ""
    km = facts.within_km
    if facts.spot.is_approximate:
        return area_text.format_surroundings_sms(facts.nearby_rows, facts.spot.name, answers, km, mark=mark)
    if facts.report is None:
        return place_report.format_sms(facts.nearby_rows, facts.spot.name, facts.lands, answers, km, mark=mark)
    return area_text.format_sms(facts.report, facts.incidents, answers, km, mark=mark)


def format_message(facts: PlaceFacts) -> str:
    """Write the answer for a message without a limit of length: finding, holders, registers, attacks and conflicts."""
    ground, answer = ground_section(facts), facts.around[INCIDENTS.name]
    counts = [text for text, _size in place_report.count_incidents(facts.incidents, facts.within_km)]
    recorded = _("Attacks and conflicts on record: {counts}").format(counts="; ".join(counts)) if counts else ""
    sentences = (
        short_mark() if facts.is_invented else "",
        f"{facts.spot.name[:1].upper()}{facts.spot.name[1:]}" if facts.report is None else "",
        remove_markup(remove_links(ground.finding)),
        remove_markup(remove_links(ground.note)),
        recorded,
        remove_markup(coverage_text.partial_coverage_text(answer) if counts else coverage_text.none_found_text(answer)),
    )
    return place_report.join_sentences(*sentences)


def concessions_section(facts: PlaceFacts, most: int) -> Section:
    """List the concessions at a place; the note contains the nearest ones."""
    at_place = facts.filter_at_place("concessions")
    lines = (*map(place_report.format_concession, at_place[:most]), *rest_lines(len(at_place) - most))
    return Section("concessions", _("Who holds the concessions"), lines=lines, note=_nearest_text(facts, "concessions"))


def land_section(facts: PlaceFacts, most: int) -> Section:
    """List the communities and protected areas at a place; the note contains the nearest ones."""
    communities, areas = facts.filter_at_place("communities"), facts.filter_at_place("protected_areas")
    lines = (
        *(
            place_report.format_community(row, facts.lands.get(row["id"]), facts.land_coverage.get(row["id"]))
            for row in communities[:most]
        ),
        *rest_lines(len(communities) - most),
        *map(place_report.format_protected_area, areas[:most]),
        *rest_lines(len(areas) - most),
    )
    note = " ".join(filter(None, (_nearest_text(facts, layer) for layer in ("communities", "protected_areas"))))
    return Section("land", _("Whose land"), lines=lines, note=note)


def incidents_section(facts: PlaceFacts, most: int, shown: Sequence[Row] | None = None) -> Section:
    """List the attacks and conflicts near a place, and describe the coverage of the data.

    Only those among the rows `shown` are listed, if these are given. All are counted.
    """
    ids = None if shown is None else {row["id"] for row in shown if row["layer"] == INCIDENTS.name}
    rows = facts.incidents
    more = (_link_to_all(line, facts.spot) for line in rest_lines(len(rows) - most))
    title = _("Attacks and conflicts on record within {km} km").format(km=format_number(facts.within_km))
    section = attacks_section(rows, facts.around[INCIDENTS.name], facts.within_km, most=most, title=title, more=more)
    if ids is None:
        return section
    return replace(section, lines=tuple(place_report.format_incident(row) for row in rows if row["id"] in ids))


def attacks_section(
    rows: Sequence[Mapping[Any, Any]],
    answer: LayerCoverage,
    within_km: float,
    *,
    most: int,
    title: str,
    more: Iterable[str] = (),
) -> Section:
    """List attacks and conflicts near a place or a land. Without any, explain what that means.

    `more`: lines that follow the first `most` rows.
    """
    if not rows:
        return Section(
            "incidents", title, note=f"{coverage_text.none_found_text(answer)} {place_report.no_proof_text()}"
        )
    return Section(
        "incidents",
        title,
        near_incidents.summarize_incidents(rows, within_km),
        lines=(*map(place_report.format_incident, rows[:most]), *more),
        note=coverage_text.partial_coverage_text(answer),
    )


def near_section(facts: PlaceFacts, shown: Sequence[Row] | None = None) -> Section:
    """List the features near a place, nearest first. For a layer without any, describe its coverage there.

    Only features among the rows `shown` are listed, if these are given. A hidden feature is not absent.
    """
    rows = facts.nearby_rows if shown is None else shown
    nearby_rows = [row for row in rows if row["layer"] in AREA_LAYERS]
    if facts.spot.is_approximate:
        nearby_rows = [{**row, "distance_m": None, "direction": None} for row in nearby_rows]
    else:
        nearby_rows = [row for row in nearby_rows if row["distance_m"]]
    absent = [layer for layer in AREA_LAYERS if not facts.filter_layer(layer)]
    return Section(
        "near",
        _("Within {km} km, nearest first").format(km=format_number(facts.within_km)),
        table=_near_table(nearby_rows) if nearby_rows else None,
        note=" ".join(coverage_text.none_found_text(facts.around[layer]) for layer in absent),
    )


def _near_table(rows: Sequence[Row]) -> Table:
    import pandas as pd

    return Table(
        _("Here and nearby, nearest first"),
        {
            "name": Column(_("Name"), link="page"),
            "km": Column(_("Distance (km)"), "number", note="off"),
            "what": Column(_("What"), note="substance"),
            "area_ha": Column(_("Hectares"), "number"),
            "holder": Column(_("Holder"), link="holder_page"),
            "status": Column(_("Status")),
            "since": Column(_("Granted or applied for"), "date"),
            "direction": Column(_("Direction")),
        },
        pd.DataFrame([_near_row(row) for row in rows]),
    )


def _near_row(row: Row) -> dict[str, Any]:
    values: dict[str, Any] = {name: None if is_missing(value) else value for name, value in row.items()}
    holder = values["holder"] or ""
    return {
        "name": values["name"] or values["title"] or values["id"],
        "page": build_link_key(values["layer"], values["id"]),
        "km": None if values["distance_m"] is None else round(values["distance_m"] / M_PER_KM, 1),
        "off": _format_accuracy(values["distance_accuracy_m"]),
        "what": class_label(values["kind"] if values["layer"] == "concessions" else values["layer"]),
        "substance": substance_text(values["substance"] or ""),
        "area_ha": values["area_ha"],
        "holder": holder,
        "holder_page": build_link_key(HOLDER, holder),
        "status": translate_code(values["status"]) if values["status"] else None,
        "since": values["granted_on"] or values["applied_on"],
        "direction": translate_code(values["direction"]) if values["direction"] else None,
    }


def _format_accuracy(metres: float | None) -> str:
    return _("± not known") if metres is None else _("± {m} m").format(m=format_number(metres))


def _nearest_text(facts: PlaceFacts, layer: str) -> str:
    """Return the nearest features of a layer with distance and direction, or a sentence that there are none."""
    if facts.spot.is_approximate:  # the distance is not known
        return ""
    rows = facts.filter_layer(layer)
    named: dict[object, Row] = {}
    for row in rows:  # an area of several polygons is named once
        if row["distance_m"]:
            named.setdefault(row["id"] if layer == CONCESSIONS.name or not row["name"] else row["name"], row)
    nearest = list(named.values())[:NEAREST]
    if nearest:
        names = "; ".join(map(place_report.format_nearby, nearest))
        return _("Nearest {kinds}: {names}.").format(kinds=coverage_text.layer_noun(layer), names=names)
    return "" if rows else coverage_text.none_found_text(facts.around[layer])


def _link_to_all(text: str, spot: Spot) -> str:
    """Format a text as a link to all incidents of the community, or of the whole map."""
    if spot.area is not None and spot.area.layer == COMMUNITIES.name:
        return format_link(text, COMMUNITIES.name, spot.area.ids[0])
    return format_link(text, INCIDENTS.name, "")
