"""Sections that the answers about communities, holders and regions share."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from lindero.app.answers.answer import Column, Section, Table, rest_lines
from lindero.app.answers.changes.changes_answer import changes_answer
from lindero.app.answers.changes.near_place import compare_latest
from lindero.app.answers.changes.register_changes import change_reports, list_registers
from lindero.app.answers.changes.watchlist import WatchedPlace
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import LayerCoverage
from lindero.app.answers.place import near_incidents, place_report
from lindero.app.answers.provenance import current_sources
from lindero.app.text import i18n
from lindero.app.text.codes import title_text, translate_code
from lindero.app.text.dates import format_partial_date, reference_date_text
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import CONCESSIONS

MOST_LISTED = 24  # rows of attacks, or of changes of a register, in a list
Row = Mapping[Hashable, Any]


def concessions_table(con: Connection, pairs: pd.DataFrame, *, lands: bool = False) -> Table:
    """List concessions with the land they overlap: holder, status, dates, hectares, share, certainty, consultations.

    `pairs`: the result of `layers.database.queries.derived_queries.read_overlap_pairs`. For communities it also has
    `consultations`.
    """
    about = map_database.read_layer(con, CONCESSIONS, where={"id": list(pairs["left_id"])}).set_index("id")
    concessions = about.loc[pairs["left_id"]].to_dict("records")
    pairs_and_concessions = list(zip(pairs.to_dict("records"), concessions, strict=True))
    rows = pairs.assign(
        at=[str(row_number) for row_number in range(1, len(pairs) + 1)],
        title=[
            _concession_label(row["left_name"], title["code"], row["left_id"]) for row, title in pairs_and_concessions
        ],
        whose=[
            _value_or_default(row["right_name"], row["right_id"])
            if lands
            else _value_or_default(row["left_holder"], _("name not recorded"))
            for row, _title in pairs_and_concessions
        ],
        state=[concession_state(title) for _row, title in pairs_and_concessions],
        certainty=pairs["certainty"].map(translate_code),
    )
    columns = {
        "at": Column("#", width=0.5),
        "title": Column(_("Concession"), width=2.6),
        "whose": Column(_("Land") if lands else _("Holder"), width=2.4),
        "state": Column(_("Status"), width=2.0),
        "area_ha": Column(_("Shared hectares"), "number", width=1.2),
        "share_of_right": Column(_("Share of the land"), "share", width=1.1),
        "certainty": Column(_("Certainty"), width=1.1),
    }
    if "consultations" in pairs:
        columns["consultations"] = Column(_("Consultations on record"), width=1.7)
    return Table(_("Overlaps, largest first"), columns, rows)


def concession_state(title: Row) -> str:
    """Return the status of a concession and its date."""
    status = translate_code(title["status"])
    if pd.notna(title["granted_on"]):
        return _("{state}; granted on {date}").format(state=status, date=_format_date(title["granted_on"]))
    if pd.notna(title["applied_on"]):
        return _("{state}; applied for on {date}").format(state=status, date=_format_date(title["applied_on"]))
    return _("{state}; date not recorded").format(state=status)


def protected_areas_section(pairs: pd.DataFrame, answer: LayerCoverage) -> Section:
    """List the protected areas that overlap a land. Without any, describe the coverage of the data."""
    title = translate_code("protected_areas")
    if pairs.empty:
        return Section("protected_areas", title, note=coverage_text.none_found_text(answer))
    columns = {
        "right_name": Column(_("Name"), width=3),
        "area_ha": Column(_("Shared hectares"), "number"),
        "share_of_left": Column(_("Share of the land"), "share"),
        "certainty": Column(_("Certainty")),
    }
    rows = pairs.assign(
        right_name=pairs["right_name"].fillna(pairs["right_id"]), certainty=pairs["certainty"].map(translate_code)
    )
    table = Table(_("Overlaps, largest first"), columns, rows)
    return Section("protected_areas", title, table=table, note=coverage_text.partial_coverage_text(answer))


def news_sections(con: Connection, watched: WatchedPlace) -> list[Section]:
    """Return the changes on a land since the previous snapshot of each register, as lines."""
    reports = compare_latest(list_registers(con), lambda since, until: change_reports(con, since=since, until=until)[0])
    sections = changes_answer(con, reports, [watched]).sections
    titles = [_("Latest changes"), *[""] * (len(sections) - 1)]
    return [section.to_lines(title, MOST_LISTED) for title, section in zip(titles, sections, strict=True)]


def attacks_section(rows: Sequence[Mapping[str, Any]], answer: LayerCoverage, km: int) -> Section:
    """List attacks and conflicts near a land. Without any, describe the coverage of the data.

    Locations are never more precise than in a publication.
    """
    title = _("Attacks and conflicts on record within {km} km of its land").format(km=km)
    if not rows:
        absent = _("Attacks or conflicts may have happened without being recorded.")
        return Section("incidents", title, note=f"{coverage_text.none_found_text(answer)} {absent}")
    lines = (
        *(escape_markdown(_format_attack(row)) for row in rows[:MOST_LISTED]),
        *rest_lines(len(rows) - MOST_LISTED),
    )
    coarse = _("As on a published map, places are shown only as a district, a province or a square about 11 km wide.")
    note = " ".join(filter(None, (coarse, coverage_text.partial_coverage_text(answer))))
    return Section("incidents", title, near_incidents.summarize_incidents(rows, km), lines=lines, note=note)


def closing_sections(con: Connection, layers: Sequence[str], limits: Sequence[str]) -> list[Section]:
    """Return the sections on sources, method and limits that end an answer."""
    return [
        Section("sources", _("Sources"), table=_sources_table(con, layers)),
        Section("method", _("Method"), lines=_method_lines()),
        Section("limits", _("What this does not say"), lines=(*limits, *_limits_lines())),
    ]


def _sources_table(con: Connection, layers: Sequence[str]) -> Table:
    columns = {
        "title": Column(_("Source"), width=3),
        "layer": Column(_("Layer"), width=1.6),
        "publisher": Column(_("Publisher"), width=2.2),
        "as_of": Column(_("As of"), width=1.8),
        "retrieved_on": Column(_("Received on"), "date", width=1.6),
    }
    rows = [
        {
            "title": source.title or source.source_id,
            "layer": translate_code(source.layer),
            "publisher": source.publisher,
            "as_of": reference_date_text(source.as_of),
            "retrieved_on": source.retrieved_on,
        }
        for source in current_sources(map_database.read_sources(con), layers)
    ]
    return Table(_("Sources"), columns, pd.DataFrame(rows, columns=list(columns)))


def _method_lines() -> tuple[str, ...]:
    return (
        _("Boundaries are as the sources gave them. Hectares are true areas on the ellipsoid."),
        _("Gross hectares add up the overlaps of each concession; the footprint counts each area once."),
        _(
            "The certain part is what remains if both boundaries move inwards by their accuracies. An overlap "
            "within the margin of error may not exist."
        ),
        _("Changes are found by comparing two snapshots of one register, row by row."),
        _("The commands of Lindero, which is free software, give the same figures from the same files."),
    )


def _limits_lines() -> tuple[str, ...]:
    return (
        _("It does not say whether a concession is lawful or what anyone intends."),
        _(
            "A consultation that is not recorded may have been held. Nor does the missing record mean that "
            "one was required."
        ),
        _("Missing data does not mean that there is nothing: where no source has data, the map cannot know."),
    )


def _format_attack(row: Mapping[str, Any]) -> str:
    return _("{title}, {date}: {where}").format(
        title=_value_or_default(title_text(row["title"]), translate_code("incidents")),
        date=format_partial_date(row["occurred_on"], row["date_precision"]),
        where=place_report.incident_area_text(row),
    )


def _concession_label(name: Any, code: Any, id_: str) -> str:
    named = _value_or_default(name, id_)
    return f"{named} ({code})" if pd.notna(code) and str(code) not in {named, ""} else named


def _value_or_default(value: Any, default: str) -> str:
    return str(value) if value is not None and pd.notna(value) and value != "" else default


def _format_date(value: Any) -> str:
    return i18n.format_long_date(pd.Timestamp(value).date())
